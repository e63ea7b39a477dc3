"""The symbolic links of a repository, looked at before anything is released."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ReleaseError
from omninode_release.text.changelog_files import find_changelog
from omninode_release.text.links import judge_links
from omninode_release.text.locks.choice import FILES
from omninode_release.text.manifest import MANIFEST
from omninode_release.text.version_files import guess_init_paths

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    written = (MANIFEST, *FILES.values(), changelog, *versioned, *guessed)
    return judge_links(links, map(git.place.outer, written))
