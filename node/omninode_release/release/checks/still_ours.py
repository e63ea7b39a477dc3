"""Whether a row's version is still this run's to release, asked with no worktree at hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from omninode_release.models.phase import Phase
from omninode_release.phases.merge import find_merge
from omninode_release.phases.shared.late_commits import late_commits
from omninode_release.phases.shared.still_ours import require_still_ours
from omninode_release.phases.tag import TagOutput
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.release.progress import is_stale

if TYPE_CHECKING:
    from omninode_release.models.plan import RepoPlan
    from omninode_release.models.state import RunState
    from omninode_release.release.world import World


def require_row_still_ours(world: World, state: RunState, row: RepoPlan) -> None:
    """Raise PLAN_STALE for a row that another run released, or whose base branch moved too far.

    May be asked at any time of a run, also before a person is asked; changes nothing.
    """
    repo = state.repos.get(row.repo)
    step, ctx = world(state, row, Phase.WORKTREE)
    step, ctx = replace(step, companions=()), replace(ctx, report=lambda _: None)
    if repo is not None and is_stale(repo, row):  # planned anew: what it made before goes
        step = replace(step, outputs={})
    if step.recorded(TagOutput) is not None:  # it is released under this version
        return
    merged = find_merge(step, ctx)
    tip = require_still_ours(step, ctx, merged=merged)
    if merged is None:
        branched = step.recorded(WorktreeOutput)
        late_commits(step, ctx, tip, since=branched.base_sha if branched else None)
