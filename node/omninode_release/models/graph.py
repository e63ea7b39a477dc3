"""The tier graph of an organisation, as a person declares it or as the manifests have it."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, PrivateAttr, field_validator

from omninode_release.models.command_words import COMMANDS
from omninode_release.models.model import Model
from omninode_release.models.names import REPO_NAME

RepoName = Annotated[str, Field(pattern=REPO_NAME, examples=["omnibase_core"])]
"""A repository's name: one path component and one branch component."""
Tiers = tuple[dict[RepoName, tuple[RepoName, ...]], ...]
"""Tier 1 first; in each, repository name to the repositories it depends on."""
_AtLeastOne = Annotated[Tiers, Field(min_length=1)]


def _read_tiers(written: object) -> object:
    """What stands behind ``tiers:``; ``auto`` is another word for leaving them out."""
    if written == "auto":
        return ()
    if isinstance(written, list) and not written:
        raise ValueError("expected at least one tier, or auto, found an empty list")
    return written


def read_graph(written: object) -> object:
    """What stands behind ``graph:``; ``auto`` leaves all of it to the manifests."""
    if isinstance(written, str):
        if written != "auto":
            raise ValueError(f"expected auto, or the keys tiers and ignore, found {written!r}")
        return {}
    return written


class Graph(Model):
    """Which repositories exist, in which tier, and what each depends on."""

    tiers: Annotated[Tiers, BeforeValidator(_read_tiers, Literal["auto"] | _AtLeastOne)] = Field(
        default=(), json_schema_extra={"default": "auto"}
    )
    """Tier 1 first; in each, repository name to the repositories it depends on. ``auto``: every
    package under omni_home, in the order of its manifest's requirements."""
    ignore: tuple[RepoName, ...] = ()
    """Repositories under omni_home that are not released, whatever they depend on."""

    _computed: Tiers = PrivateAttr(default=())

    @property
    def is_computed(self) -> bool:
        """True where the manifests say what the tiers are, and not the configuration."""
        return not self.tiers

    @property
    def all_tiers(self) -> Tiers:
        """The tiers as declared, or as the manifests have them once they were read."""
        return self.tiers or self._computed

    def with_computed(self, tiers: Tiers) -> Self:
        """The same with tiers that are not declared; a digest of the configuration omits them."""
        made = self.model_copy()
        made._computed = tiers  # noqa: SLF001 - of its own class
        return made

    @field_validator("tiers")
    @classmethod
    def _tiers_are_a_graph(
        cls, tiers: tuple[dict[str, tuple[str, ...]], ...]
    ) -> tuple[dict[str, tuple[str, ...]], ...]:
        tier_of: dict[str, int] = {}
        for number, tier in enumerate(tiers, start=1):
            for repo in tier:
                if repo in tier_of:
                    raise ValueError(f"{repo} stands in tier {tier_of[repo]} and in tier {number}")
                if repo in COMMANDS:
                    raise ValueError(f"{repo} is a command word of omni-release, not a repository")
                tier_of[repo] = number
        edges = {repo: needs for tier in tiers for repo, needs in tier.items()}
        for repo, needs in edges.items():
            _check_edges(repo, needs, tier_of)
        try:
            TopologicalSorter(edges).prepare()
        except CycleError as error:
            cycle = " -> ".join(reversed(error.args[1]))  # an arrow is "depends on"
            raise ValueError(f"dependencies go round in a circle: {cycle}") from None
        return tiers

    def tier_of(self, repo: str) -> int:
        """The tier (1 is released first) ``repo`` stands in; KeyError when it is in none."""
        return next(n for n, tier in enumerate(self.all_tiers, start=1) if repo in tier)

    @property
    def repos(self) -> tuple[str, ...]:
        """Every repository, in tier order and as listed."""
        return tuple(repo for tier in self.all_tiers for repo in tier)


def _check_edges(repo: str, needs: tuple[str, ...], tier_of: dict[str, int]) -> None:
    for need in needs:
        if need not in tier_of:
            raise ValueError(f"{repo} depends on {need}, which stands in no tier")
        if tier_of[need] > tier_of[repo]:
            raise ValueError(
                f"{repo} (tier {tier_of[repo]}) depends on {need} (tier {tier_of[need]});"
                " a dependency must stand in the same or an earlier tier"
            )
