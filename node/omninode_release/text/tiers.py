"""Order inside a tier: a dependency before its dependents, otherwise as listed.

Edges read "repo -> the repos it depends on" and are runtime dependencies only: development groups
of real organisations do form cycles, and they do not decide who is published first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def order_within(repos: Sequence[str], edges: Mapping[str, frozenset[str]]) -> list[str]:
    """``repos``, each after those of them it depends on; ties stay as listed.

    Dependencies outside ``repos`` do not matter here: earlier tiers are done, later ones are not
    waited for. Raises CONFIG_INVALID, naming the cycle, when there is no such order.
    """
    among = {repo: edges.get(repo, frozenset()) & frozenset(repos) - {repo} for repo in repos}
    waiting = list(among)
    ordered: list[str] = []
    while waiting:
        ready = next((repo for repo in waiting if among[repo].isdisjoint(waiting)), None)
        if ready is None:
            cycle = find_cycle(among) or waiting
            raise ReleaseError(
                ErrorCode.CONFIG_INVALID,
                f"these repositories depend on each other in a circle: {' -> '.join(cycle)}.",
                hint="break the circle in their pyproject.toml; none of them can be first",
            )
        waiting.remove(ready)
        ordered.append(ready)
    return ordered


def find_cycle(edges: Mapping[str, frozenset[str]]) -> list[str] | None:
    """One cycle, closed (``[a, b, a]``), or None; the same edges always give the same one.

    A repository that names itself, as an extra of its own does, is no cycle.
    """
    finished: set[str] = set()
    for start in edges:
        trail: list[str] = []
        stack = [(start, False)]
        while stack:
            repo, leaving = stack.pop()
            if leaving:
                finished.add(trail.pop())
            elif repo in trail:
                return [*trail[trail.index(repo) :], repo]
            elif repo not in finished:
                trail.append(repo)
                stack.append((repo, True))
                nexts = edges.get(repo, frozenset()) - {repo}
                stack.extend((name, False) for name in sorted(nexts, reverse=True))
    return None
