"""Removing what one repository's release left behind: its worktree and its branches.

After a plan went stale and was approved anew the half-made release is withdrawn (``restart``).
Nothing else takes back what others can see: the run closes its open pull request and deletes its
release branch. A merged pull request stays: what it merged is part of what the new plan releases.
Whatever goes, what people left in it and nowhere else is kept under ``refs/omni-release/`` first.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from omninode_release.errors import CommandFailed, ErrorCode, ReleaseError, typed_git
from omninode_release.events import Note
from omninode_release.phases.commit import CommitOutput
from omninode_release.phases.merge import MergeOutput
from omninode_release.phases.shared.pull_request_claim import hold_claim
from omninode_release.phases.worktree import WorktreeOutput, find_worktree
from omninode_release.system.presence import is_there

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        _delete_on_remote(step, ctx, there)
    known = (merged.merge_sha, merged.head_sha) if merged else ()
    _keep_work_of_others(step, ctx, "kept", [ctx.clone.branch_sha(step.branch)], known)
    remove_traces_here(step, ctx)


def _delete_on_remote(step: Step, ctx: Context, there: str | None) -> None:
    """Delete the branch there; one that rules keep is no reason to leave anything here."""
    try:
        ctx.clone.delete_remote_branch(step.branch, there)
    except CommandFailed as error:
        ctx.report(Note(f"{step.repo}: {step.branch} stays on the remote: {error.last_words}"))


def remove_traces_here(step: Step, ctx: Context) -> None:
    if find_worktree(step, ctx) is not None:
        ctx.clone.remove_worktree(step.path)
    if ctx.clone.branch_sha(step.branch):
        ctx.clone.delete_branch(step.branch)


def restart(step: Step, ctx: Context) -> int | None:
    """Close the pull request, delete the release branch and its worktree; twice is harmless.

    Answers the pull request's number. A branch on the remote without the commit of this run is
    another's, and is left alone with its pull request. Raises PLAN_STALE for whatever goes wrong,
    by which the next invocation knows to restart.
    """
    try:
        return _restart(step, ctx)
    except ReleaseError as error:
        error.code = ErrorCode.PLAN_STALE
        raise


def _restart(step: Step, ctx: Context) -> int | None:
    ref = f"refs/heads/{step.branch}"
    # Fetched now: what reached the branch since the last look goes with it.
    there = ctx.clone.fetch(step.branch) if ref in ctx.clone.remote_refs(ref) else None
    heads = [ctx.clone.branch_sha(step.branch), ctx.clone.fetched_sha(step.branch)]
    _keep_work_of_others(step, ctx, "withdrawn", heads, [ctx.clone.fetch(step.base)])
    pull = ctx.forge.pulls.find(step.branch, step.base)
    ours = there is None or _has_own_commit(step, ctx, there)
    if pull is not None and pull.state == "open" and ours:
        seconds = ctx.config.timeouts.merge_minutes * 60
        with hold_claim(step, ctx, pull.number, action="close", seconds=seconds):
            ctx.forge.pulls.close(pull.number)
    if ours:
        ctx.clone.delete_remote_branch(step.branch, there)
    remove_traces_here(step, ctx)
    return pull.number if pull else None


def _has_own_commit(step: Step, ctx: Context, head: str) -> bool:
    own = step.recorded(CommitOutput)
    return own is not None and ctx.clone.is_ancestor(own.sha, head)


def _keep_work_of_others(
    step: Step,
    ctx: Context,
    folder: str,
    heads: Sequence[str | None],
    known: Sequence[str | None],
) -> None:
    """Keep what people committed to the release branch, or changed in the worktree.

    ``heads`` are where the branch is, and ``known`` has what stands elsewhere.
    """
    worktree, own = step.recorded(WorktreeOutput), step.recorded(CommitOutput)
    if worktree is None:
        return
    kept = f"refs/omni-release/{folder}/{step.run_id}/{step.repo}"
    entry = find_worktree(step, ctx)
    if entry is not None and entry.branch == step.branch_after:
        entry = None  # a killed run was at what follows the release, and makes that again
    if entry is not None and not entry.half_made and is_there(step.path / ".git"):
        _keep_changes(step, ctx, kept)
        heads = [*heads, entry.head]  # a person may have detached it from the branch
    without = [each for each in known if each and ctx.clone.commit_of(each)]
    for head in filter(None, {*heads}):
        found = ctx.clone.commits(head, worktree.base_sha, *without)
        if any(own is None or each.sha != own.sha for each in found):
            ref = f"{kept}/{head[:12]}"
            ctx.clone.keep_commit(ref, head)
            look = typed_git(ctx.clone.path, "log", ref)
            ctx.report(
                Note(
                    f"{step.repo}: commits on {step.branch} that this run did not make are kept:"
                    f" {look}"
                )
            )


def _keep_changes(step: Step, ctx: Context, kept: str) -> None:
    """Keep what is changed in the worktree and not committed, the run's own beside a person's."""
    changed = [step.path / each for each in ctx.checkout.changes()]
    if not any(is_there(each) or each.is_symlink() for each in changed):  # a killed removal
        return
    names = (f"{kept}/changes-{number}" for number in count(1))
    ref = next(name for name in names if ctx.clone.commit_of(name) is None)
    ctx.checkout.keep_changes(ref)
    look = typed_git(ctx.clone.path, "show", ref)
    ctx.report(Note(f"{step.repo}: changes in {step.path} that no commit has are kept: {look}"))
