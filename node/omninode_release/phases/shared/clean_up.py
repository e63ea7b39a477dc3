"""Removing what one repository's release left behind: its worktree and its branches."""

from __future__ import annotations

from omninode_release.phases.ports import Context, Step


def remove_traces(step: Step, ctx: Context) -> None:
    """Remove the worktree and the local and remote release branch; twice is harmless.

    The remote branch goes first, and only while it is where the remote says it is now: a push that
    moves it meanwhile wins, and the local branch is then still there.
    """
    ref = f"refs/heads/{step.branch}"
    ctx.clone.delete_remote_branch(step.branch, ctx.clone.remote_refs(ref).get(ref))
    if any(entry.path.resolve() == step.path.resolve() for entry in ctx.clone.worktrees()):
        ctx.clone.remove_worktree(step.path)
    if ctx.clone.branch_sha(step.branch):
        ctx.clone.delete_branch(step.branch)
