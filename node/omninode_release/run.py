"""One invocation from request to result: the spec's ten steps, in order.

``Run.carry_out`` and ``Run._release`` are the numbered list; everything they call either looks
(scan, plan) or acts through the engine. Nothing is modified before the gate let the plan through.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import TextIO

from omninode_release.adapters.git import Git
from omninode_release.configuration import config_digest
from omninode_release.engine import Engine, repo_state
from omninode_release.errors import CommandFailed, ErrorCode, ReleaseError
from omninode_release.eventlog import EventLog
from omninode_release.events import Note, PlanReady, both
from omninode_release.files import Lock
from omninode_release.gate.attestation import check_token
from omninode_release.gate.keeper import Gatekeeper, Passed, gatekeeper
from omninode_release.invocation import Invocation, begun, importing
from omninode_release.models.phase import Phase, PhaseState
from omninode_release.models.plan import Plan, PlanStatus
from omninode_release.models.result import ResultStatus
from omninode_release.models.state import Approval, GateRecord, RepoState, RunState
from omninode_release.outcome import Outcome, run_status
from omninode_release.phases.base import Index
from omninode_release.phases.staleness import late_commits
from omninode_release.phases.traces import remove_traces
from omninode_release.store import Journal
from omninode_release.text.summary_message import summary_message
from omninode_release.wiring import World, require_tools

_EXIT_TERMINATED = 128 + 15  # as a shell reports SIGTERM
_STALE_AFTER = timedelta(hours=24)


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
        require_tools(self.call.programs, self.call.places.omni_home, self.call.config)
        earlier, asked = (before.approvals, before.gate) if before else ((), None)
        with importing("jsonschema"):
            facts = self.call.scan().fetched(self.call.targets())
        self.call.plan = self.call.planned(facts)
        self.call.report(PlanReady(self.call.plan, "remotes"))
        self._refuse_errors(self.call.plan)
        if self.call.plan.remaining:
            self._keeper.require_somebody()
            self._require_identity(self.call.plan)
            world = self._world()
            for row in self.call.plan.remaining:
                world.require_forge(row.repo)
            self._require_free_versions(self.call.plan, world.index)
            passed = self._by_token(self.call.plan, earlier, asked)  # before the state is touched
            self.call.state = self._begun(self.call.plan, earlier, asked)
            self.call.store.save(self.call.state)
            self._pass_gate(self.call.plan, passed, asked)
            self._look_at_bases_again(self.call.plan)
        if self.call.state is None:
            return self.call.outcome(ResultStatus.SUCCESS)
        # Without a gate nothing is left to release: a run that died before it was archived.
        self.call.state = self.call.state.model_copy(update={"plan": self.call.plan})
        self._execute(self.call.state)
        return self._finish(self.call.state)

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

    def _refuse_errors(self, plan: Plan) -> None:
        if plan.errors:
            first, *others = plan.errors
            text = f"{first.repo}: {first.error}"
            code = first.error_code or ErrorCode.SCAN_FAILED
            also = "".join(f" {row.repo}: {row.error_code}, see the plan." for row in others)
            error = ReleaseError.of_text(code, text)
            raise ReleaseError(code, error.message + also, hint=error.hint)

    def _require_identity(self, plan: Plan) -> None:
        """Find out before the gate whether git can commit, tag and sign here."""
        for row in plan.remaining:
            git = self._git(row.repo)
            try:
                git.identity()
                if git.flag("commit.gpgSign") or git.flag("tag.gpgSign"):
                    git.try_signing(f"{row.base_sha}^{{tree}}")
            except CommandFailed as error:
                raise ReleaseError(
                    ErrorCode.COMMIT_FAILED,
                    f"git cannot make a commit in {git.path}: {error.last_words}",
                    hint=f"git -C {git.path} config user.name NAME (and user.email, or the signing"
                    " key)",
                ) from error

    def _require_free_versions(self, plan: Plan, index: Index) -> None:
        """Raise VERSION_INVALID for a version that the index has already: it cannot be ours."""
        state = self.call.state
        for row in plan.remaining:
            if state is not None and row.repo in state.repos and begun(state.repos[row.repo]):
                continue
            name, version = row.distribution or row.repo, row.versions[1]
            answer = index.look(name, version)
            if answer.state == "unknown":
                trouble = answer.note or "the index could not be asked"
                self.call.report(Note(f"{row.repo}: unknown whether {version} is free: {trouble}"))
            elif answer.state != "absent":
                raise ReleaseError(
                    ErrorCode.VERSION_INVALID,
                    f"{row.repo}: expected {name} {version} to be free on the package index, found"
                    f" {', '.join(answer.files)}.",
                    hint=f"raise the version in pyproject.toml of {row.repo} above {version} on the"
                    " base branch",
                )

    def _git(self, repo: str) -> Git:
        return self.call.scan().git(repo)

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
        world = self._world()
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

    def _world(self) -> World:
        return World(
            config=self.call.config,
            places=self.call.places,
            programs=self.call.programs,
            clock=self.call.clock,
            report=self.call.report,
            clone=lambda repo: self._git(repo).path,
            skip_pypi_wait=self.call.request.skip_pypi_wait,
            pypi_minutes=self.call.request.pypi_timeout_minutes,
            index_url=self.call.environ.get("OMNI_RELEASE_INDEX_URL") or self.call.config.index_url,
        )

    def _execute(self, state: RunState) -> None:
        world = self._world()
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
        world = self._world()
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
