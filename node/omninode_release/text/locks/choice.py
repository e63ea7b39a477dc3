"""Which locks a repository has, and which of them a release brings up to date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from omninode_release.models.lock import LockName
from omninode_release.text.locks.compiled import read_compilation
from omninode_release.text.locks.requirements_files import (
    find_generator,
    find_requirements_files,
    find_requirements_in,
)
from omninode_release.text.locks.toml_lock import PDM_LOCK, POETRY_LOCK

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from omninode_release.models.lock import LockSetting

UV_LOCK = "uv.lock"
FILES: Mapping[LockName, str] = {"uv": UV_LOCK, "poetry": POETRY_LOCK, "pdm": PDM_LOCK}
"""The file of each kind that has one of its own."""

_OTHERS = re.compile(r"Pipfile\.lock|pixi\.lock|conda-lock\.yml|pylock(?:\.[\w-]+)?\.toml")
# The lock of a version holder's own tool; BUMP writes Cargo.lock.
_BESIDE = {"package.json": "package-lock.json"}

Locks = Mapping[LockName, tuple[str, ...]]
"""The files of each kind, from the root of the repository."""


def find_locks(
    paths: Collection[str], texts: Mapping[str, str], setting: LockSetting | None
) -> Locks:
    """The locks that LOCK writes: those of the kind that was set, or all that it can."""
    if setting is not None and not isinstance(setting, str):
        return {}
    found: dict[LockName, tuple[str, ...]] = {
        name: (path,) for name, path in FILES.items() if path in paths
    }
    compiled = [each for each in find_requirements_files(paths) if each in texts]
    again = tuple(each for each in compiled if find_fault(each, texts[each], paths) is None)
    found |= {"requirements": again} if again else {}
    return {name: files for name, files in found.items() if setting in {None, name}}


def find_fault(path: str, text: str, paths: Collection[str]) -> str | None:
    """Why a requirements file cannot be made again; None where it can."""
    if find_generator(text) is None:
        return "its header names no program that made it"
    try:
        read_compilation(path, text, paths.__contains__)
    except ValueError as error:
        return str(error)
    return None


def find_stale(
    locks: Locks, texts: Mapping[str, str], pins: Mapping[str, str], *, edited: bool
) -> Locks:
    """Those that a release has to write; ``pins`` is normalised distribution to version.

    uv.lock holds the version of the repository itself, the others only what it requires, which
    nothing but pins and commands of ``after_bump`` (``edited``) changes.
    """
    compiled = locks.get("requirements", ())
    old = tuple(each for each in compiled if edited or _is_old(texts[each], pins))
    changed = bool(pins) or edited
    kept = {name: files for name, files in locks.items() if name == "uv" or changed}
    kept.pop("requirements", None)
    return kept | ({"requirements": old} if old else {})


def _is_old(text: str, pins: Mapping[str, str]) -> bool:
    found = find_requirements_in(text, pins)
    return any(each.version not in {None, pins[each.name]} for each in found)


def find_other_locks(paths: Iterable[str]) -> list[str]:
    """Locks at the root that LOCK does not write and that hold no hash of the requirements."""
    return [path for path in paths if _OTHERS.fullmatch(path)]


def find_locks_beside(written: Iterable[str], paths: Iterable[str]) -> Iterator[str]:
    """The locks that repeat the version of a file that BUMP writes."""
    there = set(paths)
    for path in written:
        folder, slash, name = path.rpartition("/")
        if name in _BESIDE and f"{folder}{slash}{_BESIDE[name]}" in there:
            yield f"{folder}{slash}{_BESIDE[name]}"
