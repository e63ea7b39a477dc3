"""The apply loop: a plan and a state in, the released organisation out.

Read ``execute``, ``_release`` and ``_step`` first; they are the whole of it. Crash safety is one
rule: the record may lag behind the world and never leads it. A phase is recorded as begun, the
world is asked whether its effect is there already, the effect is made if not, and the evidence is
recorded after it. Whatever line a run dies on, the next one asks the world and goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

from omninode_release.contract.schemas import check, phase_schema
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import RepoDone, Report, RepoStarted, StepDone, StepFailed, StepStarted
from omninode_release.models.contract import Contract
from omninode_release.models.phase import Phase, PhaseState
from omninode_release.models.plan import RepoPlan
from omninode_release.models.state import PhaseEvent, RepoState, RunState
from omninode_release.phases import phase_handler
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.ports import Context, Step
from omninode_release.phases.shared.restart import restart
from omninode_release.system.clock import Clock

_ORDER = list(Phase)
_FIRST_ON_BRANCH = _ORDER.index(Phase.COMMIT)
_PUSH = _ORDER.index(Phase.PUSH)
_NEXT = dict(pairwise(Phase))
# Codes that mean the same in every phase and are never turned into the phase's own.
_ANYWHERE = frozenset({ErrorCode.TOOL_MISSING, ErrorCode.OUTPUT_INVALID})


class Saves(Protocol):
    def save(self, state: RunState) -> None: ...


World = Callable[[RunState, RepoPlan, Phase], tuple[Step, Context]]
"""What a phase is given, for one repository at one moment of the run."""


class _Stopped(Exception):
    """A repository failed."""


@dataclass
class Engine:
    """Carries one run from its approved plan to its end."""

    state: RunState
    contract: Contract
    store: Saves
    clock: Clock
    report: Report
    world: World
    failure: ReleaseError | None = None
    """What a repository failed with."""

    def execute(self) -> RunState:
        """Release every row of the plan that is not done; the first failure blocks the rest."""
        rows = self.state.plan.remaining
        for number, row in enumerate(rows, start=1):
            self.report(RepoStarted(row.repo, number, len(rows), *row.versions))
            try:
                self._release(row)
            except _Stopped:
                self._block(row, rows[number:])
                break
            except Exception:
                self._block(row, rows[number:])
                raise
        return self.state

    def _release(self, row: RepoPlan) -> None:
        known = self._repo(row)
        if known.error_code is ErrorCode.PLAN_STALE or known.new_version != row.versions[1]:
            self._restart(row)
        for phase in _ORDER[self._first_to_ask(row) :]:
            self.report(StepStarted(row.repo, phase))
            with self._blaming(row, phase):
                done = self._step(row, phase)
            self.report(done)
        event = self._event(PhaseState.DONE, "REACHED")
        history = (*self._repo(row).phase_history, event)
        self._save(
            row,
            phase=PhaseState.DONE,
            completed_phase=PhaseState.DONE,
            phase_history=history,
        )
        published = self._repo(row).outputs[Phase.PUBLISH]["pypi_status"] == "available"
        self.report(RepoDone(row.repo, row.versions[1], published))

    def _step(self, row: RepoPlan, phase: Phase) -> StepDone:
        step, ctx = self.world(self.state, row, phase)
        began = self.clock.monotonic()
        if self._repo(row).in_progress is not phase:
            self._save(row, in_progress=phase)
        handler = phase_handler(phase)
        found = handler.done(step, ctx)
        output = found or handler.apply(step, ctx)
        evidence = output.model_dump(mode="json")
        check(
            phase_schema(phase), evidence, code=ErrorCode.OUTPUT_INVALID, where=f"output of {phase}"
        )
        self._complete(row, phase, evidence, output, already=found is not None)
        seconds = self.clock.monotonic() - began
        already = found is not None and not output.is_empty()
        return StepDone(row.repo, phase, output.summary(), seconds, already)

    def _first_to_ask(self, row: RepoPlan) -> int:
        """Where to enter: the newest phase whose effect the world vouches for.

        From COMMIT on, the effect of a phase contains those before it, so the walk goes back from
        the first phase without a record until one holds. An open pull request is the exception:
        what a person committed since is still to be pushed. Before COMMIT everything lives in a
        worktree that may be gone, so all of it is asked again.
        """
        recorded = self._repo(row).outputs
        at = next((n for n, phase in enumerate(_ORDER) if phase not in recorded), len(_ORDER) - 1)
        while at >= _FIRST_ON_BRANCH:
            with self._blaming(row, _ORDER[at]):
                step, ctx = self.world(self.state, row, _ORDER[at])
                if phase_handler(_ORDER[at]).done(step, ctx) is not None:
                    return _PUSH if _ORDER[at] is Phase.PR else at
            at -= 1
        return 0

    def _restart(self, row: RepoPlan) -> None:
        """Withdraw what a stale plan left on the forge and begin this repository afresh."""
        with self._blaming(row, Phase.WORKTREE):
            try:
                restart(*self.world(self.state, row, Phase.WORKTREE))
            except ReleaseError as error:
                error.code = ErrorCode.PLAN_STALE  # by which the next invocation knows to restart
                raise
        before = self._repo(row)
        fresh = repo_state(row, approved_hash=before.approved_hash, before=before)
        event = self._event(PhaseState.PLANNED, "RESTARTED")
        changes = {
            "phase_history": (*before.phase_history, event),
            "withdrawn": (*before.withdrawn, *([before.pr_number] if before.pr_number else [])),
        }
        fresh = fresh.model_copy(update=changes)
        self._save(row, **{name: getattr(fresh, name) for name in RepoState.model_fields})

    # Recording.

    def _complete(
        self,
        row: RepoPlan,
        phase: Phase,
        evidence: dict[str, Any],
        output: PhaseOutput,
        *,
        already: bool,
    ) -> None:
        repo = self._repo(row)
        first = phase not in repo.outputs
        reached = max(repo.completed_phase, phase.leads_to, key=lambda state: state.rank)
        changes = {
            "phase": reached,  # never backwards: what is applied again shows in the history
            "completed_phase": reached,
            "outputs": {**repo.outputs, phase: evidence},
            "in_progress": _NEXT.get(phase),  # one write says both: this is done, that begins
            "error": None,
            "error_code": None,
            **output.state_fields(),
        }
        if first or not already:
            event = self._event(phase.leads_to, "REACHED" if first else "REAPPLIED")
            changes["phase_history"] = (*repo.phase_history, event)
        self._save(row, **changes)

    def _fail(self, row: RepoPlan, phase: Phase, error: ReleaseError) -> None:
        self.failure = error
        repo = self._repo(row)
        event = self._event(phase.leads_to, "FAILED")
        self._save(
            row,
            phase=max(repo.completed_phase, phase.leads_to, key=lambda state: state.rank),
            phase_history=(*repo.phase_history, event),
            in_progress=None,
            error=error.text,
            error_code=error.code,
        )
        self.report(StepFailed(row.repo, phase, error))

    def _block(self, cause: RepoPlan, rows: tuple[RepoPlan, ...]) -> None:
        for row in rows:
            self._save(
                row,
                error_code=ErrorCode.TIER_BLOCKED,
                error=f"not attempted: {cause.repo} failed before it.",
            )

    def _save(self, row: RepoPlan, **changes: Any) -> None:  # noqa: ANN401 - fields of RepoState
        self.state = self.state.with_repo(row.repo, at=self.clock.now(), **changes)
        self.store.save(self.state)

    def _event(self, phase: PhaseState, event: Any) -> PhaseEvent:  # noqa: ANN401 - its Literal
        return PhaseEvent(phase=phase, at=self.clock.now(), event=event)

    def _repo(self, row: RepoPlan) -> RepoState:
        return self.state.repos[row.repo]

    # Failing.

    @contextmanager
    def _blaming(self, row: RepoPlan, phase: Phase) -> Iterator[None]:
        """Record what goes wrong inside as this phase's failure."""
        try:
            yield
        except ReleaseError as error:
            self._fail(row, phase, self._as_phase_error(phase, error))
            raise _Stopped from error
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            self._fail(row, phase, ReleaseError(ErrorCode.INTERNAL_ERROR, text))
            raise

    def _as_phase_error(self, phase: Phase, error: ReleaseError) -> ReleaseError:
        """A failure under a code the contract allows this phase."""
        allowed = next(spec.errors for spec in self.contract.phases if spec.phase is phase)
        if error.code not in allowed and error.code not in _ANYWHERE:
            error.code = allowed[0]
        recovery, resume = self.contract.error(error.code).recovery, "--resume"
        told = recovery if resume in recovery else f"{recovery}, then {resume}"
        typed = told.replace(resume, f"omni-release {resume} {self.state.run_id}", 1)
        error.hint = error.hint or typed
        return error


def repo_state(
    row: RepoPlan, *, approved_hash: str | None, before: RepoState | None = None
) -> RepoState:
    """The state of a repository that is planned and not begun; what it went through is kept."""
    old, new = row.versions
    if row.bump is None:
        raise ValueError(f"{row.repo} has no planned level")
    return RepoState(
        tier=row.tier,
        old_version=old,
        new_version=new,
        bump=row.bump,
        distribution=row.distribution,
        last_tag=row.last_tag,
        approved_hash=approved_hash,
        phase_history=before.phase_history if before else (),
        withdrawn=before.withdrawn if before else (),
    )
