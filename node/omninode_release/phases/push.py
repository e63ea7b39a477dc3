"""PUSH: the release branch on the remote, never forced and never any other branch.

Effect: ``release/<run_id>/<repo>`` on the remote at the local branch's head. Recognised by the
remote having it; a remote branch that went another way is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError, typed_git
from omninode_release.models.field_types import Branch, Sha
from omninode_release.phases.commit import CommitOutput
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.shared.release_branch import require_approved, require_own_commit
from omninode_release.phases.shared.still_ours import require_still_ours
from omninode_release.phases.worktree import WorktreeOutput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omninode_release.phases.ports import Context, Step


class PushOutput(PhaseOutput):
    """The release branch on the remote."""

    branch: Branch
    """Its name."""
    sha: Sha
    """The commit it is at."""

    def summary(self) -> str:
        return self.branch

    def find_commit(self) -> str | None:
        return self.sha


OUTPUT = PushOutput


def done(step: Step, ctx: Context) -> PushOutput | None:
    ref = f"refs/heads/{step.branch}"
    there = ctx.clone.remote_refs(ref).get(ref)
    if there is None:
        return _find_merged(step, ctx)
    here = ctx.clone.branch_sha(step.branch)
    if here == there:
        _judge(step, ctx, there, known=[here])
        return PushOutput(branch=step.branch, sha=there)
    tip = ctx.clone.fetch(step.branch)
    if here is not None and ctx.clone.is_ancestor(tip, here):  # a fix committed here, to be pushed
        return None
    if here is None or ctx.clone.is_ancestor(here, tip):  # a fix pushed to it from elsewhere
        recorded = step.recorded(PushOutput)
        _judge(step, ctx, tip, known=[here, recorded.sha if recorded else None])
        return PushOutput(branch=step.branch, sha=tip)
    raise ReleaseError(
        ErrorCode.PUSH_FAILED,
        f"expected {step.branch} on the remote to be at {here[:12]} or behind it, found"
        f" {tip[:12]}, which went another way.",
        hint=f"compare both with {typed_git(step.path, 'log', f'{here[:12]}...{tip[:12]}')}"
        " (nothing is ever forced); where nothing there is needed,"
        f" {typed_git(step.path, 'push', 'origin', '--delete', step.branch)}, then omni-release"
        f" --resume {step.run_id}",
    )


def _find_merged(step: Step, ctx: Context) -> PushOutput | None:
    """The output of a branch that was pushed, merged and then deleted.

    A branch of the same name may be another machine's: this run's contains the commit it made.
    """
    pull = ctx.forge.pulls.find(step.branch, step.base)
    if pull is None or pull.state != "merged" or pull.number in step.withdrawn:
        return None
    require_own_commit(step, ctx, pull.head_sha)
    return PushOutput(branch=step.branch, sha=pull.head_sha)


def _judge(step: Step, ctx: Context, head: str, *, known: Sequence[str | None]) -> None:
    """Raise PLAN_STALE unless ``head`` may be released, with all that others committed there."""
    worktree, own = step.evidence(WorktreeOutput), step.evidence(CommitOutput).sha
    if [each.sha for each in ctx.clone.commits(head, worktree.base_sha)] != [own]:
        require_approved(step, ctx, head, ctx.clone.fetch(step.base), known=known)


def apply(step: Step, ctx: Context) -> PushOutput:
    here = ctx.clone.branch_sha(step.branch)
    if here is None:
        raise ReleaseError(
            ErrorCode.PUSH_FAILED,
            f"expected the branch {step.branch} in {ctx.clone.path}, found none.",
            hint=f"omni-release --resume {step.run_id} makes it again",
        )
    if not step.branch.startswith(f"release/{step.run_id}/"):
        raise ValueError(f"{step.branch} is not a branch of this run")
    require_still_ours(step, ctx)
    _judge(step, ctx, here, known=[here])
    ctx.clone.push(f"refs/heads/{step.branch}:refs/heads/{step.branch}")
    return PushOutput(branch=step.branch, sha=here)
