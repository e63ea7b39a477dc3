"""What a manifest says of the package by now, and the plan has not seen.

The plan decides for each requirement on a sibling whether it is pinned, and holds it against what
is released. One that came or changed afterwards was never judged, and nothing has pinned it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from omninode_release.text.locks.requirements_files import (
    find_build_requirements,
    find_dynamic_requirements,
)
from omninode_release.text.manifest import MANIFEST, read_distribution, read_requirements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.phases.ports import Context, Step


def list_unplanned(step: Step, ctx: Context, revision: str) -> list[str]:
    """What the manifest has at ``revision`` that the plan did not see: a name, or requirements.

    Of the requirements those on siblings count which the planned commit does not have so. Those
    that the plan pins are left out: they are held to the pin. Raises SCAN_FAILED for a manifest
    that cannot be read.
    """
    text = ctx.clone.text(revision, MANIFEST) or ""
    name = read_distribution(text)
    if name is not None and canonicalize_name(name) != canonicalize_name(step.distribution):
        return [f"the name {name!r}"]
    if step.row.base_sha is None:
        return []
    others = step.siblings - {pin.distribution for pin in step.row.pins}
    before = ctx.clone.text(step.row.base_sha, MANIFEST) or ""
    planned = read_requirements(before, where=MANIFEST)
    known = {(each.table, each.raw) for each in planned}
    found = [
        f"{each.raw!r} in {each.table}, which the plan has not seen"
        for each in read_requirements(text, where=MANIFEST)
        if each.name in others and (each.table, each.raw) not in known
    ]
    return [*found, *_list_read_by_the_build(step, ctx, revision, text)]


def _list_read_by_the_build(
    step: Step, ctx: Context, revision: str, manifest: str
) -> Iterator[str]:
    """The same of the files from which a build takes requirements; PIN never writes there."""
    for path in find_dynamic_requirements(manifest):
        before = ctx.clone.text(step.row.base_sha or revision, path) or ""
        known = {each.words for each in find_build_requirements(path, before, step.siblings)}
        after = ctx.clone.text(revision, path) or ""
        for each in find_build_requirements(path, after, step.siblings):
            if each.words not in known:
                yield f"{each.words.strip()!r}, read from {path}, which the plan has not seen"
