"""What bringing locks up to date leaves, and what has moved in them beside a release."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

from omninode_release.text.locks.any_lock import read_lock

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from omninode_release.phases.ports import Step


class LockResult(NamedTuple):
    """The files, which agree with the manifest now, and what has moved in them."""

    files: tuple[str, ...]
    moved: tuple[str, ...]
    """What changed its version beside this repository and what it pins."""


def list_moved(step: Step, path: str, before: str | None, after: str | None) -> tuple[str, ...]:
    """Each other package with its versions, such as ``httpx 0.27.0 -> 0.27.2 in poetry.lock``."""
    where = f"{step.home}/{path}"
    old, new = read_lock(path, before, where), read_lock(path, after, where)
    own = {str(canonicalize_name(step.distribution)), *(pin.distribution for pin in step.row.pins)}
    return tuple(f"{each} in {path}" for each in compare_locks(old, new, own))


def compare_locks(
    old: Mapping[str, str], new: Mapping[str, str], own: Collection[str]
) -> Iterator[str]:
    """Each package that has another version now, such as ``httpx 0.27.0 -> 0.27.2``.

    Those of the normalised names ``own`` are left out.
    """
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name) and canonicalize_name(name) not in own:
            yield f"{name} {old.get(name, '(new)')} -> {new.get(name, '(gone)')}"
