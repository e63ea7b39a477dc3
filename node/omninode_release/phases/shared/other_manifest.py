"""What a manifest says of the package by now, and the plan has not seen.

The plan decides for each requirement on a sibling whether it is pinned, and holds it against what
is released. One that came or changed afterwards was never judged, and nothing has pinned it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from omninode_release.text.manifests.manifest import (
    MANIFEST,
    read_declared,
    read_distribution,
    read_requirements,
)

if TYPE_CHECKING:
    from omninode_release.phases.ports import Context, Step
    from omninode_release.text.holders.ports import Read
    from omninode_release.text.requirements.declared import DeclaredRequirement


def list_unplanned(step: Step, ctx: Context, revision: str) -> list[str]:
    """What the manifest has at ``revision`` that the plan did not see: a name, or requirements.

    Of the requirements those on siblings count which the planned commit does not have so. Those
    that the plan pins are left out: they are held to the pin. Raises SCAN_FAILED for a manifest
    that cannot be read.
    """
    if read_declared(partial(ctx.clone.file, revision)) is None:
        return [f"no version in {MANIFEST} that can be read"]
    now = partial(ctx.clone.text, revision)
    name = read_distribution(now)
    if name is not None and canonicalize_name(name) != canonicalize_name(step.distribution):
        return [f"the name {name!r}"]
    if step.row.base_sha is None:
        return []
    others = step.siblings - {pin.distribution for pin in step.row.pins}
    before = _read(partial(ctx.clone.text, step.row.base_sha))
    known = {(each.place, each.raw) for each in before}
    return [
        f"{each.raw!r} in {each.place}, which the plan has not seen"
        for each in _read(now)
        if each.name in others and (each.place, each.raw) not in known
    ]


def list_lost(step: Step, ctx: Context, revision: str) -> list[str]:
    """What the plan pins and the manifest does not ask for any more at ``revision``."""
    if step.row.base_sha is None:
        return []
    planned, there = (
        {each.name for each in _read(partial(ctx.clone.text, sha))}
        for sha in (step.row.base_sha, revision)
    )
    pinned = [pin.distribution for pin in step.row.pins]
    return [f"no requirement on {name} any more" for name in pinned if name in planned - there]


def _read(read: Read) -> tuple[DeclaredRequirement, ...]:
    return read_requirements(read(MANIFEST) or "", where=MANIFEST, read=read)
