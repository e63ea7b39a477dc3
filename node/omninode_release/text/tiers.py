"""Tiers, and the order inside one: a dependency before its dependents, otherwise as listed.

Edges read "repo -> the repos it depends on".
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def order_within(repos: Sequence[str], edges: Mapping[str, frozenset[str]]) -> list[str]:
    """``repos``, each after those of them it depends on; ties stay as listed.

    Dependencies outside ``repos`` do not matter here: earlier tiers are done, later ones are not
    waited for. Raises CONFIG_INVALID, naming the cycle, when there is no such order.
    """
    among = {repo: edges.get(repo, frozenset()) & {*repos} - {repo} for repo in repos}
    if cycle := find_cycle(among):
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"these repositories depend on each other in a circle: {' -> '.join(cycle)}.",
            hint="break the circle in their pyproject.toml; none of them can be first",
        )
    ordered: list[str] = []
    left = [*among]
    while left:
        ordered.append(next(repo for repo in left if among[repo].isdisjoint(left)))
        left.remove(ordered[-1])
    return ordered


def make_tiers(edges: Mapping[str, frozenset[str]]) -> list[list[str]]:
    """The repositories by the longest way down: each after all it depends on, none later than that.

    Inside a tier they are sorted by name. Raises CycleError where there is no order.
    """
    depth: dict[str, int] = {}
    for repo in _make_sorter(edges).static_order():
        depth[repo] = 1 + max((depth[need] for need in edges[repo] - {repo}), default=-1)
    return [
        sorted(repo for repo in depth if depth[repo] == level)
        for level in range(1 + max(depth.values(), default=-1))
    ]


def find_cycle(edges: Mapping[str, frozenset[str]]) -> list[str] | None:
    """One cycle, closed (``[a, b, a]``), or None; the same edges always give the same one.

    A repository that names itself, as an extra of its own does, is no cycle.
    """
    try:
        _make_sorter(edges).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))  # graphlib has a dependency before its dependent
    return None


def _make_sorter(edges: Mapping[str, frozenset[str]]) -> TopologicalSorter[str]:
    return TopologicalSorter({repo: sorted(needs - {repo}) for repo, needs in edges.items()})
