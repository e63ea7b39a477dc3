"""WORKTREE: a worktree of the clone at the freshly fetched base tip, on the release branch.

Effect: the branch ``release/<run_id>/<repo>`` and a folder on it. Recognised by that folder being
a worktree on that branch. A branch whose worktree is gone is adopted, never reset.
"""

from __future__ import annotations

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.outputs import WorktreeOutput
from omninode_release.phases.base import Context, Step, late
from omninode_release.phases.staleness import late_commits


def done(step: Step, ctx: Context) -> WorktreeOutput | None:
    for entry in ctx.clone.worktrees():
        if entry.path.resolve() == step.path.resolve():
            if not step.path.is_dir():
                return None  # pruned and made again by apply
            if entry.branch != step.branch:
                raise _conflict(step, f"a worktree on {entry.branch or 'a detached HEAD'}")
            return _output(step, ctx)
    if step.path.exists() and any(step.path.iterdir()):
        raise _conflict(step, "a folder that is no worktree of this clone")
    return None


def apply(step: Step, ctx: Context) -> WorktreeOutput:
    ctx.clone.prune_worktrees()
    if ctx.clone.branch_sha(step.branch):
        ctx.clone.add_worktree(step.path, step.branch)
        return _output(step, ctx)
    tip = ctx.clone.fetch(step.base)
    late_commits(step, ctx, tip)
    ctx.clone.add_worktree(step.path, step.branch, start=tip)
    return _output(step, ctx)


def _output(step: Step, ctx: Context) -> WorktreeOutput:
    recorded = step.recorded(WorktreeOutput)
    if recorded is not None:
        return recorded
    base = ctx.clone.fork_point(step.branch, step.base)
    newer = ctx.clone.commits(base, step.row.base_sha)
    return WorktreeOutput(
        worktree_path=str(step.path), branch=step.branch, base_sha=base, late=late(newer)
    )


def _conflict(step: Step, found: str) -> ReleaseError:
    return ReleaseError(
        ErrorCode.WORKTREE_CONFLICT,
        f"expected {step.path} to be free or a worktree on {step.branch}, found {found}.",
        hint=f"move {step.path} away, then omni-release --resume {step.run_id}",
    )
