"""TAG: annotated release tags on the merge commit, on the remote.

Effect: every tag of the step on the remote, pushed together. Recognised by the remote having each
of them on the merge commit; on another commit it is a conflict, and nothing is moved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import CommandFailed, ErrorCode, ReleaseError
from omninode_release.models.field_types import Sha, Tag, TagUrl
from omninode_release.phases.merge import MergeOutput
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.pull_request import PrOutput
from omninode_release.phases.shared.late_commits import require_start
from omninode_release.phases.shared.merged_commits import require_approved_merge
from omninode_release.phases.shared.pinned_versions import wait_for_pinned
from omninode_release.phases.shared.still_ours import require_still_ours
from omninode_release.phases.shared.tags import find_missing_tags, refuse_elsewhere, release_tags
from omninode_release.phases.worktree import WorktreeOutput

if TYPE_CHECKING:
    from omninode_release.phases.ports import Context, Step


class TagOutput(PhaseOutput):
    """Release tags on the merge commit, as the remote has them."""

    tags: tuple[Tag, ...]
    """Their names, the one that is always made first."""
    sha: Sha
    """The commit all of them are on."""
    url: TagUrl | None = None
    """Where the first is shown; null where the forge shows none."""

    def summary(self) -> str:
        return f"{', '.join(self.tags)} on {self.sha[:12]}"

    def find_link(self) -> str | None:
        return self.url

    def find_commit(self) -> str | None:
        return self.sha

    def state_fields(self) -> dict[str, object]:
        return {"tag": self.tags[0]}

    def result_fields(self) -> dict[str, object]:
        return {"tags": self.tags, "tag_url": self.url}


OUTPUT = TagOutput


def done(step: Step, ctx: Context) -> TagOutput | None:
    sha = step.evidence(MergeOutput).merge_sha
    tags = release_tags(step, ctx, sha)
    return None if find_missing_tags(step, ctx, tags, sha) else _make_output(ctx, tags, sha)


def apply(step: Step, ctx: Context) -> TagOutput:
    sha = step.evidence(MergeOutput).merge_sha
    wait_for_pinned(step, ctx)  # a person may have merged it
    _require_approved(step, ctx, sha)
    tags = release_tags(step, ctx, sha)
    # Only these: a tag that is there may be another object on the same commit, and stays.
    missing = find_missing_tags(step, ctx, tags, sha)
    while missing:
        missing = _push(step, ctx, missing, sha)
    return _make_output(ctx, tags, sha)


def _push(step: Step, ctx: Context, missing: list[str], sha: str) -> list[str]:
    """Make the tags and push them; those that are still missing where another made one just now.

    A workflow may tag what is merged, too.
    """
    for tag in missing:
        here = ctx.clone.commit_of(f"refs/tags/{tag}")
        refuse_elsewhere(step, ctx, tag, wanted=sha, found=here, where="in the clone")
        if here is None:
            ctx.clone.make_tag(tag, sha, _write_message(step), when=ctx.now())
    try:
        ctx.clone.push(*(f"refs/tags/{tag}:refs/tags/{tag}" for tag in missing))
    except CommandFailed:
        left = find_missing_tags(step, ctx, missing, sha)
        if left == missing:
            raise
        return left
    return []


def _make_output(ctx: Context, tags: tuple[Tag, ...], sha: str) -> TagOutput:
    return TagOutput(tags=tags, sha=sha, url=ctx.forge.tag_url(tags[0]))


def _require_approved(step: Step, ctx: Context, sha: str) -> None:
    """The last look before users can install it: what was merged is what was approved.

    Raises PLAN_STALE: the merge stays, and the next plan releases a version above it.
    """
    merge = step.evidence(MergeOutput)
    head = merge.head_sha or ctx.forge.pulls.view(step.evidence(PrOutput).number).head_sha
    try:
        require_still_ours(step, ctx, merged=sha)
        require_approved_merge(step, ctx, sha, head)
        require_start(step, ctx, sha)
    except ReleaseError as error:
        if error.code is ErrorCode.PLAN_STALE:
            error.message += (
                f" {step.new} is merged into {step.base} as {sha[:12]} and stays there; this run"
                " has not tagged or published it."
            )
        raise


def _write_message(step: Step) -> str:
    lines = [f"{step.repo} v{step.new}", "", step.trailers]
    late = (*step.evidence(WorktreeOutput).late, *step.evidence(MergeOutput).late)
    lines += [f"Late-Commit: {commit.words}" for commit in late]
    return "\n".join(lines) + "\n"
