"""Siblings that stay as they are: what a row needs of them, and what they forbid the run.

A sibling is outside for good when the run is not about it, and for now when it is refused or has
nothing to release. Of such a one its users get the last release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.plan import PlanStatus
from omninode_release.planning.planned_pins import is_released
from omninode_release.planning.rows import refuse_row
from omninode_release.planning.versions.declared import published_reader, read_needs
from omninode_release.text.pins.lines import describe_requirement
from omninode_release.text.requirements.declared import is_installed
from omninode_release.text.requirements.ranges import find_exact_version, read_range

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omninode_release.models.facts import RepoFacts
    from omninode_release.models.plan import PlannedPin, RepoPlan
    from omninode_release.planning.organisation import Organisation
    from omninode_release.text.requirements.declared import DeclaredRequirement


class _Outsider(NamedTuple):
    """A sibling that a row gets from outside the run, and with which extras."""

    repo: str
    extras: frozenset[str]


def ask_outsiders(row: RepoPlan, rows: Mapping[str, RepoPlan], org: Organisation) -> RepoPlan:
    """The row, or PIN_CONFLICT when a sibling outside the run forbids a version it pins.

    Exact pins bind siblings together: what this row pins, and what those pin in turn, is what its
    lock will hold.
    """
    pins = find_pins_to_lock(row, rows)
    for outsider in _find_needed_from_outside(row, rows, org):
        for need in _list_published_needs(outsider, org):
            pin = pins.get(need.name)
            if pin is None or _is_admitted(pin.version, need):
                continue
            if org.may_need(row.repo, need):
                error = _conflict(row, outsider.repo, need, pin=pin, rows=rows, org=org)
                return refuse_row(row, error)
    return row


def describe_outsider(repo: str, rows: Mapping[str, RepoPlan]) -> str:
    """Why this run does not release a sibling, as the end of a sentence."""
    status = rows[repo].status if repo in rows else None
    if status is PlanStatus.ERROR:
        return "is refused in this run"
    return "has nothing to release in this run" if status else "is not in this run"


def advise_on_outsider(repo: str, rows: Mapping[str, RepoPlan], org: Organisation) -> str:
    """What to do so that this run releases a sibling, too."""
    status = rows[repo].status if repo in rows else None
    if status is PlanStatus.ERROR:
        return f"{repo} is in this run and refused itself: mend it first"
    if status is not None:
        branch = org.facts.repos[repo].base_branch
        return (
            f"{repo} is in this run and has nothing to release: commit a change to it on {branch},"
            " such as a requirement that admits the version, and this run releases it, as it does"
            f" with --version {repo}=X.Y.Z"
        )
    return f"add {repo} to the run"


def _conflict(
    row: RepoPlan,
    outsider: str,
    need: DeclaredRequirement,
    *,
    pin: PlannedPin,
    rows: Mapping[str, RepoPlan],
    org: Organisation,
) -> ReleaseError:
    where = _name_release(org.facts.repos[outsider])
    advice = advise_on_outsider(outsider, rows, org)
    return ReleaseError(
        ErrorCode.PIN_CONFLICT,
        f"{row.repo} will require {describe_requirement(pin)} and {outsider}, whose release"
        f" ({where}) requires {need.raw!r} ({need.table}), {describe_outsider(outsider, rows)}.",
        hint=f"{advice}{_advise_cascade(outsider, need, rows, org)}",
    )


def _advise_cascade(
    outsider: str, need: DeclaredRequirement, rows: Mapping[str, RepoPlan], org: Organisation
) -> str:
    """What else releases one that has nothing to release and an exact pin."""
    is_skipped = outsider in rows and rows[outsider].status is PlanStatus.SKIP
    if not is_skipped or org.config.cascade != "off" or find_exact_version(need) is None:
        return ""
    return "; or write `cascade: patch` into the release configuration, by which it follows"


def find_pins_to_lock(row: RepoPlan, rows: Mapping[str, RepoPlan]) -> dict[str, PlannedPin]:
    """A pin on every version of this run that the row's lock will hold, by distribution."""
    pins: dict[str, PlannedPin] = {}
    waiting = list(row.pins)
    while waiting:
        each = waiting.pop()
        if each.distribution not in pins:
            pins[each.distribution] = each
            waiting += rows[each.repo].pins
    return pins


def _find_needed_from_outside(
    row: RepoPlan, rows: Mapping[str, RepoPlan], org: Organisation
) -> Iterator[_Outsider]:
    """Siblings the row needs, directly or through others, that this run does not release."""
    seen: set[_Outsider] = set()
    waiting = list(_list_outsiders(org.requirements[row.repo], rows, org))
    while waiting:
        outsider = waiting.pop(0)
        if outsider not in seen:
            seen.add(outsider)
            yield outsider
            waiting += _list_outsiders(_list_published_needs(outsider, org), rows, org)


def _list_outsiders(
    needs: tuple[DeclaredRequirement, ...], rows: Mapping[str, RepoPlan], org: Organisation
) -> Iterator[_Outsider]:
    for need in needs:
        repo = org.siblings[need.name]
        if repo in org.facts.repos and not is_released(repo, rows):
            yield _Outsider(repo, need.extras)


def _list_published_needs(
    outsider: _Outsider, org: Organisation
) -> tuple[DeclaredRequirement, ...]:
    """What its last release requires of siblings; what is on its base branch before a first one."""
    facts = org.facts.repos[outsider.repo]
    declared = read_needs(published_reader(facts), _name_release(facts))
    return tuple(
        each
        for each in declared
        if each.name in org.siblings and is_installed(each, outsider.extras)
    )


def _name_release(facts: RepoFacts) -> str:
    return f"{facts.repo} {facts.last_tag or ''}".strip()


def _is_admitted(version: str, need: DeclaredRequirement) -> bool:
    """True when a published requirement allows a version; an unreadable one forbids nothing."""
    admitted = read_range(need)
    return admitted is None or admitted.admits(version)
