"""The train, proven before the gate: every planned package is locked and built in its turn.

BUMP to LINT are carried out, by the code of the phases itself, in a throw-away tree of each
repository; uv then builds what would be published, and later rows are locked against that. No
clone, ref, index or worktree of the run changes.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import Rehearsing
from omninode_release.models.check import Check
from omninode_release.release.progress import list_companions
from omninode_release.release.rehearsal.row import RowRehearsal
from omninode_release.release.rehearsal.set import check_set
from omninode_release.release.rehearsal.tree import RehearsedTree
from omninode_release.release.steps import Stage
from omninode_release.system.children import work_together
from omninode_release.system.scratch import scratch_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from omninode_release.models.plan import Plan, PlannedPin, RepoPlan
    from omninode_release.release.record import RunRecord
    from omninode_release.release.world import World

LEFT_OUT = (
    "not rehearsed, since the configuration says rehearse: false: a package that does not build or"
    " lock is found when those before it are published"
)

_THREADS = 4
"""Trees that are rehearsed at a time."""
_IN_THE_WAY = frozenset({"uv", "forge", "origin", "version"})
"""Checks that fail by what a rehearsal needs, too: it would say the same in other words."""


def rehearse(world: World, record: RunRecord, plan: Plan, checks: Sequence[Check]) -> list[Check]:
    """What a release of the plan would fail by, where a rehearsal is wanted.

    The record's plan says whether there was one. ``checks`` are the answers so far.
    """
    request, wanted = record.session.request, record.session.config.rehearse
    rehearsal = Rehearsal(world, record, plan)
    if not rehearsal.rows:  # an earlier invocation has done it, or has not
        earlier = record.state.plan.rehearsal if record.state else None
        record.plan = plan.model_copy(update={"rehearsal": earlier})
        return []
    if request.rehearse or (wanted and not request.dry_run):
        failed = {(check.subject, check.name) for check in checks if check.state == "failed"}
        if ("uv", "program") in failed:
            return []
        stuck = {repo for repo, name in failed if name in _IN_THE_WAY}
        found = rehearsal.find_failures(without=stuck)
        is_whole = not stuck and all(check.state != "unknown" for check in found)
        told = "done" if is_whole else "in part"
        record.plan = plan.model_copy(update={"rehearsal": told})
        return [each for each in found if not any(map(each.repeats, checks))]
    if not wanted:
        warnings = (*plan.warnings, LEFT_OUT)
        record.plan = plan.model_copy(update={"rehearsal": "left out", "warnings": warnings})
    return []


@dataclass(frozen=True)
class Rehearsal:
    world: World
    record: RunRecord
    plan: Plan

    def find_failures(self, *, without: Collection[str] = ()) -> list[Check]:
        """What a release of the plan would fail by; what could not be rehearsed is ``unknown``.

        ``without`` are repositories that are known not to get that far.
        """
        rows = [row for row in self.rows if row.repo not in without]
        numbers = {row.repo: number for number, row in enumerate(rows, start=1)}
        found: list[Check] = []
        proven: set[str] = set()
        with self._open_stage() as stage:
            for wave in _split_into_waves(rows):
                trees = []
                for tree in wave:
                    ready, stuck = self._divide(tree, proven)
                    found += stuck
                    for row in ready:
                        self.world.report(Rehearsing(row.repo, numbers[row.repo], len(rows)))
                    trees.append(
                        [RowRehearsal(RehearsedTree(row, stage, self.world)) for row in ready]
                    )
                told = work_together(_rehearse_tree, trees, threads=_THREADS)
                failures = [check for checks in told for check in checks]
                found += failures
                # Hooks that could not be judged keep nothing from being built and locked against.
                wrong = (each for each in failures if each.state != "warning")
                failed = {each.subject for each in wrong if each.name != "lint"}
                tried = (each for tree in trees for each in tree if not each.is_stuck)
                proven |= {each.row.repo for each in tried} - failed
            if proven.issuperset(numbers) and not stage.offline:
                found += check_set(self.world, rows, stage)
        return found

    def _divide(
        self, tree: Sequence[RepoPlan], proven: Collection[str]
    ) -> tuple[list[RepoPlan], list[Check]]:
        """The rows of a tree of which all that they pin is there, and a word on each other one."""
        ready: list[RepoPlan] = []
        stuck: list[Check] = []
        for number, row in enumerate(tree, start=1):
            there = (*ready, *tree[number:])  # one after it is pinned by what no lock needs built
            missing = [pin.repo for pin in row.pins if not self._offers(pin, proven, there)]
            if missing:
                stuck.append(_not_rehearsed(row, missing))
            else:
                ready.append(row)
        return ready, stuck

    @cached_property
    def rows(self) -> list[RepoPlan]:
        """Rows to be released that the run has not begun with, or begins anew."""
        return [row for row in self.plan.remaining if not self._is_under_way(row)]

    def _is_under_way(self, row: RepoPlan) -> bool:
        """True also for one that shares a worktree with what the run has begun with."""
        state = self.record.state
        beside = list_companions(state, row) if state else []
        begun = filter(None, (self.record.find_begun(each.repo) for each in (row, *beside)))
        return any(each.error_code is not ErrorCode.PLAN_STALE for each in begun)

    def _offers(
        self, pin: PlannedPin, proven: Collection[str], ready: Collection[RepoPlan]
    ) -> bool:
        """True when uv can find what is pinned: rehearsed now, or released by this run before."""
        if any(row.repo == pin.repo for row in ready):  # in the same tree
            return True
        if any(row.repo == pin.repo for row in self.rows):
            return pin.repo in proven
        try:
            expect = self.world.config.publish_for(pin.repo).expect
            look = self.world.index.look
            return look(pin.distribution, pin.version, expect=expect).state == "available"
        except ReleaseError:
            return False  # the pre-flight tells what is wrong with the index

    @contextmanager
    def _open_stage(self) -> Iterator[Stage]:
        """A folder as deep as a run's worktrees: locks and uv's settings are found on the way."""
        session, state = self.record.session, self.record.state
        place = self.world.places.worktrees / "rehearsal"
        with ExitStack() as stack:
            try:
                folder = stack.enter_context(scratch_folder(place, self.plan.run_id))
            except OSError as error:
                raise _no_folder(place, error) from error
            stage = Stage(
                folder,
                plan=self.plan,
                started_at=state.started_at if state else session.started_at,
                ticket=state.ticket if state else session.request.ticket,
                offline=session.request.offline,
            )
            stage.wheels.mkdir()
            yield stage


def _split_into_waves(rows: Sequence[RepoPlan]) -> Iterator[list[list[RepoPlan]]]:
    """The rows of each tree, trees together that are of one tier and pin nothing of each other."""
    wave: list[list[RepoPlan]] = []
    for _, group in groupby(rows, key=lambda row: row.clone):
        tree = [*group]
        before = {row.repo for each in wave for row in each}
        tiers = {row.tier for each in (*wave, tree) for row in each}
        if len(tiers) > 1 or any(pin.repo in before for row in tree for pin in row.pins):
            yield wave
            wave = []
        wave.append(tree)
    yield wave


def _rehearse_tree(rows: Sequence[RowRehearsal]) -> list[Check]:
    """The rows of one tree, step by step: a lock may hold all of its packages."""
    edited = [check for row in rows for check in row.edit()]
    locked = [check for row in rows for check in row.lock()]
    linted = [check for row in rows for check in row.lint(rows)]
    built = [check for row in rows for check in row.build(rows)]
    return [*edited, *locked, *linted, *built]


def _no_folder(place: Path, error: OSError) -> ReleaseError:
    return ReleaseError(
        ErrorCode.CONFIG_INVALID,
        f"expected a folder for the rehearsal at {place}, or one that can be made, found: {error}.",
        hint="set OMNI_WORKTREES to a folder that can be written to",
    )


def _not_rehearsed(row: RepoPlan, missing: Collection[str]) -> Check:
    names = ", ".join(missing)
    return Check(
        row.repo,
        "rehearsal",
        "unknown",
        f"not rehearsed: the version of {names} that it pins is neither rehearsed nor on the index",
    )
