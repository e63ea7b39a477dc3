"""Packages in folders of a repository, as its own files and tags show them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from omninode_release.adapters.git import REMOTE_TAGS
from omninode_release.errors import ReleaseError
from omninode_release.models.place import PackagePlace, Place, list_folder_names
from omninode_release.planning.clones.base_branch import find_local_base
from omninode_release.planning.clones.packages import list_repositories
from omninode_release.planning.versions.unnamed_tags import follows
from omninode_release.text.manifests.inner_packages import (
    is_package,
    may_be_manifest,
    read_package_name,
)
from omninode_release.text.manifests.manifest import MANIFEST, OLDER, read_distribution
from omninode_release.text.versions.tag_formats import list_usual_formats, read_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from omninode_release.adapters.git import Git, Ref
    from omninode_release.planning.scan import Scan
    from omninode_release.text.holders.ports import Read


def find_places(scan: Scan) -> dict[str, PackagePlace]:
    """The packages in folders of the clones under omni_home, by name.

    In a repository without a package at its root all of them count; beside one, those that have
    release tags of their own, or had the root's version at its last releases.
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
    root = manifests.pop("", lambda _path: None)
    named = {folder: read_package_name(read) for folder, read in manifests.items()}
    folders = {name: folder for folder, name in named.items() if name is not None}
    if not is_package(root):
        return {**folders}
    own = read_distribution(root) or clone
    others = {name: folder for name, folder in folders.items() if not _are_same(name, own)}
    refs = git.refs("refs/tags/", REMOTE_TAGS)
    tags = {ref.name.rpartition("tags/")[2]: ref for ref in refs}
    tagged = _keep_tagged(tags, clone, others)
    others = {name: folder for name, folder in others.items() if name not in tagged}
    tagged |= _keep_in_step(git, base, tags, clone, others)
    # A package that is called like the repository leaves the root its own name.
    is_taken = any(_are_same(name, clone) for name in tagged)
    called = read_package_name(root) if is_taken else clone
    at_root: dict[str, str | None] = {called: None} if called and tagged else {}
    return at_root | tagged


def _are_same(name: str, other: str) -> bool:
    return canonicalize_name(name) == canonicalize_name(other)


def _keep_tagged(tags: Iterable[str], clone: str, folders: Mapping[str, str]) -> dict[str, str]:
    """Those of the packages whose release tags are told from the root's."""

    def has_tags(name: str, folder: str) -> bool:
        spelled = list_folder_names(folder, beside=folders.values(), names=(clone, *folders))
        return bool(read_tags(tags, list_usual_formats((), name, *spelled, shared=True)))

    return {name: folder for name, folder in folders.items() if has_tags(name, folder)}


def _keep_in_step(
    git: Git, base: str, tags: Mapping[str, Ref], clone: str, folders: Mapping[str, str]
) -> dict[str, str]:
    """Those of the packages that have the root's version, and its tags."""
    found = read_tags(tags, list_usual_formats((), clone))
    return {
        name: folder
        for name, folder in folders.items()
        if follows(git.inside(Place(folder)), base, found, tags, at_least=2)
    }


def _read_manifests(git: Git, base: str) -> dict[str, Read]:
    """What reads the files of each folder that has a manifest, or what may stand in for one."""
    paths = [path for path in git.paths(base) if may_be_manifest(path)]
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
