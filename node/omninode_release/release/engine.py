"""The apply loop: a plan and a state in, the released organisation out.

Read ``execute``, ``_release`` and ``_step`` first; they are the whole of it. Crash safety is one
rule: the record may lag behind the world and never leads it. A phase is recorded as begun, the
world is asked whether its effect is there already, the effect is made if not, and the evidence is
recorded after it. Whatever line a run dies on, the next one asks the world and goes on from there.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from omninode_release.contract.schemas import check, phase_schema
from omninode_release.errors import ErrorCode, ReleaseError, is_of_the_machine, storage_error
from omninode_release.events import RepoDone, RepoStarted, StepDone, StepFailed, StepStarted
from omninode_release.models.phase import Phase, PhaseState
from omninode_release.models.plan import RepoPlan
from omninode_release.models.state import RunState
from omninode_release.phases.ports import Context, Step
from omninode_release.phases.registry import phase_handler
from omninode_release.phases.shared.clean_up import restart
from omninode_release.phases.shared.owned_files import take_back_disowned
from omninode_release.release import progress
from omninode_release.release.record import note_stale_beside
from omninode_release.text.next_commands import pass_token, place_commands

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omninode_release.events import Report
    from omninode_release.models.contract import Contract
    from omninode_release.models.state import RepoState
    from omninode_release.release.record import RunRecord
    from omninode_release.system.clock import Clock

_ORDER = list(Phase)
_FIRST_ON_BRANCH = _ORDER.index(Phase.COMMIT)
_WRITES_WHAT_IS_SET = frozenset({Phase.BUMP, Phase.CHANGELOG, Phase.LOCK})
"""Phases whose files a setting names that may change before a resume."""
_PUSH = _ORDER.index(Phase.PUSH)
_T = TypeVar("_T")
_MERGE = _ORDER.index(Phase.MERGE)
_logger = logging.getLogger(__name__)


PrepareStep = Callable[[RunState, RepoPlan, Phase], tuple[Step, Context]]
"""Makes what a phase is given, for one repository at one moment of the run."""


class _RepoFailed(Exception):
    """A repository failed, and its failure is recorded."""


@dataclass
class Engine:
    """Carries one run from its approved plan to its end."""

    record: RunRecord
    contract: Contract
    clock: Clock
    report: Report
    prepare: PrepareStep
    failed: RepoPlan | None = None
    """The row that failed."""

    def execute(self) -> None:
        """Release every row of the plan that is not done; the first failure blocks the rest."""
        plan = self.record.written.plan
        rows, number = plan.remaining, len(plan.released)  # the count goes on where it stopped
        of = number + len(rows)
        for _, together in groupby(rows, key=lambda row: row.clone):
            group = list(together)
            for row in group:
                number += 1
                self.report(RepoStarted(row.repo, number, of, *row.versions))
            try:
                self._release(group)
            except _RepoFailed:
                self._block(rows, cause=self.failed or group[0])
                break
            except Exception:
                self._block(rows, cause=self.failed or group[0])
                raise

    def _release(self, rows: Sequence[RepoPlan]) -> None:
        """Release the packages of one repository: together to the merge, then one by one."""
        began = self.clock.monotonic()
        for row in rows:
            if progress.is_stale(self._repo(row), row):
                self._restart(row)
        first = {row.repo: self._first_to_ask(row) for row in rows}
        for at, phase in enumerate(_ORDER[: _MERGE + 1]):
            for row in rows:
                if at >= first[row.repo]:
                    self._carry_out(row, phase, shared=len(rows) > 1)
        for row in rows:
            for phase in _ORDER[max(first[row.repo], _MERGE + 1) :]:
                self._carry_out(row, phase, shared=len(rows) > 1)
            self._finish(row, began)

    def _carry_out(self, row: RepoPlan, phase: Phase, *, shared: bool) -> None:
        self.report(StepStarted(row.repo, phase))
        with self._record_failure(row, phase):
            done = self._step(row, phase)
        self.report(done._replace(shared=shared))

    def _finish(self, row: RepoPlan, began: float) -> None:
        self._save(row, progress.finish(self._repo(row), at=self.clock.now()))
        publishes = self.record.session.config.publishes(row.repo)
        seconds = self.clock.monotonic() - began
        self.report(_describe_end(row, self._repo(row), seconds, publishes=publishes))

    def _step(self, row: RepoPlan, phase: Phase) -> StepDone:
        handler = phase_handler(phase)
        step, ctx = self.prepare(self.record.written, row, phase)
        began = self.clock.monotonic()
        if self._repo(row).in_progress is not phase:
            self._save(row, progress.begin(self._repo(row), phase, at=self.clock.now()))
        found = handler.done(step, ctx)
        output = found or handler.apply(step, ctx)
        evidence, where = output.model_dump(mode="json"), f"output of {phase}"
        check(phase_schema(phase), evidence, code=ErrorCode.OUTPUT_INVALID, where=where)
        if phase in _WRITES_WHAT_IS_SET:
            take_back_disowned(step, ctx, phase, output)
        repo, already = self._repo(row), found is not None
        now = self.clock.now()
        self._save(row, progress.complete(repo, phase, output, already=already, at=now))
        return StepDone(
            row.repo,
            phase,
            _show(output.summary, "(its output cannot be shown)"),
            self.clock.monotonic() - began,
            already=already and not output.is_empty(),
            link=_show(output.find_link, None),
            sha=_show(output.find_commit, None),
        )

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
            phase = _ORDER[at]
            with self._record_failure(row, phase):
                if (
                    phase_handler(phase).done(*self.prepare(self.record.written, row, phase))
                    is not None
                ):
                    return _PUSH if phase is Phase.PR else at
            at -= 1
        return 0

    def _restart(self, row: RepoPlan) -> None:
        """Withdraw what a stale plan left on the forge and begin this repository afresh."""
        with self._record_failure(row, Phase.WORKTREE):
            withdrawn = restart(*self.prepare(self.record.written, row, Phase.WORKTREE))
        now = self.clock.now()
        self._save(row, progress.plan_anew(self._repo(row), row, at=now, withdrawn=withdrawn))

    # Recording.

    def _repo(self, row: RepoPlan) -> RepoState:
        return self.record.written.repos[row.repo]

    def _save(self, row: RepoPlan, repo: RepoState) -> None:
        self.record.step(row.repo, repo)

    def _block(self, rows: tuple[RepoPlan, ...], *, cause: RepoPlan) -> None:
        """Say of every row that is left that it waits for the one that failed."""
        for row in rows:
            repo = self._repo(row)
            over = repo.phase is PhaseState.DONE or row is cause
            if not over and not progress.is_stale(repo, row):  # the next invocation restarts it
                self._save(row, progress.block(repo, cause=cause.repo))

    @contextmanager
    def _record_failure(self, row: RepoPlan, phase: Phase) -> Iterator[None]:
        """Record what goes wrong inside as this phase's failure."""
        try:
            yield
        except ReleaseError as error:
            self._fail(row, phase, self._as_phase_error(phase, error))
            raise _RepoFailed from error
        except OSError as error:
            if not is_of_the_machine(error):
                raise
            self._fail(
                row, phase, self._as_phase_error(phase, storage_error(error, resume=self._resume))
            )
            raise _RepoFailed from error
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            self._fail(row, phase, ReleaseError(ErrorCode.INTERNAL_ERROR, text))
            raise

    def _fail(self, row: RepoPlan, phase: Phase, error: ReleaseError) -> None:
        self.failed = row
        self._save(row, progress.fail(self._repo(row), phase, error, at=self.clock.now()))
        if error.code is ErrorCode.PLAN_STALE:
            note_stale_beside(self.record, row)
        self.report(StepFailed(row.repo, phase, error))

    def _as_phase_error(self, phase: Phase, error: ReleaseError) -> ReleaseError:
        """A failure under a code the contract allows this phase."""
        error.code = self.contract.code_in(phase, error.code)
        advice = self._advise(error.hint or self.contract.error(error.code).recovery)
        session = self.record.session
        placed = place_commands(advice, session.environment.place)
        token = session.request.gate_attestation
        error.hint = pass_token(placed, session.run_id, token, error.code)
        return error

    def _advise(self, hint: str) -> str:
        """What to do, and how to go on with the run after it, as it can be typed."""
        if f"--resume {self.record.written.run_id}" in hint or "abandon" in hint:
            return hint
        if "--resume" in hint:
            return re.sub("(omni-release )?--resume", self._resume, hint, count=1)
        return f"{hint}, then {self._resume}"

    @property
    def _resume(self) -> str:
        return f"omni-release --resume {self.record.written.run_id}"


def _describe_end(row: RepoPlan, repo: RepoState, seconds: float, *, publishes: bool) -> RepoDone:
    published, merged = repo.outputs[Phase.PUBLISH], repo.outputs.get(Phase.MERGE, {})
    is_there = published["pypi_status"] == "available"
    link, sha = published.get("url"), merged.get("merge_sha")
    return RepoDone(row.repo, *row.versions, is_there, publishes, link, sha, seconds)


def _show(describe: Callable[[], _T], otherwise: _T) -> _T:
    """What a person is told of a step; what only shows it never decides how it ends."""
    try:
        return describe()
    except Exception:
        _logger.debug("%r failed", describe, exc_info=True)
        return otherwise
