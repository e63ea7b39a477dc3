"""The symbolic links of a repository, looked at before anything is released."""

from __future__ import annotations

import posixpath
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from omninode_release.errors import ReleaseError
from omninode_release.text.changelogs.choice import find_changelog
from omninode_release.text.holders.version_files import guess_init_paths
from omninode_release.text.locks.choice import FILES
from omninode_release.text.manifests.files_beside import read_beside
from omninode_release.text.manifests.manifest import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from omninode_release.adapters.git import Git


def find_link_fault(
    git: Git,
    commit: str,
    repo: str,
    manifest: str | None,
    *,
    files: Sequence[str],
    versioned: Sequence[str],
) -> str | None:
    """What is wrong with the symbolic links beside ``files``, for a release that writes some."""
    links = git.find_links(commit)
    if not links:
        return None
    try:
        guessed = guess_init_paths(manifest or "", repo)
    except ReleaseError:  # of a manifest that cannot be read: its row says so
        guessed = ()
    inner = filter(None, map(git.place.inner, links))
    changelog = find_changelog({*files, *inner}, {}).path
    needed = _list_needed(git, commit, manifest or "")
    written = (MANIFEST, *FILES.values(), changelog, *versioned, *guessed, *needed)
    return judge_links(links, map(git.place.outer, written))


def _list_needed(git: Git, commit: str, manifest: str) -> list[str]:
    """The files that tell what the package requires: git has a link's target for its text."""
    asked: list[str] = []

    def read(path: str) -> bytes | None:
        asked.append(path)
        return git.file(commit, path)

    read_beside(manifest, read, needs_only=True)
    return asked


def judge_links(links: Mapping[str, str], written: Iterable[str]) -> str | None:
    """What is wrong with the first link that a release must not meet; None where there is none.

    ``links`` are the repository's, path to target; ``written`` are the files that a release reads
    and writes. A link that leaves the repository leads to another file on each machine.
    """
    for path in written:
        parts = [str(each) for each in (PurePosixPath(path), *PurePosixPath(path).parents)]
        linked = next((part for part in parts if part in links), None)
        if linked is not None:
            return f"{linked} is a symbolic link to {links[linked]}, and a release goes by {path}"
    for path, target in links.items():
        if target.startswith("/"):
            return f"{path} is a symbolic link to {target}, which is on one machine only"
        reached = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        if reached == ".." or reached.startswith("../"):
            return f"{path} is a symbolic link to {target}, which leaves the repository"
    return None
