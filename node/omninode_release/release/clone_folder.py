"""The folder with the clones: whether it is one, and what is said where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError, typed
from omninode_release.planning.clones import is_clone, list_clones

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.models.config import ReleaseConfig

CONFIG_NAME = "release.yaml"
"""An organisation's configuration, beside its clones."""


def holds_clones(folder: Path, config: ReleaseConfig) -> bool:
    """True where a folder holds a clone of the graph, or any clone where the graph is computed."""
    if config.graph.is_computed:
        return bool(list_clones(folder))
    repos = map(config.clone_of, config.graph.repos)
    return any(is_clone(folder / name) for repo in repos for name in (repo, f"{repo}.git"))


def unconfigured(omni_home: Path, built_in: ReleaseConfig) -> ReleaseError:
    """What is said of a folder that is no organisation's."""
    init = ("omni-release", "init", "--omni-home", str(omni_home))
    return ReleaseError(
        ErrorCode.CONFIG_INVALID,
        f"expected clones of the built-in organisation ({', '.join(built_in.graph.repos)}) or a"
        f" {CONFIG_NAME} in {omni_home}, found neither.",
        hint=f"{typed(init)} writes one for the clones that are there",
    )


def require_folder(folder: Path) -> Path:
    """The folder. Raises CONFIG_INVALID where there is none."""
    try:
        there, why = folder.is_dir(), "none"
    except OSError as error:  # a name too long, a folder above that may not be read
        there, why = False, error.strerror or "none"
    if there:
        return folder
    raise ReleaseError(
        ErrorCode.CONFIG_INVALID,
        f"expected a folder with the clones at {folder}, found {why}.",
        hint="pass --omni-home DIR or set OMNI_HOME to where they are",
    )
