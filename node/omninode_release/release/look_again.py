"""Looking at the world before a person is asked again: a resume must not ask for what is stale."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import StepFailed
from omninode_release.models.phase import Phase
from omninode_release.phases.shared.late_commits import late_commits
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.release import progress

if TYPE_CHECKING:
    from omninode_release.models.plan import RepoPlan
    from omninode_release.phases.ports import Context, Step
    from omninode_release.release.record import RunRecord
    from omninode_release.release.world import World


def mark_stale_rows(record: RunRecord, world: World) -> None:
    """Record PLAN_STALE of what was begun and whose base branch has moved too far since.

    The plan that is made next then plans these repositories anew, and a person is asked about that
    plan and no other.
    """
    if record.state is None:
        return
    for row in record.state.plan.remaining:
        repo = record.find_begun(row.repo)
        known = repo is not None and repo.error_code is not ErrorCode.PLAN_STALE
        if repo is None or not known or Phase.MERGE in repo.outputs:
            continue
        step, ctx = world(record.state, row, Phase.MERGE)
        try:
            _look(step, ctx)
        except ReleaseError as error:
            # Anything else is a remote that does not answer: the scan asks it next, and refuses.
            if error.code is ErrorCode.PLAN_STALE:
                _mark(record, row, error)


def _look(step: Step, ctx: Context) -> None:
    """Raise PLAN_STALE where MERGE would; a release that is merged already is past that."""
    branched = step.recorded(WorktreeOutput)
    if branched is None:
        return
    tip = ctx.clone.fetch(step.base)
    known = branched.base_sha
    if ctx.clone.is_ancestor(known, tip):
        newer = ctx.clone.commits(tip, known)
        if any(step.trailers in each.body or each.subject == step.subject for each in newer):
            return
    late_commits(step, replace(ctx, report=lambda _: None), tip, since=known)


def _mark(record: RunRecord, row: RepoPlan, error: ReleaseError) -> None:
    session, repo = record.session, record.written.repos[row.repo]
    at = session.clock.now()
    record.step(row.repo, progress.fail(repo, Phase.MERGE, error, at=at))
    session.report(StepFailed(row.repo, Phase.MERGE, error))
