"""The organisation as its manifests have it: names, requirements, who needs whom, and the order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.planning.graph import ManifestGraph
from omninode_release.planning.versions.declared import base_reader, read_base, read_needs
from omninode_release.text.holders.ports import Source
from omninode_release.text.manifests.manifest import MANIFEST, parse_manifest, read_distribution
from omninode_release.text.needs.registry import find_python
from omninode_release.text.requirements.python_versions import can_apply
from omninode_release.text.tiers import find_cycle, order_within

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from packaging.specifiers import SpecifierSet

    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.facts import OrgFacts
    from omninode_release.text.manifests.manifest import Manifest
    from omninode_release.text.requirements.declared import DeclaredRequirement


@dataclass(frozen=True)
class Organisation:
    """What the configuration and a scan say of all repositories together."""

    config: ReleaseConfig
    facts: OrgFacts

    @classmethod
    def settle(cls, config: ReleaseConfig, facts: OrgFacts) -> Organisation:
        """The organisation, its tiers computed where none are declared.

        Raises CONFIG_INVALID where the manifests require each other in a circle, or two of them
        name the same package.
        """
        org = cls(config, facts)
        if not config.graph.is_computed:
            return org
        _require_own_names(org.named)
        graph = config.graph.with_computed(org.graph.tiers)
        return cls(config.model_copy(update={"graph": graph}), facts)

    @cached_property
    def siblings(self) -> dict[str, str]:
        """Normalised distribution name to repository, for every repository of the graph.

        Of several that have the name the one that is called so itself; each other is refused.
        """
        return {
            name: next((each for each in repos if canonicalize_name(each) == name), repos[-1])
            for name, repos in self.named.items()
        }

    @cached_property
    def named(self) -> dict[str, list[str]]:
        """The repositories of each package, by its normalised name."""
        found: dict[str, list[str]] = {}
        for repo in self.config.graph.repos:
            found.setdefault(self.distribution_of(repo), []).append(repo)
        return found

    def distribution_of(self, repo: str) -> str:
        """The normalised name of its package; the repository's own where that cannot be read."""
        facts, manifest = self.facts.repos.get(repo), self.manifests.get(repo)
        if manifest is not None:
            return canonicalize_name(manifest.distribution)
        return canonicalize_name(read_distribution(base_reader(facts)) or repo)

    def find_namesake(self, repo: str) -> str | None:
        """Another repository of the same package; None for the one that is called so itself."""
        name = self.distribution_of(repo)
        if canonicalize_name(repo) == name:
            return None
        return next((each for each in self.named[name] if each != repo), None)

    @cached_property
    def graph(self) -> ManifestGraph:
        """The graph that the manifests draw, whatever tiers are declared."""
        files = {repo: base_reader(facts) for repo, facts in self.facts.repos.items()}
        return ManifestGraph.read(self.config.graph.repos, files, self.siblings)

    @cached_property
    def manifests(self) -> dict[str, Manifest]:
        """The manifests that can be read; what is wrong with another stands in its row."""
        found = {}
        for repo, facts in self.facts.repos.items():
            try:
                found[repo] = read_base(facts, self.config)
            except ReleaseError:
                continue
        return found

    @cached_property
    def requirements(self) -> dict[str, tuple[DeclaredRequirement, ...]]:
        """Requirements on siblings, also of a repository whose version cannot be read."""
        found = {}
        for repo, facts in self.facts.repos.items():
            manifest = self.manifests.get(repo)
            declared = manifest.requirements if manifest else read_needs(base_reader(facts), repo)
            found[repo] = tuple(each for each in declared if each.name in self.siblings)
        return found

    def needs_of(self, repo: str, *, runtime_only: bool = False) -> frozenset[str]:
        return frozenset(
            self.siblings[each.name]
            for each in self.requirements.get(repo, ())
            if each.runtime or not runtime_only
        ) - {repo}

    @cached_property
    def dependants(self) -> Mapping[str, tuple[str, ...]]:
        """The repositories whose manifests require the package of each."""
        found: dict[str, list[str]] = {}
        for each in sorted(self.requirements):
            for needed in self.needs_of(each):
                found.setdefault(needed, []).append(each)
        return {repo: tuple(names) for repo, names in found.items()}

    def python_of(self, repo: str) -> SpecifierSet | None:
        """The Python that its manifest lets in, where it says so plainly."""
        facts = self.facts.repos.get(repo)
        try:
            parsed = parse_manifest((facts and facts.manifest) or "", where=f"{repo}/{MANIFEST}")
        except ReleaseError:
            return None
        return find_python(Source(parsed, base_reader(facts), repo))

    def may_need(self, repo: str, need: DeclaredRequirement) -> bool:
        """False for a requirement that no Python of the repository's asks for."""
        marker = need.requirement.marker if need.requirement else None
        return marker is None or can_apply(marker, self.python_of(repo))

    @cached_property
    def order(self) -> list[str]:
        """Tier by tier; inside a tier as the manifests depend on each other, then as listed.

        Development dependencies of real organisations do form circles. Where they do, the runtime
        dependencies alone decide. Computed tiers have no such dependency inside them.
        """
        if self.config.graph.is_computed:
            return list(self.config.graph.repos)
        order: list[str] = []
        for tier in self.config.graph.tiers:
            edges = {repo: self.needs_of(repo) & tier.keys() for repo in tier}
            if find_cycle(edges):
                edges = {r: self.needs_of(r, runtime_only=True) & tier.keys() for r in tier}
                if find_cycle(edges):
                    self.graph.require_order()
            order += order_within(list(tier), edges)
        return order

    @cached_property
    def places(self) -> dict[str, int]:
        """Where in the order of the release each repository stands."""
        return {repo: place for place, repo in enumerate(self.order)}

    def comes_before(self, repo: str, other: str) -> bool:
        """True for a repository of the order that is released before the other."""
        return self.places.get(repo, len(self.order)) < self.places[other]


def _require_own_names(named: Mapping[str, Sequence[str]]) -> None:
    """Raise CONFIG_INVALID for two repositories of one package: one would publish the other."""
    for name, (repo, *others) in named.items():
        if others:
            raise ReleaseError(
                ErrorCode.CONFIG_INVALID,
                f"expected each package in one repository, found {name} in {repo}/{MANIFEST}"
                f" and in {others[0]}/{MANIFEST}.",
                hint="move one of the clones away, or add its name to graph.ignore in the"
                " release configuration",
            )
