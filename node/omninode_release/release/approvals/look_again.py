"""Looking at the world again: before a person is asked a second time, and after any answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import StepFailed
from omninode_release.models.phase import Phase
from omninode_release.models.plan import PlanStatus
from omninode_release.phases.merge import find_merge
from omninode_release.phases.shared.late_commits import late_commits
from omninode_release.phases.shared.still_ours import require_still_ours
from omninode_release.phases.tag import TagOutput
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.release.progress import is_stale, next_phase
from omninode_release.release.record import note_stale

if TYPE_CHECKING:
    from omninode_release.models.plan import Plan, RepoPlan
    from omninode_release.models.state import RunState
    from omninode_release.release.record import RunRecord
    from omninode_release.release.world import World


def mark_stale_rows(record: RunRecord, world: World) -> None:
    """Record PLAN_STALE of what an earlier invocation began and the world has overtaken since.

    The plan that is made next then plans these repositories anew, and a person is asked about that
    plan and no other. A gate token covers no other: with one, this raises PLAN_STALE.
    """
    for row in record.written.plan.remaining:
        repo = record.find_begun(row.repo)
        if repo is None or repo.error_code is ErrorCode.PLAN_STALE:
            continue
        try:
            _require_still_ours(world, record.written, row)
        except ReleaseError as error:
            # Anything else is a remote that does not answer: the scan asks it next, and refuses.
            if error.code is ErrorCode.PLAN_STALE:
                note_stale(record, row, error)
                record.overtaken[row.repo] = error
                record.session.report(StepFailed(row.repo, next_phase(repo), error))
                if record.session.request.gate_attestation:
                    raise


def refuse_superseded(record: RunRecord, plan: Plan) -> None:
    """Raise PLAN_STALE when another run has released what this one began, and nothing asks of it.

    A person reads of it before the next resume withdraws what this run left of it.
    """
    for row in plan.entries:
        if row.status is PlanStatus.SKIP and row.repo in record.overtaken:
            raise record.overtaken[row.repo]


def look_again(record: RunRecord, world: World, plan: Plan) -> None:
    """Raise PLAN_STALE when another run released a row, or its base branch moved too far."""
    for row in plan.remaining:
        try:
            _require_still_ours(world, record.written, row)
        except ReleaseError as error:
            note_stale(record, row, error)
            raise


def _require_still_ours(world: World, state: RunState, row: RepoPlan) -> None:
    """Raise PLAN_STALE for a row that another run released, or whose base branch moved too far.

    Changes nothing, and needs no worktree.
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
