"""What forges and indexes are opened with, for tests of one provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omninode_release.adapters.git import Git
from omninode_release.adapters.ports import IndexSite, RepositorySite
from omninode_release.models.config import ReleaseConfig
from omninode_release.system.clock import SystemClock
from omninode_release.system.paths import Places
from omninode_release.system.secrets import Secrets
from support.orgs import programs

if TYPE_CHECKING:
    from pathlib import Path


def config_with(**keys: Any) -> ReleaseConfig:
    """A configuration of one repository, ``alpha``."""
    bare = {"organization": "pair", "graph": {"tiers": [{"alpha": ()}]}}
    return ReleaseConfig.model_validate(bare | keys)


def places_in(folder: Path) -> Places:
    return Places(folder / "state", folder / "home", folder / "worktrees")


def index_site(folder: Path, *, url: str | None = None, **keys: Any) -> IndexSite:
    return IndexSite(config_with(**keys), places_in(folder), SystemClock(), url)


def repository_site(folder: Path, clone: Path, **keys: Any) -> RepositorySite:
    run = programs()
    return RepositorySite(
        repo="alpha",
        git=Git(clone, run),
        config=config_with(**keys),
        places=places_in(folder),
        clock=SystemClock(),
        environ=run.environ,
        secrets=Secrets(),
        links=lambda: None,
    )
