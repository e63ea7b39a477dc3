"""TAG: annotated release tags on the merge commit, on the remote.

Effect: every tag of the step on the remote, pushed together. Recognised by the remote having each
of them on the merge commit; on another commit it is a conflict, and nothing is moved.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from omninode_release.errors import CommandFailed, ErrorCode, ReleaseError, TimedOut
from omninode_release.models.field_types import Sha, Tag, TagUrl
from omninode_release.phases.merge import MergeOutput
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.pull_request import PrOutput
from omninode_release.phases.shared.merged_commits import require_approved_merge
from omninode_release.phases.shared.pinned_versions import wait_for_pinned
from omninode_release.phases.shared.still_ours import require_still_ours
from omninode_release.phases.shared.tags import advise, look_at_tag, release_tags
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
    return None if _find_missing(step, ctx, tags, sha) else _make_output(ctx, tags, sha)


def apply(step: Step, ctx: Context) -> TagOutput:
    sha = step.evidence(MergeOutput).merge_sha
    wait_for_pinned(step, ctx)  # a person may have merged it
    _require_approved(step, ctx, sha)
    tags = release_tags(step, ctx, sha)
    # Only these: a tag that is there may be another object on the same commit, and stays.
    missing = _find_missing(step, ctx, tags, sha)
    for tag in missing:
        here = ctx.clone.commit_of(f"refs/tags/{tag}")
        _refuse_elsewhere(step, ctx, tag, wanted=sha, found=here, where="in the clone")
        if here is None:
            ctx.clone.make_tag(tag, sha, _write_message(step), when=ctx.now())
    ctx.clone.push(*(f"refs/tags/{tag}:refs/tags/{tag}" for tag in missing))
    return _make_output(ctx, tags, sha)


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
    except ReleaseError as error:
        if error.code is ErrorCode.PLAN_STALE:
            error.message += (
                f" {step.new} is merged into {step.base} as {sha[:12]} and stays there; this run"
                " has not tagged or published it."
            )
        raise


def _find_missing(step: Step, ctx: Context, tags: tuple[str, ...], sha: str) -> list[str]:
    """Tags the remote does not have. Raises TAG_CONFLICT for one it has on another commit."""
    there = ctx.clone.remote_refs(*(f"refs/tags/{tag}*" for tag in tags))
    for tag in tags:
        found = there.get(f"refs/tags/{tag}")
        _refuse_elsewhere(step, ctx, tag, wanted=sha, found=found, where="on the remote")
    return [tag for tag in tags if f"refs/tags/{tag}" not in there]


def _refuse_elsewhere(
    step: Step, ctx: Context, tag: str, *, wanted: str, found: str | None, where: str
) -> None:
    if found in {None, wanted}:
        return
    with suppress(CommandFailed, TimedOut):  # the tag may be younger than our last look
        ctx.clone.fetch(step.base, tags=True)
    truth = look_at_tag(
        ctx.clone,
        ctx.index,
        tag,
        found or "",
        base=step.base,
        distribution=step.distribution,
        version=step.new,
    )
    raise ReleaseError(
        ErrorCode.TAG_CONFLICT,
        f"expected the tag {tag} {where} on {wanted}, the merge commit, found it on {found}:"
        f" {truth.words}.",
        hint=advise(truth, step.path, found or "", run_id=step.run_id),
    )


def _write_message(step: Step) -> str:
    lines = [f"{step.repo} v{step.new}", "", step.trailers]
    late = (*step.evidence(WorktreeOutput).late, *step.evidence(MergeOutput).late)
    lines += [f"Late-Commit: {commit.words}" for commit in late]
    return "\n".join(lines) + "\n"
