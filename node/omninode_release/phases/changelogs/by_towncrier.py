"""A changelog that towncrier puts together from fragments.

Recognised by the fragments being gone and the entry being there. A build that was killed half way
is done again from the files of the base: it adds the entry first and removes the fragments then.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.phases.changelogs.new_entries import WrittenEntry
from omninode_release.system.scratch import temporary_folder
from omninode_release.system.worktree_files import Tree
from omninode_release.text.changelogs.forms import find_form
from omninode_release.text.changelogs.news_fragments import (
    TOWNCRIER,
    find_fragments_of,
    find_towncrier,
)
from omninode_release.text.formats.line_edits import find_inserted, keeps_old_lines
from omninode_release.text.manifests.manifest import MANIFEST

if TYPE_CHECKING:
    from omninode_release.phases.ports import EntryContext, Step
    from omninode_release.text.changelogs.choice import Changelog
    from omninode_release.text.changelogs.news_fragments import Fragment, Towncrier


def find(step: Step, ctx: EntryContext, base: str, found: Changelog) -> WrittenEntry | None:
    old, text = ctx.clone.text(base, found.path), ctx.files.read(found.path)
    waiting = [each.path for each in _list_fragments(ctx, base)]
    if text is None or any(ctx.files.exists(path) for path in waiting):
        return None
    entry = find_form(found.kind, found.path).find_entry(text, step.new)
    inserted = find_inserted(old or "", text)
    if entry is None and step.new not in inserted:
        return None
    return WrittenEntry(
        path=found.path, entry=inserted if entry is None else entry, collected=tuple(waiting)
    )


def write(step: Step, ctx: EntryContext, base: str, found: Changelog) -> WrittenEntry:
    old = ctx.clone.text(base, found.path)
    fragments = _list_fragments(ctx, base)
    _restore(ctx, base, [found.path, *(each.path for each in fragments)])
    settings = _read_settings(ctx, base)[1]
    mark = "v" if settings and settings.bare and _marks_versions(old, found) else ""
    version = f"{mark}{step.new}"
    ctx.collector.build(
        step.home,
        version,
        step.started_at.date(),
        title=settings.title if settings else None,
    )
    left = [each.path for each in fragments if ctx.files.exists(each.path)]
    if left:
        raise ReleaseError(
            ErrorCode.CHANGELOG_FAILED,
            f"expected towncrier to add an entry for {step.new} of {step.repo} and to collect every"
            f" fragment, found {', '.join(left)}, which it passes over.",
            hint=f"rename it to a type that towncrier's settings have, or correct its settings on"
            f" {step.base}",
        )
    output = find(step, ctx, base, found)
    if output is None or not keeps_old_lines(old or "", ctx.files.read(found.path) or ""):
        raise ReleaseError(
            ErrorCode.CHANGELOG_FAILED,
            f"expected towncrier to add an entry for {step.new} to {found.path} of {step.repo}, to"
            " collect every fragment and to leave all else as it is, found otherwise.",
            hint=f"`towncrier build --draft --version {version}` in {step.repo} shows the entry;"
            f" correct its settings on {step.base}",
        )
    return output


def _marks_versions(text: str | None, found: Changelog) -> bool:
    """True where the newest entry is called `v1.2.0`, as people give it to towncrier."""
    entries = find_form(found.kind, found.path).list_entries(text or "")
    return any(f"v{each.version}" in each.title.split() for each in entries[:1])


def preview(step: Step, ctx: EntryContext, base: str, found: Changelog) -> str:
    with temporary_folder() as folder:
        tree = folder / step.repo
        ctx.clone.unpack(base, tree)
        there = replace(ctx, files=Tree(tree, step.place.folder))
        return write(replace(step, path=tree), there, base, found).entry


def _list_fragments(ctx: EntryContext, base: str) -> list[Fragment]:
    texts, towncrier = _read_settings(ctx, base)
    return find_fragments_of(towncrier, ctx.clone.paths(base), texts) if towncrier else []


def _read_settings(ctx: EntryContext, base: str) -> tuple[dict[str, str], Towncrier | None]:
    paths = ctx.clone.paths(base)
    texts = {
        path: ctx.clone.text(base, path) or "" for path in (MANIFEST, TOWNCRIER) if path in paths
    }
    return texts, find_towncrier(texts)


def _restore(ctx: EntryContext, base: str, paths: list[str]) -> None:
    for path in paths:
        text = ctx.clone.text(base, path)
        if text is not None and ctx.files.read(path) != text:
            ctx.files.write(path, text)
