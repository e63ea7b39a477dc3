"""The tags of a release: which it makes, and what is true of one that is in the way.

A tag is evidence of a release. Nothing here, and no message that is made of it, proposes to delete
or to move one.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.errors import ErrorCode, ProgramFailed, ReleaseError, typed_git
from omninode_release.models.place import WHOLE
from omninode_release.text.commits.release_commit import read_run_trailer
from omninode_release.text.workflows.called import read_with_calls
from omninode_release.text.workflows.starts import choose_tags

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from omninode_release.adapters.git_ports import Clone
    from omninode_release.adapters.ports import Index
    from omninode_release.phases.ports import Context, EntryContext, Step

_REMOTE_TAGS = "refs/omni-release/tags/"


def release_tags(step: Step, ctx: EntryContext, revision: str) -> tuple[str, ...]:
    """The tags to make on ``revision``, the one that starts the publish workflow last."""
    workflow = read_workflow(step, ctx, revision)
    return choose_tags(
        ctx.config.publish_for(step.repo),
        workflow,
        step.tags_to_make(ctx),
        starts=lambda tag: ctx.forge.is_started_by(tag, workflow),
        released=ctx.config.makes_release(step.repo),
        runs_elsewhere=ctx.forge.runs_elsewhere,
    )


def find_workflow_path(step: Step, ctx: EntryContext) -> str:
    """Where the publish workflow of the package stands; a companion may have one of its own."""
    name = ctx.config.publish_for(step.repo).workflow
    return str(PurePosixPath(ctx.forge.workflow_path).with_name(name))


def read_workflow(step: Step, ctx: EntryContext, revision: str) -> str:
    """The publish workflow's text, with what it calls; empty where there is none."""
    read = partial(ctx.clone.inside(WHOLE).text, revision)
    return read_with_calls(read, find_workflow_path(step, ctx)) or ""


def find_missing_tags(step: Step, ctx: Context, tags: Sequence[str], sha: str) -> list[str]:
    """Tags the remote does not have. Raises TAG_CONFLICT for one it has on another commit."""
    there = ctx.clone.remote_refs(*(f"refs/tags/{tag}*" for tag in tags))
    for tag in tags:
        found = there.get(f"refs/tags/{tag}")
        refuse_elsewhere(step, ctx, tag, wanted=sha, found=found, where="on the remote")
    return [tag for tag in tags if f"refs/tags/{tag}" not in there]


def refuse_elsewhere(
    step: Step, ctx: Context, tag: str, *, wanted: str, found: str | None, where: str
) -> None:
    """Raise TAG_CONFLICT for a tag that is on another commit than the ``wanted`` one."""
    if found in {None, wanted}:
        return
    with suppress(ProgramFailed):  # the tag may be younger than our last look
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


class TagTruth(NamedTuple):
    """A release tag as the world has it."""

    published: bool | None
    """True when the index has its version; None when that could not be found out."""
    run_id: str | None
    """The run that made it."""
    words: str
    """All that is known of it, in one sentence without its end."""


def look_at_tag(
    clone: Clone, index: Index, tag: str, commit: str, *, base: str, distribution: str, version: str
) -> TagTruth:
    """What clone and index say of ``tag``, which is on ``commit``; changes nothing."""
    # One that was moved is not in the clone what it is on the remote.
    refs = (f"{_REMOTE_TAGS}{tag}", f"refs/tags/{tag}")
    seen = next((ref for ref in refs if clone.commit_of(ref) == commit), None)
    run_id = read_run_trailer((seen and clone.tag_message(seen)) or "")
    use = index.find_use(distribution, version)
    words = (
        _describe_use(f"{distribution} {version}", taken=use.taken, note=use.note),
        f"the run {run_id} made the tag" if run_id else "its message names no run of this tool",
        _describe_place(clone, commit, base),
    )
    return TagTruth(use.taken, run_id, "; ".join(words))


def advise(truth: TagTruth, clone: Path, commit: str, *, run_id: str) -> str:
    """What to type next in a run that has merged the version and finds the tag elsewhere."""
    afresh = f"omni-release abandon {run_id} and a fresh run, which takes the next version"
    if truth.published:
        return f"{afresh}: this one is published and can be had no more"
    look = f"{typed_git(clone, 'show', '--no-patch', commit)} says what was tagged there"
    if truth.run_id is not None and truth.run_id != run_id:
        look = f"omni-release status {truth.run_id} says how far that run has come, if it ran here"
    return f"{look}; when that is settled, omni-release --resume {run_id}, or {afresh}"


def _describe_use(release: str, *, taken: bool | None, note: str) -> str:
    if taken is None:
        return f"the index did not tell whether it has {release} ({note})"
    return f"{release} is on the index ({note})" if taken else f"the index has no {release}"


def _describe_place(clone: Clone, commit: str, base: str) -> str:
    branches = clone.branches_with(commit)
    if base in branches:
        return f"its commit is on {base}"
    if branches:
        return f"its commit is not on {base} but on {', '.join(branches[:3])}"
    if clone.commit_of(commit) is None:
        return "its commit is not in the clone"
    return f"its commit is neither on {base} nor on another branch that the clone knows"
