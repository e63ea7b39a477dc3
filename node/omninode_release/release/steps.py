"""What a phase is given of a row: in a run, and on a stage before one, where steps are tried."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from omninode_release.adapters.registry import FORGES
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.plan import PlanStatus
from omninode_release.phases.changelogs import preview_entry
from omninode_release.phases.ports import EntryContext, Step
from omninode_release.phases.shared.tags import release_tags
from omninode_release.planning.guards.outsiders import find_pins_to_lock
from omninode_release.release.scanned_clone import ScannedClone, SeenClone
from omninode_release.system.worktree_files import Tree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from pathlib import Path

    from omninode_release.adapters.tool_ports import Collector
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.facts import RepoFacts
    from omninode_release.models.phase import Phase
    from omninode_release.models.plan import Plan, RepoPlan
    from omninode_release.models.state import RunState
    from omninode_release.phases.output import PhaseOutput
    from omninode_release.release.session import Session
    from omninode_release.system.process import Runner


def make_step(
    run: RunState | Stage,
    row: RepoPlan,
    config: ReleaseConfig,
    *,
    path: Path,
    plan_hash: str,
    outputs: Mapping[Phase, PhaseOutput],
) -> Step:
    """A step of the row in the worktree ``path``, after phases that have left ``outputs``."""
    old, new = row.versions
    return Step(
        run_id=run.run_id,
        row=row,
        distribution=row.package,
        base=row.base_branch or "main",
        branch=f"release/{run.run_id}/{row.clone}",
        path=path,
        old=old,
        new=new,
        started_at=run.started_at,
        ticket=run.ticket,
        plan_hash=plan_hash,
        outputs=outputs,
        subject_template=config.commit_subject,
        place=config.place_of(row.repo),
    )


@dataclass(frozen=True)
class Stage:
    """A folder for throw-away trees, and the run that the plan is of."""

    folder: Path
    plan: Plan
    started_at: datetime
    ticket: str | None
    offline: bool

    @property
    def wheels(self) -> Path:
        """What was built; no repository has a name like that."""
        return self.folder / ".wheels"

    @property
    def run_id(self) -> str:
        return self.plan.run_id

    @cached_property
    def _plan_hash(self) -> str:
        """That of the plan, which is made of all of its rows."""
        return self.plan.plan_hash

    def tree(self, repo: str) -> Path:
        return self.folder / repo

    def step(
        self, row: RepoPlan, config: ReleaseConfig, outputs: Mapping[Phase, PhaseOutput]
    ) -> Step:
        """What a phase of the row is given; ``outputs`` are those of the phases before it."""
        path = self.tree(row.clone)
        return make_step(self, row, config, path=path, plan_hash=self._plan_hash, outputs=outputs)

    def list_pinned(self, row: RepoPlan) -> list[str]:
        """The packages of this run that a lock of the row needs: its pins, and theirs."""
        return [*find_pins_to_lock(row, {each.repo: each for each in self.plan.entries})]

    def list_released(self) -> list[RepoPlan]:
        """The rows that this run releases, or has released, in the order of the release."""
        released = {PlanStatus.RELEASE, PlanStatus.DONE}
        return [each for each in self.plan.entries if each.status in released]


class NoCollector(NamedTuple):
    """In the place of towncrier, where no code of any repository is run."""

    why: str
    """Completes "…, which"."""
    hint: str | None = None

    def build(self, tree: Path, version: str, date: date, *, title: str | None) -> None:
        del tree, version, date, title
        raise ReleaseError(
            ErrorCode.CHANGELOG_FAILED,
            "towncrier puts the entry together, and may run code of the repository for that, which"
            f" {self.why}.",
            hint=self.hint,
        )


def foresee(
    row: RepoPlan,
    stage: Stage,
    session: Session,
    facts: RepoFacts | None,
    collector: Collector | None,
) -> dict[str, Any]:
    """The tags and the changelog entry that a release will make: fields of ``PlannedRow``.

    ``facts`` are what the scan has read, ``collector`` takes the place of the one that runs a
    program. Raises what a phase does.
    """
    config, place = session.config, session.config.place_of(row.repo)
    run, seconds = session.programs.at(f"{row.repo}/rehearsal"), config.timeouts.git_seconds
    path = session.scan().git(row.repo).path
    clone = (
        ScannedClone(path, run, seconds, place=place)
        if facts is None
        else SeenClone(path, run, seconds, place=place, seen=facts)
    )
    step = stage.step(row, config, {})
    ctx = EntryContext(
        config=config,
        clone=clone,
        files=Tree(step.path, step.place.folder),
        forge=FORGES[config.forge]().workflows(config.publish_for(row.repo)),
        collector=collector or _open_towncrier(run, seconds),
    )
    tags = release_tags(step, ctx, row.base_sha or "")
    try:
        return {"tags": tags, "entry": preview_entry(step, ctx)}
    except ReleaseError as error:
        return {"tags": tags, "entry_problem": error.text}


def _open_towncrier(run: Runner, seconds: float) -> Collector:
    # Only a rehearsal may run it.
    from omninode_release.adapters.towncrier import Towncrier  # noqa: PLC0415

    return Towncrier(run, seconds)
