"""One invocation of the command: what was asked, what is known so far, and how it ends.

Shared by the preview, which only looks, and the run, which acts. What is needed only once a scan
has ended is imported there: git is slow to answer, and a preview imports meanwhile.
"""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING

from omninode_release.contract.load import changed_keys, load_contract
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import Note, Subscribers
from omninode_release.models.config import REMEMBERED_KEYS_MAY_CHANGE, ReleaseConfig
from omninode_release.models.phase import PhaseState
from omninode_release.models.request import ReleaseRequest
from omninode_release.planning.scan import Scan
from omninode_release.release.store import Store, read_state
from omninode_release.system.clock import Clock
from omninode_release.system.files import atomic_write_shared
from omninode_release.system.paths import Places
from omninode_release.system.process import Programs
from omninode_release.text.run_id import make_run_id

if TYPE_CHECKING:
    from omninode_release.models.contract import Contract
    from omninode_release.models.facts import OrgFacts
    from omninode_release.models.plan import Plan, RepoPlan
    from omninode_release.models.result import ModelSkillResult, ResultStatus
    from omninode_release.models.state import RepoState, RunState
    from omninode_release.planning.planner import Planner
    from omninode_release.release.result import Outcome
    from omninode_release.release.world import World

_EXIT_TERMINATED = 128 + 15  # as a shell reports SIGTERM
_STALE_AFTER = timedelta(hours=24)


