"""The graph that the manifests draw: who names whom, what of it orders, and the tiers of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.edges import DrawnEdge, EdgeKind
from omninode_release.text.manifests.edges import find_edge_line, find_edges
from omninode_release.text.tiers import find_cycle, make_tiers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from omninode_release.models.graph import Tiers
    from omninode_release.text.holders.ports import Read
    from omninode_release.text.manifests.edges import DeclaredEdge

Needs = Mapping[str, frozenset[str]]
"""Repository to those that must be released before it."""


@dataclass(frozen=True)
class Edge:
    """One place of a repository's manifest that names a sibling."""

    repo: str
    needs: str
    """The sibling's repository."""
    declared: DeclaredEdge
    text: str = field(repr=False)
    """The whole file that it stands in."""

    @property
    def kind(self) -> EdgeKind:
        return self.declared.kind

    @property
    def line(self) -> int | None:
        return find_edge_line(self.text, self.declared)

    @property
    def place(self) -> str:
        """File and line, such as ``beta/pyproject.toml:12``."""
        line = self.line
        return f"{self.repo}/{self.declared.file}" + (f":{line}" if line else "")

    def draw(self, *, orders: bool) -> DrawnEdge:
        """The edge as it is shown."""
        return DrawnEdge(
            repo=self.repo,
            needs=self.needs,
            kind=self.kind,
            orders=orders,
            requirement=self.declared.raw,
            table=self.declared.table,
            file=self.declared.file,
            line=self.line,
        )

    def __str__(self) -> str:
        return (
            f"{self.repo} requires {self.declared.raw!r} ({self.place}, {self.declared.table})"
            f" of {self.needs}"
        )


@dataclass(frozen=True)
class ManifestGraph:
    """The edges among the repositories of one organisation."""

    repos: tuple[str, ...]
    edges: tuple[Edge, ...]

    @classmethod
    def read(
        cls, repos: Sequence[str], files: Mapping[str, Read], siblings: Mapping[str, str]
    ) -> ManifestGraph:
        """The graph; ``siblings`` is normalised distribution name to repository.

        A manifest that cannot be read has no edges: its row of the plan says what is wrong with it.
        """
        return cls(
            tuple(repos),
            tuple(
                Edge(repo, siblings[each.name], each, files[repo](each.file) or "")
                for repo in repos
                if repo in files
                for each in find_edges(files[repo])
                if siblings.get(each.name, repo) != repo
            ),
        )

    @cached_property
    def ordering(self) -> tuple[Edge, ...]:
        """The edges that say who is released first; there is no circle among them.

        A circle that only builds close is opened there: a build takes what is on the index. Raises
        CONFIG_INVALID for a circle of what installed packages need.
        """
        kept = replace(self, edges=tuple(edge for edge in self.edges if edge.kind.orders))
        while cycle := find_cycle(kept.needs):
            closing = [*pairwise(cycle)]
            weak = {pair for pair in closing if not kept.is_needed_to_run(*pair)}
            if not weak:
                raise _circle(kept, closing)
            left = tuple(edge for edge in kept.edges if (edge.repo, edge.needs) not in weak)
            kept = replace(kept, edges=left)
        return kept.edges

    def require_order(self) -> None:
        """Raise CONFIG_INVALID for a circle of what installed packages need, by file and line."""
        _ = self.ordering

    def warn_of_open_circles(self) -> Iterator[str]:
        """A warning for every build requirement that orders nothing: it would close a circle."""
        for edge in self.edges:
            if edge.kind.orders and edge not in self.ordering:
                yield f"{edge}, which needs {edge.repo} to run: it is built with what the index has"

    @property
    def needs(self) -> Needs:
        """Who names whom, whatever the kind."""
        return _gather(self.repos, self.edges)

    @property
    def tiers(self) -> Tiers:
        """Each repository in the tier after the last of those that must be released before it."""
        needs = _gather(self.repos, self.ordering)
        return tuple(
            {repo: tuple(sorted(needs[repo])) for repo in tier} for tier in make_tiers(needs)
        )

    def is_needed_to_run(self, repo: str, sibling: str) -> bool:
        return any(
            (edge.repo, edge.needs, edge.kind) == (repo, sibling, EdgeKind.RUN)
            for edge in self.edges
        )


def _gather(repos: Iterable[str], edges: Iterable[Edge]) -> Needs:
    needs: dict[str, set[str]] = {repo: set() for repo in repos}
    for edge in edges:
        needs[edge.repo].add(edge.needs)
    return {repo: frozenset(found) for repo, found in needs.items()}


def _circle(graph: ManifestGraph, closing: Sequence[tuple[str, str]]) -> ReleaseError:
    shown = [
        next(e for e in graph.edges if (e.repo, e.needs) == pair and e.kind is EdgeKind.RUN)
        for pair in closing
    ]
    names = " -> ".join([closing[0][0], *(needs for _, needs in closing)])
    return ReleaseError(
        ErrorCode.CONFIG_INVALID,
        f"these repositories depend on each other in a circle: {names}:"
        f" {'; '.join(map(str, shown))}.",
        hint="break the circle in these files, since none of them can be first; or write graph:"
        f" {{tiers: auto, ignore: [{closing[0][0]}]}} into the release configuration, and release"
        " the others",
    )
