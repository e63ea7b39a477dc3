"""What the manifests do with requirements on siblings today, in the words of ``pins``.

A release that pinned exactly what was a range would publish another promise than people wrote.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from packaging.version import Version

from omninode_release.errors import ReleaseError
from omninode_release.planning.versions.next_version import last_version
from omninode_release.text.manifests.manifest import parse_manifest
from omninode_release.text.pins.raised import find_lower_bound
from omninode_release.text.pins.sources import find_source
from omninode_release.text.requirements.ranges import find_exact_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omninode_release.planning.organisation import Organisation
    from omninode_release.text.requirements.declared import DeclaredRequirement

HabitRule: TypeAlias = Literal["exact", "raise", "keep"]


class Habit(NamedTuple):
    """How one repository requires a sibling."""

    repo: str
    sibling: str
    rule: HabitRule
    where: str
    """The requirement and its file, for people."""
    source: str | None = None
    """Where it is taken from instead of an index, in another repository."""
    has_bound: bool = False
    """It is a range with a lower bound, which people raise with each release or do not."""


def find_habits(org: Organisation) -> tuple[Habit, ...]:
    """One for each edge; what packages need to run goes before extras and groups.

    A lower bound may be the last release by chance: it is raised where most of the organisation's
    are, and no fewer of its repository's than not.
    """
    found = [*_judge_all(org)]
    bounds = Counter((each.repo, each.rule) for each in found if each.has_bound)
    raised = {repo: bounds[repo, "raise"] - bounds[repo, "keep"] for repo, _ in bounds}
    usual: dict[str, HabitRule] = {
        repo: "raise" if sum(raised.values()) > 0 <= more else "keep"
        for repo, more in raised.items()
    }
    return tuple(each._replace(rule=usual[each.repo]) if each.has_bound else each for each in found)


def _judge_all(org: Organisation) -> Iterator[Habit]:
    for repo, needs in org.requirements.items():
        by_sibling: dict[str, list[DeclaredRequirement]] = {}
        for need in sorted(needs, key=lambda each: not each.runtime):
            by_sibling.setdefault(org.siblings[need.name], []).append(need)
        for sibling, several in by_sibling.items():
            if sibling != repo:
                yield _judge_together(_judge(repo, sibling, several[0], org), several)


def _judge_together(habit: Habit, several: Sequence[DeclaredRequirement]) -> Habit:
    """The habit of the first; where one is exact and another a range, `raise` leaves each so.

    Where PIN does not write one of them, none can be.
    """
    unwritten = next((each for each in several if each.unwritten is not None), None)
    if unwritten is not None:
        where = f"{habit.repo}/{unwritten.file} requires {unwritten.raw}; {unwritten.unwritten}"
        return habit._replace(rule="keep", where=where, source=None, has_bound=False)
    by_form = {
        find_exact_version(each) is not None: each.raw for each in several if each.is_published
    }
    if len(by_form) < 2 or habit.source is not None:
        return habit
    where = f"{habit.repo} requires {by_form[True]} and {by_form[False]}"
    return habit._replace(rule="raise", where=where, has_bound=False)


def _judge(repo: str, sibling: str, need: DeclaredRequirement, org: Organisation) -> Habit:
    shown = f"{need.name} {need.raw}" if need.is_poetry else need.raw
    where = f"{repo}/{need.file} requires {shown}"
    source = _find_source(repo, sibling, need.name, org)
    lowest = find_lower_bound(need.specifier)
    if find_exact_version(need) is not None:
        return Habit(repo, sibling, "exact", where, source)
    if source is not None:  # without it the requirement would say nothing of a version
        return Habit(repo, sibling, "raise", where, source)
    if lowest is None:
        return Habit(repo, sibling, "keep", where)
    rule: HabitRule = "raise" if _is_last(lowest, sibling, org) else "keep"
    return Habit(repo, sibling, rule, where, has_bound=True)


def _is_last(version: str, sibling: str, org: Organisation) -> bool:
    """True where a lower bound is raised as the sibling is released."""
    facts = org.facts.repos.get(sibling)
    last = last_version(facts, org.config) if facts else None
    try:
        return last is not None and Version(version) == last
    except ValueError:  # InvalidVersion
        return False


def _find_source(repo: str, sibling: str, name: str, org: Organisation) -> str | None:
    if org.config.clone_of(repo) == org.config.clone_of(sibling):
        return None  # it stays, for development
    try:
        return find_source(parse_manifest(org.facts.repos[repo].manifest or "", where=repo), name)
    except ReleaseError:
        return None
