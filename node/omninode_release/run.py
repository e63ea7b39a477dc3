"""One invocation from request to result: the spec's ten steps, in order.

``Run.carry_out`` and ``Run._release`` are the numbered list; everything they call either looks
(scan, plan) or acts through the engine. Nothing is modified before the gate let the plan through.
"""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import TextIO

from omninode_release.adapters.git import Git
from omninode_release.clock import Clock
from omninode_release.configuration import config_digest
from omninode_release.engine import Engine, repo_state
from omninode_release.errors import CommandFailed, ErrorCode, ReleaseError
from omninode_release.events import Note, PlanReady, Report
from omninode_release.files import Lock, Places, atomic_write_shared
from omninode_release.gate.attestation import check_token
from omninode_release.gate.keeper import Gatekeeper, Passed, gatekeeper
from omninode_release.models.config import REMEMBERED_KEYS_MAY_CHANGE, ReleaseConfig
from omninode_release.models.contract import Contract
from omninode_release.models.facts import OrgFacts
from omninode_release.models.phase import Phase, PhaseState
from omninode_release.models.plan import Plan, PlanStatus, RepoPlan
from omninode_release.models.request import ReleaseRequest
from omninode_release.models.result import ModelSkillResult, ResultStatus
from omninode_release.models.state import Approval, GateRecord, RepoState, RunState
from omninode_release.outcome import Outcome, exit_code, result_of, run_status
from omninode_release.phases.staleness import late_commits
from omninode_release.phases.traces import remove_traces
from omninode_release.planner import Planner
from omninode_release.process import Programs
from omninode_release.scan import Scan
from omninode_release.store import Store, read_state
from omninode_release.text.run_id import make_run_id
from omninode_release.text.summary_message import summary_message
from omninode_release.wiring import World, require_supported, require_tools

_EXIT_TERMINATED = 128 + 15  # as a shell reports SIGTERM
_STALE_AFTER = timedelta(hours=24)


