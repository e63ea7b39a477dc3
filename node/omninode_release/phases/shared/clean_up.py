"""Removing what one repository's release left behind: its worktree and its branches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.events import Note
from omninode_release.phases.merge import MergeOutput

if TYPE_CHECKING:
    from omninode_release.phases.ports import Context, Step


def remove_traces(step: Step, ctx: Context) -> None:
    """Remove the worktree and the local and remote release branch; twice is harmless.

    The remote branch goes first. One with commits that were pushed to it after the merge stays.
    """
    ref = f"refs/heads/{step.branch}"
    there, merged = ctx.clone.remote_refs(ref).get(ref), step.recorded(MergeOutput)
    if there and merged and merged.head_sha not in {None, there}:
        ctx.report(
            Note(
                f"{step.repo}: {step.branch} stays on the remote: it is at {there[:12]}, and"
                f" {str(merged.head_sha)[:12]} was merged"
            )
        )
    else:
        ctx.clone.delete_remote_branch(step.branch, there)
    remove_traces_here(step, ctx)


def remove_traces_here(step: Step, ctx: Context) -> None:
    """Remove the worktree and the local branch."""
    if any(entry.path.resolve() == step.path.resolve() for entry in ctx.clone.worktrees()):
        ctx.clone.remove_worktree(step.path)
    if ctx.clone.branch_sha(step.branch):
        ctx.clone.delete_branch(step.branch)
