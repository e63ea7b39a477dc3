"""The graph of an organisation as a person sees it: a table of edges, or a drawing in Mermaid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors.excerpt import start_of
from omninode_release.text.control_characters import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.models.edges import DrawnEdge, DrawnGraph

_WIDTH = 80
_ARROWS = {True: "-->", False: "-.->"}


def render_graph(graph: DrawnGraph) -> Iterator[str]:
    """Tier by tier, each repository with what it names; what orders nothing stands in brackets."""
    number = sum(map(len, graph.tiers))
    count = f"{number} repositor{'y' if number == 1 else 'ies'}"
    origin = "the manifests" if graph.computed else "declared"
    yield f"{plain(graph.organization)}: {count}, tiers from: {origin}"
    yield f"Configuration: {plain(graph.configuration)}"
    for tier, repos in enumerate(graph.tiers, start=1):
        yield ""
        yield f"Tier {tier}"
        for repo in repos:
            place = f" ({plain(graph.places[repo])})" if repo in graph.places else ""
            yield f"  {repo}{place}"
            yield from _render_edges([each for each in graph.edges if each.repo == repo])
    yield from _render_against(graph)


def _render_edges(edges: list[DrawnEdge]) -> Iterator[str]:
    rows = [
        (
            each.kind.value if each.orders else f"({each.kind.value})",
            each.needs,
            f"{each.file}:{each.line}" if each.line else each.file,
            plain(each.requirement),
        )
        for each in edges
    ]
    widths = [max((len(cell) for cell in column), default=0) for column in zip(*rows, strict=True)]
    for row in rows:
        start = "  ".join(cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False))
        left = max(_WIDTH - len(start) - len("      "), len("…") + 8)
        yield f"    {start}  {start_of(row[-1], left)}".rstrip()


def _render_against(graph: DrawnGraph) -> Iterator[str]:
    """What the manifests ask for and the tiers do not give."""
    tier_of = {repo: number for number, tier in enumerate(graph.tiers) for repo in tier}
    against = [
        each for each in graph.edges if each.orders and tier_of[each.needs] > tier_of[each.repo]
    ]
    if against:
        yield ""
        yield "Against the tiers:"
    for each in against:
        yield (
            f"  {each.repo} (tier {1 + tier_of[each.repo]}) requires {plain(each.requirement)!r},"
        )
        yield f"    which {each.needs} of tier {1 + tier_of[each.needs]} releases"


def render_mermaid(graph: DrawnGraph) -> Iterator[str]:
    """A flowchart: a box a tier, a full arrow for what orders, a dotted one with its kind."""
    names = {repo: f"n{at}" for at, repo in enumerate(r for tier in graph.tiers for r in tier)}
    yield "flowchart TD"
    for number, tier in enumerate(graph.tiers, start=1):
        yield f'    subgraph tier{number}["Tier {number}"]'
        yield from (f'        {names[repo]}["{repo}"]' for repo in tier)
        yield "    end"
    arrows = {
        (each.repo, each.needs, each.kind.value): _ARROWS[each.orders] for each in graph.edges
    }
    for (repo, needs, kind), arrow in arrows.items():
        label = "" if kind == "run" else f"|{kind}|"
        yield f"    {names[repo]} {arrow}{label} {names[needs]}"