@dataclass
class Invocation:
    """What one invocation was asked for, and what is known of it so far."""

    request: ReleaseRequest
    config: ReleaseConfig
    places: Places
    programs: Programs
    environ: Mapping[str, str]
    """The user's, credentials included; programs are given less."""
    clock: Clock
    report: Subscribers
    plan: Plan | None = None
    state: RunState | None = None
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.started_at = self.clock.now()
        self.store = Store(self.places, self.clock)
        self.run_id = self._run_id()

    @cached_property
    def contract(self) -> Contract:
        """Read when it is needed: a preview that succeeds does without."""
        return load_contract()

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

    def targets(self) -> tuple[str, ...]:
        if self.state is not None:
            return self.state.targets
        return self.request.repos or self.config.graph.repos

    def loaded(self) -> RunState:
        """The run's state. Raises CONFIG_INVALID when it is a run of another organisation."""
        state = self.store.load(self.run_id)
        if state.omni_home != str(self.places.omni_home):
            raise ReleaseError(
                ErrorCode.CONFIG_INVALID,
                f"the run {self.run_id} belongs to {state.omni_home}, found"
                f" {self.places.omni_home}.",
                hint=f"omni-release --omni-home {state.omni_home} --resume {self.run_id}, or"
                " another --run-id for a fresh run",
            )
        return state

    def resumed(self) -> RunState:
        """The state to go on from. Raises STATE_NOT_FOUND, STATE_CORRUPT or CONFIG_INVALID."""
        state = self.loaded()
        changed = [
            key
            for key in changed_keys(self.config, state.config_digest)
            if key not in REMEMBERED_KEYS_MAY_CHANGE
        ]
        if changed:
            raise ReleaseError(
                ErrorCode.CONFIG_INVALID,
                f"expected the configuration the run {self.run_id} began with, found"
                f" {', '.join(changed)} changed.",
                hint="put the old values back to resume, or start a fresh run",
            )
        return state

    def _other_runs(self) -> list[str]:
        """A warning for every unfinished run that has to do with the same repositories."""
        warnings = []
        for path in self.store.active():
            if path.stem == self.run_id and self.state is not None:
                continue
            try:
                state = read_state(path, path.stem)
            except ReleaseError as error:
                warnings.append(error.message)
                continue
            if path.stem == self.run_id:
                warnings += self._is_in_the_way(state)
                continue
            shared = sorted(
                repo for repo in self.targets() if repo in state.repos and begun(state.repos[repo])
            )
            if shared and state.status != "completed":
                age = self.started_at - state.updated_at
                what = "stale" if age > _STALE_AFTER else "unfinished"
                warnings.append(
                    f"the {what} run {state.run_id} ({state.updated_at:%Y-%m-%d %H:%M} UTC) has to"
                    f" do with {', '.join(shared)} too"
                )
        return warnings

    def _is_in_the_way(self, state: RunState) -> list[str]:
        """A dry run's warning of what a real run of this id would be refused for."""
        if not any(map(begun, state.repos.values())):
            return []
        resume = f"omni-release --resume {self.run_id}"
        return [f"RUN_EXISTS: {self.run_id} has begun; a real run is refused: {resume}"]

    # World, scan and plan.

    @property
    def begun_state(self) -> RunState:
        """The state of a run that has one: from the gate on."""
        if self.state is None:
            raise ValueError("the run has no state yet")
        return self.state

    @cached_property
    def world(self) -> World:
        """What a run acts on: once, and not before its programs are known to journal and lock."""
        from omninode_release.release.world import World

        return World(
            config=self.config,
            places=self.places,
            programs=self.programs,
            clock=self.clock,
            report=self.report,
            clone=lambda repo: self.scan().git(repo).path,
            skip_pypi_wait=self.request.skip_pypi_wait,
            pypi_minutes=self.request.pypi_timeout_minutes,
            index_url=self.environ.get("OMNI_RELEASE_INDEX_URL") or self.config.index_url,
        )

    def scan(self) -> Scan:
        return Scan(self.places.omni_home, self.config, self.programs.at("scan"))

    def planned(self, facts: OrgFacts) -> Plan:
        """The plan, with the runs it could get in the way of among its warnings."""
        self.warnings = tuple(self._other_runs())
        plan = self._planner(facts).plan(self.run_id, self.targets())
        return plan.model_copy(update={"warnings": (*plan.warnings, *self.warnings)})

    def _planner(self, facts: OrgFacts) -> Planner:
        from omninode_release.planning.planner import Planner

        override = self.state.bump_override if self.state else self.request.bump
        return Planner(self.config, facts, override, self._kept())

    def _kept(self) -> Mapping[str, RepoPlan]:
        """Rows of this run that are not planned afresh: finished, begun, or skipped."""
        from omninode_release.models.plan import PlanStatus

        if self.state is None:
            return {}
        kept = {}
        for row in self.state.plan.entries:
            repo = self.state.repos.get(row.repo)
            if repo is None:
                kept[row.repo] = row
            elif repo.phase is PhaseState.DONE:
                kept[row.repo] = row.model_copy(update={"status": PlanStatus.DONE})
            elif begun(repo) and repo.error_code is not ErrorCode.PLAN_STALE:
                kept[row.repo] = row
        return kept

    # Ending.

    def ended(self, work: Callable[[], Outcome], by: Callable[[ReleaseError], Outcome]) -> Outcome:
        """Do ``work``; whatever stops it becomes an error that ``by`` turns into an Outcome."""
        try:
            return work()
        except ReleaseError as error:
            return by(error)
        except KeyboardInterrupt as interrupt:
            outcome = by(self._interruption())
            # SIGTERM comes as a subclass of what Ctrl-C raises.
            terminated = type(interrupt) is not KeyboardInterrupt
            return replace(outcome, exit_code=_EXIT_TERMINATED) if terminated else outcome
        except Exception as bug:  # noqa: BLE001 - a bug must not lose the run it happened in
            return by(self._as_error(bug))

    def _interruption(self) -> ReleaseError:
        return ReleaseError(
            ErrorCode.INTERRUPTED,
            "interrupted; everything done so far is recorded.",
            hint=f"omni-release --resume {self.run_id}" if self.state else "start it again",
        )

    def _as_error(self, bug: Exception) -> ReleaseError:
        """What nobody foresaw, with its traceback in a log."""
        log = self.places.states / f"{self.run_id}.log"
        with contextlib.suppress(OSError):
            text = self.programs.redacted(traceback.format_exc())
            atomic_write_shared(log, text.encode(errors="backslashreplace"))
        resume = f", then omni-release --resume {self.run_id}" if self.state else ""
        return ReleaseError(
            ErrorCode.INTERNAL_ERROR,
            f"{type(bug).__name__}: {bug}. This is a bug; the traceback is in {log}.",
            hint=f"report it with {log}{resume}",
        )

    def failed(self, error: ReleaseError) -> Outcome:
        """The outcome of an error: PARTIAL once a repository was released, FAILED before."""
        from omninode_release.models.result import ResultStatus

        if self.state is None and self.request.resume:  # what was released stays in the result
            with contextlib.suppress(ReleaseError):
                self.state = self.store.load(self.run_id)
        done = self.state is not None and any(
            repo.phase is PhaseState.DONE for repo in self.state.repos.values()
        )
        status = ResultStatus.PARTIAL if done else ResultStatus.FAILED
        write = self.contract.error(error.code).result_file
        return self.outcome(status, error=error, write=write)

    def outcome(
        self,
        status: ResultStatus,
        *,
        error: ReleaseError | None = None,
        exit_with: int | None = None,
        write: bool = True,
    ) -> Outcome:
        from omninode_release.models.result import ResultStatus
        from omninode_release.release.result import Outcome, exit_code, result_of

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
        code = exit_with if exit_with is not None else exit_code(result)
        return Outcome(result, code, error)

    def _write_result(self, result: ModelSkillResult, *, must: bool) -> None:
        try:
            self.store.write_result(self.context_id(), result, validate=must)
        except OSError as error:
            self.report(Note(f"the result file could not be written: {error}"))

    def context_id(self) -> str:
        remembered = self.state.context_id if self.state else None
        return self.request.context_id or remembered or self.run_id


@contextlib.contextmanager
def importing(*modules: str) -> Iterator[None]:
    """Import ``modules`` while the block waits for programs; what fails, fails where it is used."""
    with ThreadPoolExecutor(1) as aside:
        for module in modules:
            aside.submit(import_module, module)
        yield


def begun(repo: RepoState) -> bool:
    """Whether anything of this repository's release may exist in the world."""
    return repo.phase is not PhaseState.PLANNED or repo.in_progress is not None
