"""The drift guard: declared tiers hold every repository, in an order that the manifests allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.planning.versions.declared import read_needs
from omninode_release.text.manifests.manifest import MANIFEST, read_requirements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from omninode_release.models.graph import Graph
    from omninode_release.planning.graph import Edge
    from omninode_release.planning.organisation import Organisation


def refuse_drift(org: Organisation) -> None:
    """Raise GRAPH_DRIFT for a repository that depends on ours and stands in no declared tier."""
    graph = org.config.graph
    if graph.is_computed:
        return
    strays = {
        name: sorted({each.name for each in read_needs(files.get, name)} & org.siblings.keys())
        for name, files in org.facts.outsiders.items()
        if name.removesuffix(".git") not in graph.ignore
    }
    found = [f"{name} requires {', '.join(needs)}" for name, needs in strays.items() if needs]
    if found:
        raise ReleaseError(
            ErrorCode.GRAPH_DRIFT,
            f"expected only the repositories of the tier graph to depend on them"
            f" ({', '.join(graph.repos)}), found {'; '.join(found)}.",
            hint="add each to graph.tiers or to graph.ignore in the release configuration",
        )


def warn_of_unreadable(org: Organisation) -> Iterator[str]:
    """The repositories in no declared tier of which the guard cannot tell what they require."""
    graph = org.config.graph
    for name, files in org.facts.outsiders.items():
        if graph.is_computed or name.removesuffix(".git") in graph.ignore:
            continue
        try:
            read_requirements(files.get(MANIFEST) or "", where=f"{name}/{MANIFEST}", read=files.get)
        except ReleaseError as error:
            yield (
                f"{name} stands in no tier, and there is no telling whether it depends on those:"
                f" {error.message} graph.ignore in the release configuration can name it"
            )


def refuse_inverted(org: Organisation, built_in: Callable[[], Graph]) -> None:
    """Raise GRAPH_DRIFT where the manifests ask for another order than the declared tiers.

    The tiers of the interface, which ``built_in`` answers, stay as they are: what its manifests
    invert is a warning (``warnings``), and a conflict where the kept requirement does not admit
    the planned version.
    """
    inverted = _find_inverted(org, built_in)
    if inverted:
        tier_of = org.config.graph.tier_of
        found = "; ".join(
            f"{edge}: tier {tier_of(edge.repo)} before tier {tier_of(edge.needs)}"
            for edge in inverted
        )
        tiers = "; ".join(f"{n}: {', '.join(t)}" for n, t in enumerate(org.graph.tiers, start=1))
        raise ReleaseError(
            ErrorCode.GRAPH_DRIFT,
            f"expected the declared tiers to be an order of the manifests, found {found}.",
            hint=f"write graph: auto into the release configuration, or these tiers: {tiers}",
        )


def _find_inverted(org: Organisation, built_in: Callable[[], Graph]) -> list[Edge]:
    """What a repository requires of one in a later tier, to run or to be built."""
    graph = org.config.graph
    against = [
        edge
        for edge in org.graph.edges
        if edge.kind.orders and graph.tier_of(edge.needs) > graph.tier_of(edge.repo)
    ]
    if graph.is_computed or not against:
        return []
    if [tier.keys() for tier in graph.tiers] == [tier.keys() for tier in built_in().tiers]:
        return []
    return [edge for edge in against if edge in org.graph.ordering]
