"""What a merge brought in, read from commits and trees: a forge, a person or a queue merged.

This run squashes; a person may also merge or rebase, and until then both branches may move. A merge
cannot be taken back, so what it brought in is judged once more before anything is tagged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from omninode_release.phases.output import LateCommit
from omninode_release.phases.push import PushOutput
from omninode_release.phases.shared.late_commits import refuse_where_configured, require_same_level
from omninode_release.phases.shared.release_branch import (
    keep_inside,
    list_commits_of_others,
    refuse_unknown,
    require_own_commit,
    require_planned_manifest,
)
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.text.commits.meaning import classify

if TYPE_CHECKING:
    from omninode_release.models.commit import Commit
    from omninode_release.phases.ports import Context, Step


class MergedCommits(NamedTuple):
    """What a merge released beyond the plan; newest first."""

    base: str
    """The base branch as it was right before the merge."""
    on_base: list[Commit]
    """Commits that reached the base branch after the worktree was made."""
    of_others: list[Commit]
    """Commits of the release branch that this run did not make."""
    own_change: list[Commit]
    """The merge itself, where it changes what merging the two does not, or says that it breaks."""

    @property
    def late(self) -> tuple[LateCommit, ...]:
        """All of them as the evidence keeps them."""
        return (
            *LateCommit.of(self.own_change),
            *LateCommit.of(self.of_others, on_release_branch=True),
            *LateCommit.of(self.on_base),
        )


def find_merged_commits(step: Step, ctx: Context, merge: str, head: str) -> MergedCommits:
    """What ``merge``, a commit of the base branch, released of ``head``.

    Raises PLAN_STALE when ``head`` does not contain the commit of this run.
    """
    start = step.evidence(WorktreeOutput).base_sha
    require_own_commit(step, ctx, head)
    base = _find_base(ctx, merge, head, start)
    of_others = list_commits_of_others(step, ctx, head, base)
    commit = _read_commit(ctx, merge)
    clean = ctx.clone.merge_trees(base, head) == ctx.clone.tree_of(merge)
    breaks = classify(commit, default_bump=ctx.config.default_bump).breaking
    own_change = [commit] if merge != head and (breaks or not clean) else []
    return MergedCommits(base, ctx.clone.commits(base, start), of_others, own_change)


def require_approved_merge(step: Step, ctx: Context, merge: str, head: str) -> None:
    """Raise PLAN_STALE when the merge released something else than was approved."""
    merged = find_merged_commits(step, ctx, merge, head)
    refuse_where_configured(step, ctx, [*merged.own_change, *merged.on_base])
    pushed = step.recorded(PushOutput)
    known = [pushed.sha if pushed else None, ctx.clone.branch_sha(step.branch)]
    refuse_unknown(step, ctx, merged.of_others, known)
    of_others = keep_inside(step, ctx, merged.of_others, head, merged.base)
    require_same_level(step, ctx, merged.base, [*merged.own_change, *of_others])
    require_planned_manifest(step, ctx, merge, of=merge)


def _find_base(ctx: Context, merge: str, head: str, start: str) -> str:
    """The commit of the base branch that ``merge`` was made on.

    The first parent of a squash and of a merge. A rebase left a copy of each commit of the release
    branch, by the same author under the same subject: the first that is none. Where the base
    branch simply moved up to the head, nothing was there besides ``start``.
    """
    branch = ctx.clone.commits(head, start)
    if merge in {each.sha for each in branch}:
        return start
    copied = {(each.author, each.subject) for each in branch if not each.is_merge}
    last = commit = _read_commit(ctx, merge)
    while not commit.is_merge and (commit.author, commit.subject) in copied:
        copied.discard((commit.author, commit.subject))
        commit = _read_commit(ctx, commit.parents[0])
    return commit.parents[0] if commit is last else commit.sha


def _read_commit(ctx: Context, sha: str) -> Commit:
    return ctx.clone.commits(f"{sha}^!", None)[0]
