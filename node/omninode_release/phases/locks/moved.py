"""What has moved in a lock beside this repository and what it pins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from omninode_release.text.locks.versions import read_lock

if TYPE_CHECKING:
    from omninode_release.phases.ports import Step


def list_moved(step: Step, path: str, before: str | None, after: str | None) -> tuple[str, ...]:
    """Each other package with its versions, such as ``httpx 0.27.0 -> 0.27.2 in poetry.lock``."""
    where = f"{step.home}/{path}"
    old, new = read_lock(path, before, where), read_lock(path, after, where)
    own = {str(canonicalize_name(step.distribution)), *(pin.distribution for pin in step.row.pins)}
    return tuple(
        f"{name} {old.get(name, '(new)')} -> {new.get(name, '(gone)')} in {path}"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name) and canonicalize_name(name) not in own
    )
