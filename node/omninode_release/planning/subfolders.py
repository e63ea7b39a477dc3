"""Packages in folders of a repository, as its own files and tags show them."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import partial
from itertools import pairwise
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from omninode_release.adapters.git import REMOTE_TAGS
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.command_words import COMMANDS
from omninode_release.models.names import is_repo_name
from omninode_release.models.place import PackagePlace
from omninode_release.planning.base_branch import find_local_base
from omninode_release.planning.packages import list_repositories
from omninode_release.text.manifest import (
    MANIFEST,
    OLDER,
    UNRELEASABLE,
    read_distribution,
    require_releasable,
)
from omninode_release.text.tag_formats import list_usual_formats, read_tags
from omninode_release.text.toml_document import list_at, try_parse_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omninode_release.adapters.git import Git
    from omninode_release.planning.scan import Scan
    from omninode_release.text.holders.ports import Read

_DEEPEST = 3
_WORKSPACE = ("tool", "uv", "workspace")
_FOR_OTHERS = frozenset(
    {"benchmarks", "doc", "docs", "example", "examples", "fixtures", "sample", "samples"}
    | {"scripts", "template", "templates", "test", "tests", "tutorials", "vendor"}
)
"""Folders whose projects show or try something, and are not published."""


def find_places(scan: Scan) -> dict[str, PackagePlace]:
    """The packages in folders of the clones under omni_home, by name.

    In a repository without a package at its root all of them count; beside one, the members of
    its uv workspace that have release tags of their own.
    """
    found: dict[str, PackagePlace] = {}
    clones = list_repositories(scan.omni_home)
    for clone in clones:
        for name, path in _find_in_clone(scan.git(clone), clone).items():
            free = name not in clones and name not in found
            key = name if free or name == clone else f"{clone}-{name}"
            found[key] = PackagePlace(repository=clone if key != clone else None, path=path)
    return found


def _find_in_clone(git: Git, clone: str) -> dict[str, str | None]:
    """Name to folder; empty where the repository is the one package it looks like."""
    try:
        base = find_local_base(git, git.refs("refs/remotes/origin/", "refs/heads/")).sha
        manifests = _read_manifests(git, base)
    except ReleaseError:
        return {}
    root = manifests.pop("", _read_nothing)
    named = {folder: _read_name(read) for folder, read in manifests.items()}
    folders = {name: folder for folder, name in named.items() if name is not None}
    if not _is_package(root):
        return {**folders}
    workspace = root(MANIFEST) or ""
    members = {name: each for name, each in folders.items() if is_member(workspace, each)}
    tags = [ref.name.rpartition("tags/")[2] for ref in git.refs("refs/tags/", REMOTE_TAGS)]
    tagged: dict[str, str | None] = {
        name: folder
        for name, folder in members.items()
        if read_tags(tags, list_usual_formats((), name, shared=True))
    }
    return {clone: None, **tagged} if tagged else {}


def _read_manifests(git: Git, base: str) -> dict[str, Read]:
    """What reads the files of each folder that has a manifest, or what may stand in for one."""
    paths = [path for path in git.paths(base) if _may_be_published(PurePosixPath(path))]
    if not any("/" in path for path in paths):
        return {}
    files = git.files((base, path) for path in paths)
    texts = {path: data.decode("utf-8", errors="replace") for (_, path), data in files.items()}

    folders = dict.fromkeys(path.rpartition("/")[0] for path in paths)

    def read(folder: str, path: str) -> str | None:
        whole = f"{folder}/{path}" if folder else path
        return texts[whole] if whole in texts else _read_more(git, base, whole)

    return {folder: partial(read, folder) for folder in folders}


def _read_more(git: Git, base: str, path: str) -> str | None:
    """A file that says the name, where a setup.py takes it from one."""
    return None if path.rpartition("/")[2] in (MANIFEST, *OLDER) else git.text(base, path)


def _read_nothing(path: str) -> None:
    """The root of a repository that has no manifest there."""
    del path


def _may_be_published(path: PurePosixPath) -> bool:
    folders = path.parts[:-1]
    is_for_others = any(part.startswith(".") or part.lower() in _FOR_OTHERS for part in folders)
    return path.name in (MANIFEST, *OLDER) and len(folders) <= _DEEPEST and not is_for_others


def _read_name(read: Read) -> str | None:
    """What a package is called, where that can name it here."""
    name = read_distribution(read) if _is_package(read) else None
    good = name is not None and is_repo_name(name) and name not in COMMANDS
    return name if good else None


def _is_package(read: Read) -> bool:
    """True for a manifest of a package that may be published, whatever else is wrong with it."""
    if read_distribution(read) is None:
        return False
    try:
        require_releasable(read(MANIFEST) or "", where=MANIFEST)
    except ReleaseError as error:
        return not (error.code is ErrorCode.SCAN_FAILED and UNRELEASABLE in error.message)
    return True


def is_member(root: str, folder: str) -> bool:
    """True where the uv workspace of the root's manifest has the folder."""
    parsed = try_parse_toml(root)
    members, excluded = (list_at(parsed, (*_WORKSPACE, key)) for key in ("members", "exclude"))
    return _matches(folder, members) and not _matches(folder, excluded)


def _matches(folder: str, patterns: Iterable[object]) -> bool:
    """True where one of uv's globs has the folder; ``*`` stays between two slashes."""
    parts = folder.split("/")
    return any(_fits(parts, _split(str(each))) for each in patterns)


def _split(pattern: str) -> list[str]:
    """Its parts, of ``**`` next to each other the last."""
    parts = PurePosixPath(pattern.lstrip("/")).parts
    return [each for each, after in pairwise((*parts, "")) if not each == after == "**"]


def _fits(parts: Sequence[str], wanted: Sequence[str]) -> bool:
    if not parts or not wanted:
        return not parts and all(each == "**" for each in wanted)
    if wanted[0] == "**":
        return _fits(parts, wanted[1:]) or _fits(parts[1:], wanted)
    return fnmatchcase(parts[0], wanted[0]) and _fits(parts[1:], wanted[1:])
