"""TAG: annotated release tags on the merge commit, on the remote.

Effect: every tag of the step on the remote, pushed together. Recognised by the remote having each
of them on the merge commit; on another commit it is a conflict, and nothing is moved.
"""

from __future__ import annotations

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.outputs import MergeOutput, TagOutput, WorktreeOutput
from omninode_release.phases.base import Context, Step
from omninode_release.phases.tag_names import release_tags


def done(step: Step, ctx: Context) -> TagOutput | None:
    sha = step.evidence(MergeOutput).merge_sha
    tags = release_tags(step, ctx, sha)
    there = ctx.clone.remote_refs(*(f"refs/tags/{tag}*" for tag in tags))
    for tag in tags:
        _refuse_elsewhere(step, tag, sha, there.get(f"refs/tags/{tag}"), "on the remote")
    if all(f"refs/tags/{tag}" in there for tag in tags):
        return TagOutput(tags=tags, sha=sha)
    return None


def apply(step: Step, ctx: Context) -> TagOutput:
    sha = step.evidence(MergeOutput).merge_sha
    tags = release_tags(step, ctx, sha)
    for tag in tags:
        here = ctx.clone.commit_of(f"refs/tags/{tag}")
        _refuse_elsewhere(step, tag, sha, here, "in the clone")
        if here is None:
            ctx.clone.make_tag(tag, sha, _message(step), when=ctx.now())
    ctx.clone.push(*(f"refs/tags/{tag}:refs/tags/{tag}" for tag in tags))
    return TagOutput(tags=tags, sha=sha)


def _refuse_elsewhere(step: Step, tag: str, wanted: str, found: str | None, where: str) -> None:
    if found not in {None, wanted}:
        raise ReleaseError(
            ErrorCode.TAG_CONFLICT,
            f"expected the tag {tag} {where} on {wanted}, the merge commit, found it on {found}.",
            hint=f"if {found[:12] if found else ''} is stale, delete the tag {tag} by hand, then"
            f" omni-release --resume {step.run_id}",
        )


def _message(step: Step) -> str:
    lines = [f"{step.repo} v{step.new}", "", step.trailers]
    late = (*step.evidence(WorktreeOutput).late, *step.evidence(MergeOutput).late)
    lines += [f"Late-Commit: {commit.sha}" for commit in late]
    return "\n".join(lines) + "\n"
