"""Whether a row is still this run's to release as approved, asked with no worktree at hand."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from omninode_release.models.phase import Phase
from omninode_release.models.plan import RepoPlan
from omninode_release.models.state import RunState
from omninode_release.phases.merge import find_merge
from omninode_release.phases.ports import Context, Step
from omninode_release.phases.shared.late_commits import late_commits
from omninode_release.phases.shared.still_ours import require_still_ours
from omninode_release.phases.tag import TagOutput
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.release.progress import is_stale
from omninode_release.release.world import World


class Found(NamedTuple):
    """A row that is still this run's to release."""

    step: Step
    ctx: Context
    tip: str
    """The tip of its base branch."""
    is_merged: bool
    """Its release is part of that branch."""


def require_row_still_ours(world: World, state: RunState, row: RepoPlan) -> Found | None:
    """Raise PLAN_STALE for a row that another run released; None for one that is tagged already.

    May be asked at any time of a run, also before a person is asked; changes nothing.
    """
    repo = state.repos.get(row.repo)
    step, ctx = world(state, row, Phase.WORKTREE)
    ctx = replace(ctx, report=lambda _: None)
    if repo is not None and is_stale(repo, row):  # planned anew: what it made before goes
        step = replace(step, outputs={})
    if step.recorded(TagOutput) is not None:  # it is released under this version
        return None
    merged = find_merge(step, ctx)
    tip = require_still_ours(step, ctx, merged=merged)
    return Found(step, ctx, tip, merged is not None)


def require_row_unchanged(found: Found | None) -> None:
    """Raise PLAN_STALE for a row whose base branch moved too far; after the merge TAG judges it."""
    if found is not None and not found.is_merged:
        branched = found.step.recorded(WorktreeOutput)
        since = branched.base_sha if branched else None
        late_commits(found.step, found.ctx, found.tip, since=since)
