"""Removing what one repository's release left behind: its worktree and its branches.

After a plan went stale and was approved anew the half-made release is withdrawn (``restart``).
Nothing else takes back what others can see: the run closes its open pull request and deletes its
release branch. A merged pull request stays: what it merged is part of what the new plan releases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import typed_git
from omninode_release.events import Note
from omninode_release.phases.commit import CommitOutput
from omninode_release.phases.merge import MergeOutput
from omninode_release.phases.shared.pull_request_claim import hold_claim
from omninode_release.phases.worktree import WorktreeOutput

if TYPE_CHECKING:
    from omninode_release.models.forge import PullRequest
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


def restart(step: Step, ctx: Context) -> int | None:
    """Close the pull request, delete the release branch and its worktree; twice is harmless.

    Answers the pull request's number. A branch on the remote without the commit of this run is
    another's, and is left alone with its pull request.
    """
    _keep_commits_of_others(step, ctx)
    pull = ctx.forge.pulls.find(step.branch)
    ref = f"refs/heads/{step.branch}"
    there = ctx.clone.remote_refs(ref).get(ref)
    ours = there is None or _has_own_commit(step, ctx, there)
    if pull is not None and pull.state == "open" and ours:
        _close(step, ctx, pull)
    if ours:
        ctx.clone.delete_remote_branch(step.branch, there)
    remove_traces_here(step, ctx)
    return pull.number if pull else None


def _close(step: Step, ctx: Context, pull: PullRequest) -> None:
    seconds = ctx.config.timeouts.merge_minutes * 60
    with hold_claim(step, ctx, pull.number, action="close", seconds=seconds):
        ctx.forge.pulls.close(pull.number)


def _has_own_commit(step: Step, ctx: Context, head: str) -> bool:
    own = step.recorded(CommitOutput)
    if own is None:
        return False
    ctx.clone.fetch(step.branch)
    return ctx.clone.is_ancestor(own.sha, head)


def _keep_commits_of_others(step: Step, ctx: Context) -> None:
    """Keep what a person committed to the release branch where it can be found again."""
    worktree, own = step.recorded(WorktreeOutput), step.recorded(CommitOutput)
    if worktree is None:
        return
    heads = {ctx.clone.branch_sha(step.branch), ctx.clone.fetched_sha(step.branch)}
    for head in filter(None, heads):
        found = ctx.clone.commits(head, worktree.base_sha, ctx.clone.fetch(step.base))
        if any(own is None or each.sha != own.sha for each in found):
            kept = f"refs/omni-release/withdrawn/{step.run_id}/{step.repo}/{head[:12]}"
            ctx.clone.keep_commit(kept, head)
            ctx.report(
                Note(
                    f"{step.repo}: commits on {step.branch} that this run did not make are kept:"
                    f" {typed_git(ctx.clone.path, 'log', kept)}"
                )
            )
