"""What the manifests do with requirements on siblings today, in the words of ``pins``.

A release that pinned exactly what was a range would publish another promise than people wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from packaging.version import Version

from omninode_release.errors import ReleaseError
from omninode_release.planning.next_version import last_version
from omninode_release.planning.organisation import Organisation
from omninode_release.text.manifest import MANIFEST, parse_manifest
from omninode_release.text.pin_sources import find_source
from omninode_release.text.requirements import DeclaredRequirement

_EXACT = re.compile(r"={2,3}\s*[^\s,*]+")
_POETRY_EXACT = re.compile(r"={0,3}\s*[0-9][^\s,*]*")
_LOWEST = re.compile(r"(?:>=|\^|~=?)\s*(?P<version>[0-9][\w.]*)")


HabitRule: TypeAlias = Literal["exact", "raise", "keep"]


class Habit(NamedTuple):
    """How one repository requires a sibling."""

    repo: str
    sibling: str
    rule: HabitRule
    where: str
    """The requirement and its file, for people."""
    source: str | None
    """Where it is taken from instead of an index, in another repository."""


def find_habits(org: Organisation) -> Iterator[Habit]:
    """One for each edge; what packages need to run goes before extras and groups."""
    for repo, needs in org.requirements.items():
        by_sibling: dict[str, DeclaredRequirement] = {}
        for need in sorted(needs, key=lambda each: not each.runtime):
            by_sibling.setdefault(org.siblings[need.name], need)
        for sibling, need in by_sibling.items():
            if sibling != repo:
                yield _judge(repo, sibling, need, org)


def _judge(repo: str, sibling: str, need: DeclaredRequirement, org: Organisation) -> Habit:
    source = _find_source(repo, sibling, need.name, org)
    exact = (_POETRY_EXACT if need.is_poetry else _EXACT).fullmatch(need.specifier)
    lowest = _LOWEST.search(need.specifier)
    rule: HabitRule = "keep"
    if exact and not need.direct:
        rule = "exact"
    elif source is not None or (lowest and _is_last(lowest["version"], sibling, org)):
        rule = "raise"  # without its source it would say nothing of a version
    where = f"{repo}/{MANIFEST} requires {need.raw}"
    return Habit(repo, sibling, rule, where, source)


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
