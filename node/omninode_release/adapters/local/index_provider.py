"""The embedded index, as a configuration names it: ``index: local``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.adapters.local.index import LocalIndex, index_folder
from omninode_release.adapters.uv import Links
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.check import ask
from omninode_release.system.presence import explain_unwritable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omninode_release.adapters.ports import IndexSite
    from omninode_release.models.check import Check


def open_index(site: IndexSite) -> LocalIndex:
    return LocalIndex(index_folder(site.config, site.places))


def links(site: IndexSite) -> Links:
    return Links(index_folder(site.config, site.places), only=site.config.local.index_only)


def readiness(site: IndexSite) -> Iterator[Check]:
    """The folder, which is there or can be made."""
    yield ask("index", "folder", lambda: _usable(index_folder(site.config, site.places)))


def _usable(folder: Path) -> str:
    """The folder. Raises CONFIG_INVALID when it can be neither written to nor made."""
    why = explain_unwritable(folder)
    if why is None:
        return str(folder)
    raise ReleaseError(
        ErrorCode.CONFIG_INVALID,
        f"expected a folder at {folder}, or one that can be made, found {why}.",
        hint="correct local.index_dir in the release configuration, or make the folder",
    )
