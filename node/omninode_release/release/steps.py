"""What a phase is given of a row, in a run and before one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from omninode_release.phases.ports import Step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.phase import Phase
    from omninode_release.models.plan import RepoPlan
    from omninode_release.phases.output import PhaseOutput


class Run(Protocol):
    """What a run is known by: that of a state, or that of a plan which is tried."""

    @property
    def run_id(self) -> str: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def ticket(self) -> str | None: ...


def make_step(
    run: Run,
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
        distribution=row.distribution or row.repo,
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
