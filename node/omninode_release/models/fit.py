"""How the repositories under a folder fit the tool, and what a configuration says otherwise."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from omninode_release.models.field_types import ConfigFile, Problem, Repo, Version
from omninode_release.models.model import Model


class Fit(StrEnum):
    """Whether a repository can be released as things are."""

    FITS = "fits"
    NEEDS = "needs"
    """A setting, or a command that can be typed now, is missing."""
    CANNOT = "cannot"
    """Its repository would have to change first."""
    LEFT_OUT = "left out"
    """It is no package to publish."""


class RepoFit(Model):
    """One repository under omni_home."""

    repo: Repo
    """Its folder's name."""
    fit: Fit
    """Whether it can be released as things are."""
    tier: int | None = None
    """Its tier; null where it is left out."""
    current: Version | None = None
    """The version before the next release."""
    new: Version | None = None
    """The version that a release now would have; null where there is nothing to release."""
    where: Annotated[str, Field(examples=["omnibase_core/pyproject.toml:14"])] | None = None
    """The line that shows the first reason; null where no line of the manifest does."""
    why: tuple[Problem, ...] = ()
    """What was found, and where, for all but what fits; what to type next is part of it."""


class Difference(Model):
    """One thing that a configuration says and its repositories do not, or the other way round."""

    key: Annotated[str, Field(examples=["version_files.beta"])]
    """The key of the configuration."""
    text: Problem
    """What was expected and found, and where."""
    repo: Repo | None = None
    """The repository it is about."""


class FitReport(Model):
    """What ``init`` found, wrote or compared."""

    organization: Annotated[str, Field(examples=["OmniNode-ai"])]
    """The organisation's name."""
    configuration: ConfigFile
    """The file that was written or compared."""
    written: bool
    """True where this call wrote it."""
    settings: dict[str, Any]
    """What the configuration says, as it stands in the file."""
    repos: tuple[RepoFit, ...]
    """Every clone directly under omni_home, in the order of a release; what is left out last."""
    differences: tuple[Difference, ...] = ()
    """Where the configuration and the repositories say different things."""
    notes: tuple[Problem, ...] = ()
    """Which next version is a guess: only the index knows whether it has the present one."""
