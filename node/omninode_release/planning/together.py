"""Packages of one repository are released by one branch and one pull request: one after the other.

A row that needs another repository which needs the row's own would have to be merged before and
after it: that takes two runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.plan import PlanStatus, RepoPlan
from omninode_release.planning.rows import refuse_row
from omninode_release.text.tiers import find_cycle, order_within
from omninode_release.text.versions.version import write_pre_option

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omninode_release.planning.organisation import Organisation

Rows = dict[str, RepoPlan]


def gather(rows: Rows, org: Organisation) -> Rows:
    """The rows with those of one repository in a row, each still after all that it needs.

    What would have to be in two places is refused, with PIN_CONFLICT.
    """
    clones = list(dict.fromkeys(row.clone for row in rows.values()))
    if len(clones) == len(rows):
        return rows
    needs = {repo: _find_needs(repo, rows, org) for repo in rows}
    refused = {repo: _refuse_divided(row, rows, needs) for repo, row in rows.items()}
    between = {
        clone: frozenset(
            rows[need].clone
            for repo, row in rows.items()
            if row.clone == clone
            for need in needs[repo]
        )
        - {clone}
        for clone in clones
    }
    if find_cycle(between):  # it is refused
        return refused
    order = order_within(clones, between)
    return {repo: row for clone in order for repo, row in refused.items() if row.clone == clone}


def _find_needs(repo: str, rows: Rows, org: Organisation) -> frozenset[str]:
    """What the run releases before ``repo`` because that requires it."""
    if rows[repo].status is not PlanStatus.RELEASE:
        return frozenset()
    return frozenset(
        need
        for need in org.needs_of(repo)
        if org.comes_before(need, repo) and need in rows and rows[need].status is PlanStatus.RELEASE
    )


def _refuse_divided(row: RepoPlan, rows: Rows, needs: Mapping[str, frozenset[str]]) -> RepoPlan:
    way = next(_find_ways(row, rows, needs), None)
    if way is None:
        return row
    other, first = way
    earlier = [repo for repo in rows if repo in _list_all_needs(row.repo, needs)]
    pre = write_pre_option(str(row.new))
    error = ReleaseError(
        ErrorCode.PIN_CONFLICT,
        f"expected the packages of {row.clone} to be released by one pull request, found that"
        f" {row.repo} requires {other} of {rows[other].clone}, which requires {first} of"
        f" {row.clone}: it would have to be merged before {other} and after it.",
        hint=f"omni-release {' '.join(earlier)}{pre}, and when that is released omni-release"
        f" {row.repo}{pre}",
    )
    return refuse_row(row, error)


def _find_ways(
    row: RepoPlan, rows: Rows, needs: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str, str]]:
    """A sibling in another repository that it needs, and one of its own that this one needs."""
    for other in (each for each in rows if each in _list_all_needs(row.repo, needs)):
        if rows[other].clone != row.clone:
            for first in (each for each in rows if each in _list_all_needs(other, needs)):
                if rows[first].clone == row.clone:
                    yield other, first


def _list_all_needs(repo: str, needs: Mapping[str, frozenset[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [*needs[repo]]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += needs[each]
    return found
