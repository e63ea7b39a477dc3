"""One invocation from request to result: the spec's ten steps, in order.

``Run.carry_out`` and ``Run._release`` are the numbered list; everything they call either looks
(scan, plan) or acts through the engine. Nothing is modified before the gate let the plan through.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TextIO

from omninode_release.console.event_log import EventLog
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import Note, PlanReady, shielded
from omninode_release.gate.attestation import check_token
from omninode_release.gate.keeper import gatekeeper
from omninode_release.models.check import Check
from omninode_release.models.phase import Phase, PhaseState
from omninode_release.models.plan import Plan
from omninode_release.models.result import ResultStatus
from omninode_release.models.state import RunState
from omninode_release.phases.shared.clean_up import remove_traces
from omninode_release.phases.shared.late_commits import late_commits
from omninode_release.release.approval import Passage
from omninode_release.release.engine import Engine
from omninode_release.release.preflight import Preflight, concerned, judged, refusal
from omninode_release.release.result import Outcome, run_status
from omninode_release.release.session import Invocation, begun, importing
from omninode_release.release.store import Journal
from omninode_release.system.files import Lock


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
        self.call.report = self.call.report.also(events)
        with contextlib.closing(events):
            outcome = self.call.ended(self._begin, self._ended_by)
            with contextlib.suppress(KeyboardInterrupt):  # all is said and done
                self._passage.announce(outcome)
        return outcome

    def _begin(self) -> Outcome:
        if self.call.request.gate_attestation is not None:
            check_token(self.call.request.gate_attestation, self.call.run_id)
        self._passage.keeper.require()
        journal = Journal(self.call.places.journal(self.call.run_id), self.call.clock)
        self.call.programs = replace(
            self.call.programs,
            journal=shielded(journal),
            secrets=(*self.call.programs.secrets, *self._passage.keeper.secrets),
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
            passed = self._passage.by_token(plan, earlier, asked)  # before the state is touched
            self.call.state = self._passage.state_before(plan, earlier, asked)
            self.call.store.save(self.call.state)
            self._passage.pass_through(plan, passed, asked)
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
            facts = self.call.scan().fetch(self.call.targets())
        plan = self.call.planned(facts)
        if plan.remaining or plan.errors:
            checks += flight.of(concerned(plan), remote=facts, more=[self._passage.somebody])
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

    def _look_at_bases_again(self, plan: Plan) -> None:
        """Raise PLAN_STALE when a base branch moved while the gate was open."""
        world = self.call.world
        for row in plan.remaining:
            if not begun(self.call.begun_state.repos[row.repo]):
                step, ctx = world(self.call.begun_state, row, Phase.WORKTREE)
                tip = ctx.clone.fetch(step.base)
                late_commits(step, replace(ctx, report=lambda _: None), tip)

    @cached_property
    def _passage(self) -> Passage:
        keeper = gatekeeper(
            self.call.config,
            run_id=self.call.run_id,
            token=self.call.request.gate_attestation,
            environ=self.call.environ,
            clock=self.call.clock,
            report=self.call.report,
            stdin=self.stdin,
            stdout=self.stdout,
        )
        return Passage(self.call, keeper)

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
