"""Packages in folders of another one's files: which manifests are theirs, and what they are called.

What only shows or tries something is none of them, wherever it stands.
"""

from __future__ import annotations

from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from omninode_release.errors import ReleaseError
from omninode_release.models.command_words import COMMANDS
from omninode_release.models.names import is_repo_name
from omninode_release.text.manifests.manifest import (
    MANIFEST,
    OLDER,
    read_distribution,
    require_releasable,
    says_unreleasable,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from omninode_release.text.holders.ports import Read

_DEEPEST = 3
_ENDS = tuple(f"/{name}" for name in (MANIFEST, *OLDER))
_FOR_OTHERS = frozenset(
    {"benchmarks", "doc", "docs", "example", "examples", "fixtures", "sample", "samples"}
    | {"scripts", "template", "templates", "test", "tests", "tutorials", "vendor"}
)
"""Folders whose projects show or try something, and are not published."""


def may_be_manifest(path: str) -> bool:
    """True for a path at which a package of a repository may say what it is."""
    *folders, name = PurePosixPath(path).parts
    is_for_others = any(part.startswith(".") or part.lower() in _FOR_OTHERS for part in folders)
    return name in (MANIFEST, *OLDER) and len(folders) <= _DEEPEST and not is_for_others


def list_inner_manifests(paths: Collection[str]) -> list[str]:
    """The manifests in folders that are no import packages of what is around them."""
    named = (path for path in paths if path.endswith(_ENDS))  # a path is taken apart slowly
    found = [path for path in named if may_be_manifest(path)]
    there = frozenset(paths) if found else frozenset()
    return [path for path in found if f"{path.rpartition('/')[0]}/__init__.py" not in there]


def find_inner_packages(paths: Collection[str], texts: Mapping[str, str]) -> dict[str, str]:
    """Folder to name of each package that stands inside these files."""
    folders = dict.fromkeys(path.rpartition("/")[0] for path in list_inner_manifests(paths))

    def read(folder: str, path: str) -> str | None:
        return texts.get(f"{folder}/{path}")

    named = {folder: read_package_name(partial(read, folder)) for folder in folders}
    return {folder: name for folder, name in named.items() if name is not None}


def is_package(read: Read) -> bool:
    """True for a manifest of a package that may be published, whatever else is wrong with it."""
    if read_distribution(read) is None:
        return False
    try:
        require_releasable(read(MANIFEST) or "", where=MANIFEST)
    except ReleaseError as error:
        return not says_unreleasable(error)
    return True


def read_package_name(read: Read) -> str | None:
    """What a package is called, where that can name it in a configuration."""
    name = read_distribution(read) if is_package(read) else None
    good = name is not None and is_repo_name(name) and name not in COMMANDS
    return name if good else None
