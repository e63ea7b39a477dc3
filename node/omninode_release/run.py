"""One invocation from request to result: the spec's ten steps, in order.

``Run.carry_out`` and ``Run._release`` are the numbered list; everything they call either looks
(scan, plan) or acts through the engine. Nothing is modified before the gate let the plan through.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TextIO

from omninode_release.configuration import config_digest
from omninode_release.engine import Engine, repo_state
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.eventlog import EventLog
from omninode_release.events import GatePassed, Note, PlanReady, both
from omninode_release.files import Lock
from omninode_release.gate.attestation import check_token
from omninode_release.gate.keeper import Gatekeeper, Passed, gatekeeper
from omninode_release.invocation import Invocation, begun, importing
from omninode_release.models.check import Check
from omninode_release.models.phase import Phase, PhaseState
from omninode_release.models.plan import Plan, PlanStatus
from omninode_release.models.result import ResultStatus
from omninode_release.models.state import Approval, GateRecord, RepoState, RunState
from omninode_release.outcome import Outcome, run_status
from omninode_release.phases.staleness import late_commits
from omninode_release.phases.traces import remove_traces
from omninode_release.preflight import Preflight, concerned, judged, refusal
from omninode_release.store import Journal
from omninode_release.text.summary_message import summary_message


@dataclass
class Run:
    """A release, carried out for one invocation."""

    call: Invocation
    stdin: TextIO
    stdout: TextIO
    last_words: str = ""
    """What the program printed that a repository failed with."""

    def carry_out(self) -> Outcome:
        """Do what the request asks; every way it can end is an Outcome."""
        events = EventLog(self.call.places.events(self.call.run_id), self.call.clock)
        self.call.report = both(self.call.report, events)
        with contextlib.closing(events):
            outcome = self.call.ended(self._begin, self._ended_by)
            with contextlib.suppress(KeyboardInterrupt):  # all is said and done
                self._announce(outcome)
        return outcome

    def _begin(self) -> Outcome:
        if self.call.request.gate_attestation is not None:
            check_token(self.call.request.gate_attestation, self.call.run_id)
        self._keeper.require()
        journal = Journal(self.call.places.journal(self.call.run_id), self.call.clock)
        self.call.programs = replace(
            self.call.programs,
            journal=journal,
            secrets=(*self.call.programs.secrets, *self._keeper.secrets),
        )
        wait = self.call.config.timeouts.orphan_seconds
        with (
            contextlib.closing(journal),
            self.call.store.locked(self.call.run_id, wait_seconds=wait) as lock,
        ):
            # However it ends is written down before the lock is let go: whoever waits for it
            # reads the last word, and is never overwritten.
            return self.call.ended(lambda: self._release(lock), self._ended_by)

    def _release(self, lock: Lock) -> Outcome:
        self.call.programs = replace(self.call.programs, keep_fds=(lock.fd,))
        self.call.state = self.call.resumed() if self.call.request.resume else None
        before = self.call.state or self._unstarted()
        earlier, asked = (before.approvals, before.gate) if before else ((), None)
        self.call.plan = plan = self._checked_plan()
        if plan.remaining:
            passed = self._by_token(plan, earlier, asked)  # before the state is touched
            self.call.state = self._begun(plan, earlier, asked)
            self.call.store.save(self.call.state)
            self._pass_gate(plan, passed, asked)
            self._look_at_bases_again(plan)
        if self.call.state is None:
            return self.call.outcome(ResultStatus.SUCCESS)
        # Without a gate nothing is left to release: a run that died before it was archived.
        self.call.state = self.call.state.model_copy(update={"plan": plan})
        self._execute(self.call.state)
        return self._finish(self.call.state)

    def _checked_plan(self) -> Plan:
        """The plan, shown; raises for all that a run of it would lack, at once."""
        flight = Preflight(self.call)
        checks = flight.tools()
        if checks[0].state == "failed":  # without git there is nothing to look at
            self._refuse(Plan(run_id=self.call.run_id, entries=()), checks)
        with importing("jsonschema"):
            facts = self.call.scan().fetched(self.call.targets())
        plan = self.call.planned(facts)
        if plan.remaining or plan.errors:
            checks += flight.of(concerned(plan), remote=facts, more=[self._somebody])
            plan = judged(plan, checks)
        self.call.plan = plan
        self.call.report(PlanReady(plan, "remotes"))
        if plan.remaining or plan.errors:
            self._refuse(plan, checks)
        return plan

    def _refuse(self, plan: Plan, checks: list[Check]) -> None:
        error = refusal(plan, checks)
        if error is not None:
            raise error

    def _somebody(self) -> list[Check]:
        """Whether there is a terminal to ask at, where nobody is asked elsewhere."""
        try:
            self._keeper.require_somebody()
        except ReleaseError as error:
            return [
                Check("gate", "terminal", "failed", error.message, error.hint or "", error.code)
            ]
        return []

    def _unstarted(self) -> RunState | None:
        """The run of the same id that came no further than the gate. Raises RUN_EXISTS."""
        if self.call.request.run_id and self.call.store.archived(self.call.run_id):
            raise ReleaseError(
                ErrorCode.RUN_EXISTS,
                f"the run {self.call.run_id} is complete already.",
                hint="choose another --run-id, or leave it out",
            )
        if not self.call.store.exists(self.call.run_id):
            return None
        state = self.call.loaded()
        started = sorted(repo for repo, each in state.repos.items() if begun(each))
        if started:
            raise ReleaseError(
                ErrorCode.RUN_EXISTS,
                f"the run {self.call.run_id} exists and has begun with {', '.join(started)}.",
                hint=f"omni-release --resume {self.call.run_id}, or choose another --run-id",
            )
        return state

    # State and gate.

    def _begun(
        self, plan: Plan, earlier: tuple[Approval, ...], asked: GateRecord | None
    ) -> RunState:
        """The state as the run goes into the gate: nothing new is approved yet."""
        before = self.call.state.repos if self.call.state else {}
        repos: dict[str, RepoState] = {}
        for row in plan.entries:
            known = before.get(row.repo)
            if known is not None and begun(known):
                repos[row.repo] = known
            elif row.status is PlanStatus.RELEASE:
                repos[row.repo] = repo_state(row, approved_hash=None, before=known)
        changes = {
            "updated_at": self.call.clock.now(),
            "plan_hash": plan.plan_hash,
            "status": "in_progress",
            "repos": repos,
            "plan": plan,
            "gate": self._keeper.record(plan, asked, self.call.clock.now()),
            "approvals": earlier,
            "warnings": self.call.warnings,
            "error": None,
            "error_code": None,
        }
        if self.call.state is not None:
            return self.call.state.model_copy(update=changes)
        return RunState.model_validate(
            {
                **changes,
                "run_id": self.call.run_id,
                "started_at": self.call.started_at,
                "targets": self.call.targets(),
                "bump_override": self.call.request.bump,
                "ticket": self.call.request.ticket,
                "context_id": self.call.context_id(),
                "omni_home": str(self.call.places.omni_home),
                "config_digest": config_digest(self.call.config),
            }
        )

    @cached_property
    def _keeper(self) -> Gatekeeper:
        return gatekeeper(
            self.call.config,
            run_id=self.call.run_id,
            token=self.call.request.gate_attestation,
            environ=self.call.environ,
            clock=self.call.clock,
            report=self.call.report,
            stdin=self.stdin,
            stdout=self.stdout,
        )

    def _by_token(
        self, plan: Plan, earlier: tuple[Approval, ...], asked: GateRecord | None
    ) -> Passed | None:
        """What the token lets through, if there is one. Raises INVALID_GATE_TOKEN."""
        if self.call.request.gate_attestation is None:
            return None
        passed = self._keeper.by_token(self.call.request.gate_attestation, plan, earlier, asked)
        if passed.warning:
            self.call.warnings = (*self.call.warnings, passed.warning)
            self.call.report(Note(passed.warning))
        return passed

    def _pass_gate(self, plan: Plan, passed: Passed | None, asked: GateRecord | None) -> None:
        """Let the plan through, or raise; who decided is recorded either way."""
        try:
            passed = passed or self._keeper.by_asking(plan, asked, self._posted)
        except ReleaseError as error:
            decision = {ErrorCode.GATE_REJECTED: "rejected", ErrorCode.GATE_TIMEOUT: "timeout"}
            self._record_gate(decision=decision.get(error.code, "pending"))
            raise
        self._approve(plan, passed.approval)
        self._record_gate(decision="approved", approver=passed.approver, posted_ts=passed.posted_ts)
        token = self.call.request.gate_attestation
        by = f"token {token}" if token else passed.approver or "nobody named"
        self.call.report(GatePassed(by, plan.plan_hash))

    def _posted(self, ts: str) -> None:
        """Write down where the question stands, before anybody can answer it."""
        self._record_gate(posted_ts=ts)

    def _approve(self, plan: Plan, approval: Approval) -> None:
        """Record which rows are approved; each keeps the first hash it was approved under."""
        approvals = self._state.approvals
        if approval not in approvals:
            approvals = (*approvals, approval)
        repos = dict(self._state.repos)
        for row in plan.remaining:
            first = next(a for a in approvals if a.rows.get(row.repo) == row.digest())
            repos[row.repo] = repos[row.repo].model_copy(update={"approved_hash": first.plan_hash})
        self.call.state = self._state.model_copy(
            update={
                "approvals": approvals,
                "repos": repos,
                "plan_hash": approval.plan_hash,
                "gate_token": approval.token or self._state.gate_token,
            }
        )

    def _record_gate(self, **changes: str | None) -> None:
        state, now = self._state, self.call.clock.now()
        if state.gate is not None:
            at = {"at": now} if "decision" in changes else {}
            gate = state.gate.model_copy(update=changes | at)
            self.call.state = state.model_copy(update={"gate": gate, "updated_at": now})
            self.call.store.save(self.call.state)

    def _announce(self, outcome: Outcome) -> None:
        """Tell the channel how a run went that the gate had let through; trouble is a note."""
        gate = self.call.state.gate if self.call.state else None
        interrupted = outcome.result.error_code is ErrorCode.INTERRUPTED
        if gate is None or gate.decision != "approved" or interrupted:
            return
        trouble = self._keeper.announce(summary_message(outcome.result))
        if trouble is not None:
            self.call.report(Note(f"the summary was not posted: {trouble}"))

    def _look_at_bases_again(self, plan: Plan) -> None:
        """Raise PLAN_STALE when a base branch moved while the gate was open."""
        world = self.call.world
        for row in plan.remaining:
            if not begun(self._state.repos[row.repo]):
                step, ctx = world(self._state, row, Phase.WORKTREE)
                tip = ctx.clone.fetch(step.base)
                late_commits(step, replace(ctx, report=lambda _: None), tip)

    @property
    def _state(self) -> RunState:
        if self.call.state is None:
            raise ValueError("the run has no state yet")
        return self.call.state

    # Execute, clean up, finish.

    def _execute(self, state: RunState) -> None:
        world = self.call.world
        world.index_folder.mkdir(parents=True, exist_ok=True)
        engine = Engine(
            state, self.call.contract, self.call.store, self.call.clock, self.call.report, world
        )
        try:
            engine.execute()
        finally:
            self.call.state = engine.state
            self.last_words = engine.failure.detail if engine.failure else ""

    def _finish(self, state: RunState) -> Outcome:
        state = self.call.state or state
        self._clean_up(state)
        status = run_status(state)
        state = state.model_copy(update={"status": status, "updated_at": self.call.clock.now()})
        if status == "completed":
            self.call.state = state
            self.call.store.save(state)
            outcome = self.call.outcome(ResultStatus.SUCCESS)
            self.call.store.archive(state)
            return outcome
        raise self._first_failure(state)

    def _first_failure(self, state: RunState) -> ReleaseError:
        for name, repo in state.repos.items():
            if repo.error_code not in {None, ErrorCode.TIER_BLOCKED}:
                code = repo.error_code or ErrorCode.INTERNAL_ERROR
                return ReleaseError.of_text(code, f"{name}: {repo.error}", detail=self.last_words)
        return ReleaseError(
            ErrorCode.INTERNAL_ERROR, "the run ended with work left and no failure."
        )

    def _clean_up(self, state: RunState) -> None:
        """Remove worktrees and branches of finished repositories; trouble there is only a note."""
        world = self.call.world
        for row in state.plan.entries:
            repo = state.repos.get(row.repo)
            if repo is None or repo.phase is not PhaseState.DONE:
                continue
            try:
                remove_traces(*world(state, row, Phase.PUBLISH))
            except ReleaseError as error:
                self.call.report(
                    Note(f"{row.repo}: clean-up left something behind: {error.message}")
                )
        folder = self.call.places.worktrees / "release" / state.run_id
        with contextlib.suppress(OSError):
            folder.rmdir()

    # Ending.

    def _ended_by(self, error: ReleaseError) -> Outcome:
        spec = self.call.contract.error(error.code)
        if self.call.state is not None and spec.state_status in {"failed", "partial"}:
            self.call.state = self.call.state.model_copy(
                update={
                    "status": run_status(self.call.state),
                    "updated_at": self.call.clock.now(),
                    "error": error.text,
                    "error_code": error.code,
                }
            )
            with contextlib.suppress(OSError):  # a full disk may be what it ended by
                self.call.store.save(self.call.state)
        return self.call.failed(error)
