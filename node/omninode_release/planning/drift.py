"""The drift guard: no repository outside the tier graph depends on those inside it."""

from __future__ import annotations

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.planning.organisation import Organisation, try_read_requirements


def refuse_drift(org: Organisation) -> None:
    """Raise GRAPH_DRIFT for a repository that depends on ours and stands in no tier."""
    graph = org.config.graph
    strays = {
        name: sorted(
            {each.name for each in try_read_requirements(text, name)} & org.siblings.keys()
        )
        for name, text in org.facts.outsiders.items()
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
