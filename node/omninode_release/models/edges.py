"""What the manifests of an organisation need each other for, to be shown."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from omninode_release.models.field_types import ConfigFile, Repo, RepoFile, Requirement
from omninode_release.models.graph import Tiers
from omninode_release.models.model import Model


class EdgeKind(StrEnum):
    """What a manifest needs another package for."""

    RUN = "run"
    """An installed package needs it."""
    BUILD = "build"
    """Its build needs it (``build-system.requires``)."""
    EXTRA = "extra"
    GROUP = "group"
    OVERRIDE = "override"
    """uv's overrides and constraints, which speak of a resolution, not of a need."""
    SOURCE = "source"
    """Where uv takes it from while developing (``tool.uv.sources``)."""

    @property
    def orders(self) -> bool:
        """True where the other package must be released first."""
        return self in {EdgeKind.RUN, EdgeKind.BUILD}


class DrawnEdge(Model):
    """One place of a manifest that names a package of another repository."""

    repo: Repo
    """The repository whose manifest it is."""
    needs: Repo
    """The repository it names."""
    kind: EdgeKind
    """What for."""
    orders: bool
    """True where ``needs`` has to be released first."""
    requirement: Requirement
    """As written."""
    table: Annotated[str, Field(examples=["project.dependencies"])]
    """The table it stands in."""
    file: RepoFile
    """The manifest, relative to the repository."""
    line: int | None
    """Counted from 1; null where escapes hide it."""


class DrawnGraph(Model):
    """The graph of an organisation: the tiers it is released in, and every edge."""

    organization: Annotated[str, Field(examples=["OmniNode-ai"])]
    """The organisation's name."""
    configuration: ConfigFile
    """The configuration file, or ``built in``."""
    computed: bool
    """True where the tiers come from the manifests, and not from the configuration."""
    tiers: Tiers
    """Tier 1 first; in each, repository name to those that are to be released before it."""
    places: Annotated[dict[Repo, str], Field(examples=[{"core": "mono/packages/core"}])] = Field(
        default_factory=dict
    )
    """Where packages stand that are not alone at the root of a repository of their name."""
    edges: tuple[DrawnEdge, ...]
    """Every edge, in the order of the release."""