@dataclass
class Run:
    """One invocation, and what is known of it so far."""

    request: ReleaseRequest
    config: ReleaseConfig
    contract: Contract
    places: Places
    programs: Programs
    environ: Mapping[str, str]
    """The user's, credentials included; programs are given less."""
    clock: Clock
    report: Report
    stdin: TextIO
    stdout: TextIO
    plan: Plan | None = None
    state: RunState | None = None
    warnings: tuple[str, ...] = ()
    last_words: str = ""
    """What the program printed that a repository failed with."""

    def __post_init__(self) -> None:
        self.started_at = self.clock.now()
        self.store = Store(self.places, self.clock)
        self.run_id = self._run_id()

    def carry_out(self) -> Outcome:
        """Do what the request asks; every way it can end is an Outcome."""
        outcome = self._ended(self._begin)
        with contextlib.suppress(KeyboardInterrupt):  # all is said and done
            self._announce(outcome)
        return outcome

    def _begin(self) -> Outcome:
        if self.request.gate_attestation is not None:
            check_token(self.request.gate_attestation, self.run_id)
        if self.request.dry_run:
            return self._dry_run()
        self._keeper.require()
        require_supported(self.config)
        self.programs = replace(
            self.programs,
            journal=lambda entry: self.store.journal(self.run_id, entry),
            secrets=(*self.programs.secrets, *self._keeper.secrets),
        )
        wait = self.config.timeouts.orphan_seconds
        with self.store.locked(self.run_id, wait_seconds=wait) as lock:
            # However it ends is written down before the lock is let go: whoever waits for it
            # reads the last word, and is never overwritten.
            return self._ended(lambda: self._release(lock))

    def _ended(self, work: Callable[[], Outcome]) -> Outcome:
        try:
            return work()
        except ReleaseError as error:
            return self._ended_by(error)
        except KeyboardInterrupt as interrupt:
            return self._interrupted(terminated=type(interrupt) is not KeyboardInterrupt)
        except Exception as error:  # noqa: BLE001 - a bug must not lose the run it happened in
            return self._ended_by_bug(error)

    def _dry_run(self) -> Outcome:
        if self.request.resume:
            self.state = self._resumed()
        scan = self._scan()
        facts = scan.local(self._targets(), ask_remotes=not self.request.offline)
        self.plan = self._planned(facts)
        self.report(PlanReady(self.plan, "clones"))
        refused = bool(self.plan.errors) and self.request.strict
        return self._outcome(ResultStatus.DRY_RUN, exit_with=1 if refused else None)

    def _release(self, lock: Lock) -> Outcome:
        self.programs = replace(self.programs, keep_fds=(lock.fd,))
        require_tools(self.programs, self.places.omni_home)
        self.state = self._resumed() if self.request.resume else None
        before = self.state or self._unstarted()
        earlier, asked = (before.approvals, before.gate) if before else ((), None)
        facts = self._scan().fetched(self._targets())
        self.plan = self._planned(facts)
        self.report(PlanReady(self.plan, "remotes"))
        self._refuse_errors(self.plan)
        if self.plan.remaining:
            self._require_identity(self.plan)
            passed = self._by_token(self.plan, earlier, asked)  # before the state is touched
            self.state = self._begun(self.plan, earlier, asked)
            self.store.save(self.state)
            self._pass_gate(self.plan, passed, asked)
            self._look_at_bases_again(self.plan)
        if self.state is None:
            return self._outcome(ResultStatus.SUCCESS)
        # Without a gate nothing is left to release: a run that died before it was archived.
        self.state = self.state.model_copy(update={"plan": self.plan})
        self._execute(self.state)
        return self._finish(self.state)

    # Targets, ids, earlier runs.

    def _run_id(self) -> str:
        if self.request.resume or self.request.run_id:
            return self.request.resume or self.request.run_id or ""
        plain = make_run_id(self.request.repos or self.config.graph.repos, self.started_at.date())
        number, run_id = 1, plain
        while self.store.archived(run_id):
            number += 1
            run_id = f"{plain}-{number}"
        return run_id

    def _targets(self) -> tuple[str, ...]:
        if self.state is not None:
            return self.state.targets
        return self.request.repos or self.config.graph.repos

    def _resumed(self) -> RunState:
        """The state to go on from. Raises STATE_NOT_FOUND, STATE_CORRUPT or CONFIG_INVALID."""
        state = self.store.load(self.run_id)
        now = config_digest(self.config)
        changed = sorted(
            key
            for key in now.keys() | state.config_digest.keys()
            if now.get(key) != state.config_digest.get(key)
            and key not in REMEMBERED_KEYS_MAY_CHANGE
        )
        if changed:
            raise ReleaseError(
                ErrorCode.CONFIG_INVALID,
                f"expected the configuration the run {self.run_id} began with, found"
                f" {', '.join(changed)} changed.",
                hint="put the old values back to resume, or start a fresh run",
            )
        return state

    def _unstarted(self) -> RunState | None:
        """The run of the same id that came no further than the gate. Raises RUN_EXISTS."""
        if self.request.run_id and self.store.archived(self.run_id):
            raise ReleaseError(
                ErrorCode.RUN_EXISTS,
                f"the run {self.run_id} is complete already.",
                hint="choose another --run-id, or leave it out",
            )
        if not self.store.exists(self.run_id):
            return None
        state = self.store.load(self.run_id)
        begun = sorted(repo for repo, each in state.repos.items() if _begun(each))
        if begun:
            raise ReleaseError(
                ErrorCode.RUN_EXISTS,
                f"the run {self.run_id} exists and has begun with {', '.join(begun)}.",
                hint=f"omni-release --resume {self.run_id}, or choose another --run-id",
            )
        return state

    def _other_runs(self) -> list[str]:
        """A warning for every unfinished run that has to do with the same repositories."""
        warnings = []
        for path in self.store.active():
            if path.stem == self.run_id:
                continue
            try:
                state = read_state(path, path.stem)
            except ReleaseError as error:
                warnings.append(error.message)
                continue
            shared = sorted(set(state.repos) & set(self._targets()))
            if shared and state.status != "completed":
                age = self.started_at - state.updated_at
                what = "stale" if age > _STALE_AFTER else "unfinished"
                warnings.append(
                    f"the {what} run {state.run_id} ({state.updated_at:%Y-%m-%d %H:%M} UTC) has to"
                    f" do with {', '.join(shared)} too"
                )
        return warnings

    # Scan and plan.

    def _scan(self) -> Scan:
        return Scan(self.places.omni_home, self.config, self.programs.at("scan"))

    def _planned(self, facts: OrgFacts) -> Plan:
        """The plan, with the runs it could get in the way of among its warnings."""
        self.warnings = tuple(self._other_runs())
        plan = self._planner(facts).plan(self.run_id, self._targets())
        return plan.model_copy(update={"warnings": (*plan.warnings, *self.warnings)})

    def _planner(self, facts: OrgFacts) -> Planner:
        override = self.state.bump_override if self.state else self.request.bump
        return Planner(self.config, facts, override, self._kept())

    def _kept(self) -> Mapping[str, RepoPlan]:
        """Rows of this run that are not planned afresh: finished, begun, or skipped."""
        if self.state is None:
            return {}
        kept = {}
        for row in self.state.plan.entries:
            repo = self.state.repos.get(row.repo)
            if repo is None:
                kept[row.repo] = row
            elif repo.phase is PhaseState.DONE:
                kept[row.repo] = row.model_copy(update={"status": PlanStatus.DONE})
            elif _begun(repo) and repo.error_code is not ErrorCode.PLAN_STALE:
                kept[row.repo] = row
        return kept

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

    def _git(self, repo: str) -> Git:
        return self._scan().git(repo)

    # State and gate.

    def _begun(
        self, plan: Plan, earlier: tuple[Approval, ...], asked: GateRecord | None
    ) -> RunState:
        """The state as the run goes into the gate: nothing new is approved yet."""
        before = self.state.repos if self.state else {}
        repos: dict[str, RepoState] = {}
        for row in plan.entries:
            known = before.get(row.repo)
            if known is not None and _begun(known):
                repos[row.repo] = known
            elif row.status is PlanStatus.RELEASE:
                repos[row.repo] = repo_state(row, approved_hash=None, before=known)
        changes = {
            "updated_at": self.clock.now(),
            "plan_hash": plan.plan_hash,
            "status": "in_progress",
            "repos": repos,
            "plan": plan,
            "gate": self._keeper.record(plan, asked, self.clock.now()),
            "approvals": earlier,
            "warnings": self.warnings,
            "error": None,
            "error_code": None,
        }
        if self.state is not None:
            return self.state.model_copy(update=changes)
        return RunState.model_validate(
            {
                **changes,
                "run_id": self.run_id,
                "started_at": self.started_at,
                "targets": self._targets(),
                "bump_override": self.request.bump,
                "ticket": self.request.ticket,
                "context_id": self._context_id(),
                "omni_home": str(self.places.omni_home),
                "config_digest": config_digest(self.config),
            }
        )

    @cached_property
    def _keeper(self) -> Gatekeeper:
        return gatekeeper(
            self.config,
            run_id=self.run_id,
            token=self.request.gate_attestation,
            environ=self.environ,
            clock=self.clock,
            report=self.report,
            stdin=self.stdin,
            stdout=self.stdout,
        )

    def _by_token(
        self, plan: Plan, earlier: tuple[Approval, ...], asked: GateRecord | None
    ) -> Passed | None:
        """What the token lets through, if there is one. Raises INVALID_GATE_TOKEN."""
        if self.request.gate_attestation is None:
            return None
        passed = self._keeper.by_token(self.request.gate_attestation, plan, earlier, asked)
        if passed.warning:
            self.warnings = (*self.warnings, passed.warning)
            self.report(Note(passed.warning))
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
        self.state = self._state.model_copy(
            update={
                "approvals": approvals,
                "repos": repos,
                "plan_hash": approval.plan_hash,
                "gate_token": approval.token or self._state.gate_token,
            }
        )

    def _record_gate(self, **changes: str | None) -> None:
        state, now = self._state, self.clock.now()
        if state.gate is not None:
            at = {"at": now} if "decision" in changes else {}
            gate = state.gate.model_copy(update=changes | at)
            self.state = state.model_copy(update={"gate": gate, "updated_at": now})
            self.store.save(self.state)

    def _announce(self, outcome: Outcome) -> None:
        """Tell the channel how a run went that the gate had let through; trouble is a note."""
        gate = self.state.gate if self.state else None
        interrupted = outcome.result.error_code is ErrorCode.INTERRUPTED
        if gate is None or gate.decision != "approved" or interrupted or self.request.dry_run:
            return
        trouble = self._keeper.announce(summary_message(outcome.result))
        if trouble is not None:
            self.report(Note(f"the summary was not posted: {trouble}"))

    def _look_at_bases_again(self, plan: Plan) -> None:
        """Raise PLAN_STALE when a base branch moved while the gate was open."""
        world = self._world()
        for row in plan.remaining:
            if not _begun(self._state.repos[row.repo]):
                step, ctx = world(self._state, row, Phase.WORKTREE)
                tip = ctx.clone.fetch(step.base)
                late_commits(step, replace(ctx, report=lambda _: None), tip)

    @property
    def _state(self) -> RunState:
        if self.state is None:
            raise ValueError("the run has no state yet")
        return self.state

    # Execute, clean up, finish.

    def _world(self) -> World:
        return World(
            config=self.config,
            places=self.places,
            programs=self.programs,
            clock=self.clock,
            report=self.report,
            clone=lambda repo: self._git(repo).path,
            skip_pypi_wait=self.request.skip_pypi_wait,
            pypi_minutes=self.request.pypi_timeout_minutes,
            index_url=self.environ.get("OMNI_RELEASE_INDEX_URL") or self.config.index_url,
        )

    def _execute(self, state: RunState) -> None:
        world = self._world()
        world.index_folder.mkdir(parents=True, exist_ok=True)
        engine = Engine(state, self.contract, self.store, self.clock, self.report, world)
        try:
            engine.execute()
        finally:
            self.state = engine.state
            self.last_words = engine.failure.detail if engine.failure else ""

    def _finish(self, state: RunState) -> Outcome:
        state = self.state or state
        self._clean_up(state)
        status = run_status(state)
        state = state.model_copy(update={"status": status, "updated_at": self.clock.now()})
        if status == "completed":
            self.state = state
            self.store.save(state)
            outcome = self._outcome(ResultStatus.SUCCESS)
            self.store.archive(state)
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
                self.report(Note(f"{row.repo}: clean-up left something behind: {error.message}"))
        folder = self.places.worktrees / "release" / state.run_id
        with contextlib.suppress(OSError):
            folder.rmdir()

    # Ending.

    def _ended_by(self, error: ReleaseError) -> Outcome:
        spec = self.contract.error(error.code)
        if self.state is not None and spec.state_status in {"failed", "partial"}:
            self.state = self.state.model_copy(
                update={
                    "status": run_status(self.state),
                    "updated_at": self.clock.now(),
                    "error": error.text,
                    "error_code": error.code,
                }
            )
            with contextlib.suppress(OSError):  # a full disk may be what it ended by
                self.store.save(self.state)
        done = self.state is not None and any(
            repo.phase is PhaseState.DONE for repo in self.state.repos.values()
        )
        status = ResultStatus.PARTIAL if done else ResultStatus.FAILED
        return self._outcome(status, error=error, write=spec.result_file)

    def _interrupted(self, *, terminated: bool) -> Outcome:
        error = ReleaseError(
            ErrorCode.INTERRUPTED,
            "interrupted; everything done so far is recorded.",
            hint=f"omni-release --resume {self.run_id}" if self.state else "start it again",
        )
        outcome = self._ended_by(error)
        return replace(outcome, exit_code=_EXIT_TERMINATED) if terminated else outcome

    def _ended_by_bug(self, bug: Exception) -> Outcome:
        log = self.places.states / f"{self.run_id}.log"
        with contextlib.suppress(OSError):
            atomic_write_shared(log, self.programs.redacted(traceback.format_exc()).encode())
        return self._ended_by(
            ReleaseError(
                ErrorCode.INTERNAL_ERROR,
                f"{type(bug).__name__}: {bug}. This is a bug; the traceback is in {log}.",
                hint=f"report it with {log}"
                + (f", then omni-release --resume {self.run_id}" if self.state else ""),
            )
        )

    def _outcome(
        self,
        status: ResultStatus,
        *,
        error: ReleaseError | None = None,
        exit_with: int | None = None,
        write: bool = True,
    ) -> Outcome:
        result = result_of(
            run_id=self.run_id,
            status=status,
            started_at=self.state.started_at if self.state else self.started_at,
            finished_at=self.clock.now(),
            plan=self.plan or (self.state.plan if self.state else None),
            state=self.state,
            error=error,
            warnings=self.warnings,
        )
        if write:
            self._write_result(result, must=status is not ResultStatus.DRY_RUN)
        code = exit_with if exit_with is not None else exit_code(self.contract, result)
        return Outcome(result, code, error)

    def _write_result(self, result: ModelSkillResult, *, must: bool) -> None:
        try:
            self.store.write_result(self._context_id(), result, validate=must)
        except OSError as error:
            self.report(Note(f"the result file could not be written: {error}"))

    def _context_id(self) -> str:
        remembered = self.state.context_id if self.state else None
        return self.request.context_id or remembered or self.run_id


def _begun(repo: RepoState) -> bool:
    """Whether anything of this repository's release may exist in the world."""
    return repo.phase is not PhaseState.PLANNED or repo.in_progress is not None
