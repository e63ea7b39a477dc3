"""Whether a version is still this run's to release, asked of the world before each mutation.

Two runs may plan the same version: on two machines, or one of them while the other waits at its
gate. The first that releases it takes it; the other must not release it a second time.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from packaging.version import Version

from omninode_release.errors import typed_git
from omninode_release.events import Note
from omninode_release.phases.shared.stale_plan import describe, stale_error
from omninode_release.system.secrets import drop_credentials
from omninode_release.text.commits.merges import trace_merges
from omninode_release.text.commits.release_commit import read_run_trailer
from omninode_release.text.commits.reverts import find_undone
from omninode_release.text.manifests.manifest import MANIFEST, read_declared
from omninode_release.text.versions.tag_formats import by_prefix, read_number, read_tags
from omninode_release.text.versions.version import is_same, tag_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.models.commit import Commit
    from omninode_release.phases.ports import Context, Step


def require_still_ours(step: Step, ctx: Context, *, merged: str | None = None) -> str:
    """The base branch's tip, fetched, once nothing there takes the version from this run.

    ``merged`` is this run's own merge commit, where there is one: any tag on it and index files
    beside such a tag come from this run. Raises PLAN_STALE for a base branch that is at this
    version or above without that merge, or no longer contains what the run builds on, for a tag of
    the version on another commit, for its files on the index, and for an origin that was changed
    while this run is at work. Needs no worktree.
    """
    _require_same_origin(step, ctx)
    for each in step.companions:
        _require_still_ours(each, ctx.beside(each), merged)
    return _require_still_ours(step, ctx, merged)


def _require_same_origin(step: Step, ctx: Context) -> None:
    """A push goes where the origin leads now, and was approved for where it led before."""
    now = ctx.clone.remote_url() or ""
    if now != ctx.origin:
        before = drop_credentials(ctx.origin)
        back = typed_git(ctx.clone.path, "remote", "set-url" if now else "add", "origin", before)
        raise stale_error(
            step,
            f"expected the origin of {ctx.clone.path} to lead to {before} as long as this run is at"
            f" work, found {drop_credentials(now) or 'none'} ({back} puts it back).",
        )


def _require_still_ours(step: Step, ctx: Context, merged: str | None) -> str:
    tip, tags, earlier = _look_at_remote(step, ctx)
    found = [
        *_list_changes_of_base(step, ctx, tip, merged),
        *(f"the tag {name} is on {sha[:12]}" for name, sha in tags.items() if sha != merged),
    ]
    for name, sha in earlier.items() if merged is None else ():
        if ctx.clone.is_ancestor(sha, tip):
            found.append(f"what it counts has been released by now (tag {name})")
    # A tag on our merge may have published it.
    if merged not in tags.values() and ctx.config.publishes(step.repo):
        found += _list_files_on_index(step, ctx)
    if found:
        raise stale_error(
            step,
            f"expected {step.repo} {step.new} to be still this run's to release, found that"
            f" {', and that '.join(found)}.",
        )
    return tip


def _look_at_remote(step: Step, ctx: Context) -> tuple[str, dict[str, str], dict[str, str]]:
    """The base branch's tip, and tags with their commits.

    Those of this version, and those of the one before it where the plan knew of none: it was merged
    by then, and its run came to TAG later.
    """
    names, before = step.tags_to_make(ctx), _list_tags_before(step, ctx)
    base = f"refs/heads/{step.base}"
    there = ctx.clone.remote_refs(base, *(f"refs/tags/{name}*" for name in (*names, *before)))
    if base not in there:
        raise stale_error(
            step, f"expected the branch {step.base} of {step.repo} on the remote, found none."
        )
    tags, earlier = (
        {name: there[f"refs/tags/{name}"] for name in several if f"refs/tags/{name}" in there}
        for several in (names, before)
    )
    known = ctx.clone.fetched_sha(step.base)
    tip = known if known == there[base] else ctx.clone.fetch(step.base)
    return tip, tags, earlier


def _list_tags_before(step: Step, ctx: Context) -> list[str]:
    """How the version before would be tagged, where that has no tag in the plan."""
    tagged = read_number(step.row.last_tag or "")
    if is_same(step.old, step.new) or (tagged is not None and is_same(tagged, step.old)):
        return []
    formats = ctx.config.tag_formats_to_make(step.repo, step.row.tag_format)
    return [tag_name(fmt, step.repo, step.old) for fmt in formats]


def _list_changes_of_base(step: Step, ctx: Context, tip: str, merged: str | None) -> Iterator[str]:
    builds_on = merged or step.row.base_sha
    if builds_on and not ctx.clone.is_ancestor(builds_on, tip):
        yield f"{step.base} does not contain {builds_on[:12]} any more"
    if merged is not None:
        yield from _list_reverts(step, ctx, tip, merged)
        return
    declared = read_declared(partial(ctx.clone.file, tip))
    if declared is None:
        yield f"{MANIFEST} of {step.base} has no version that can be read"
        return
    if declared.held.by_tag:
        yield from _list_higher_tags(step, ctx, tip)
        return
    if declared.develops and declared.stands < Version(step.new):
        return  # it is in development there, and not released
    other = _find_release(step, ctx, tip)
    by = f", by {describe(other)}{_name_run(other)}" if other else ""
    old, new = Version(step.old), Version(step.new)
    # A version that was declared before the plan stands there already: released as it is, or as a
    # pre-release of it.
    is_free = old == declared.stands == Version(step.row.pre_release_of or step.new)
    if (declared.stands >= new and not is_free) or (is_free and other is not None):
        yield f"{step.base} is at version {declared.stands}{by}"


def _list_reverts(step: Step, ctx: Context, tip: str, merged: str) -> Iterator[str]:
    """Who takes a release back before its tag does not want it released."""
    newer = ctx.clone.commits(tip, step.row.base_sha) if tip != merged else []
    if merged in find_undone(newer, trace_merges(newer)):
        yield f"{step.base} has reverted {merged[:12]}, which is its release"


def _list_higher_tags(step: Step, ctx: Context, tip: str) -> Iterator[str]:
    """Where tags decide, the base branch is at the version of the highest that it contains."""
    formats = ctx.config.tag_formats_to_make(step.repo, step.row.tag_format)
    there = ctx.clone.remote_refs("refs/tags/*")
    tags = [name.removeprefix("refs/tags/") for name in there]
    for tag in read_tags(tags, by_prefix(formats, step.repo)):
        sha = there[f"refs/tags/{tag.name}"]
        if tag.version > Version(step.new) and ctx.clone.is_ancestor(sha, tip):
            yield f"{step.base} is at the tag {tag.name}"
            return


def _find_release(step: Step, ctx: Context, tip: str) -> Commit | None:
    """The newest commit since the plan that says it releases this version."""
    newer = ctx.clone.commits(tip, step.row.base_sha)
    return next((each for each in newer if step.is_release_subject(each.subject)), None)


def _name_run(release: Commit) -> str:
    run = read_run_trailer(release.body)
    return f" of the run {run}" if run else ""


def _list_files_on_index(step: Step, ctx: Context) -> Iterator[str]:
    use = ctx.index.find_use(step.distribution, step.new)
    if use.taken is None:
        ctx.report(
            Note(
                f"{step.repo}: the index did not say whether {step.distribution} {step.new} is"
                f" free: {use.note}"
            )
        )
    elif use.taken:
        yield f"{step.distribution} {step.new} is on the package index ({use.note})"
