"""``omni-release graph``: the tiers, and what each repository's manifest needs of the others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from omninode_release.commands import options
from omninode_release.console.graph import render_graph, render_mermaid
from omninode_release.errors import usage_error
from omninode_release.models.edges import DrawnGraph
from omninode_release.models.request import ReleaseRequest
from omninode_release.planning.organisation import Organisation
from omninode_release.release.session import open_session

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.release.environment import Environment
    from omninode_release.release.session import Session


def _graph(
    environment: Environment,
    config: Path | None,
    omni_home: Path | None,
    *,
    as_mermaid: bool,
    as_json: bool,
) -> int:
    """Show the graph of the clones as they are. Raises CONFIG_INVALID for one that is none."""
    if as_mermaid and as_json:
        raise usage_error("graph: expected --mermaid or --json, found both.")
    request = ReleaseRequest(config=config, omni_home=omni_home)
    drawn = draw(open_session(request, replace(environment, stdout=environment.stderr)))
    if as_json:
        environment.print_json(drawn.model_dump(mode="json"), indent=2)
    else:
        environment.print(*(render_mermaid if as_mermaid else render_graph)(drawn))
    return 0


def draw(session: Session) -> DrawnGraph:
    """The graph as the clones have it, no remote asked."""
    facts = session.scan().read_clones((), ask_remotes=False)
    org = Organisation.settle(session.config, facts)
    graph = org.config.graph
    edges = sorted(org.graph.edges, key=lambda edge: org.places[edge.repo])
    ordering = set(org.graph.ordering) if graph.is_computed else None
    return DrawnGraph(
        organization=org.config.organization,
        configuration=session.configuration,
        computed=graph.is_computed,
        tiers=graph.all_tiers,
        places={
            repo: "/".join(
                filter(None, (org.config.clone_of(repo), org.config.place_of(repo).folder))
            )
            for repo in graph.repos
            if repo in org.config.packages
        },
        edges=tuple(
            edge.draw(orders=edge.kind.orders if ordering is None else edge in ordering)
            for edge in edges
        ),
    )


command = options.command(
    "graph",
    _graph,
    options.config(),
    options.omni_home(),
    click.Option(["--mermaid", "as_mermaid"], is_flag=True, help="Print a Mermaid flowchart."),
    options.as_json("Print tiers and edges as JSON."),
    help="Show the tiers, and every requirement among the repositories: those that order, and in"
    " brackets those that do not.",
)
