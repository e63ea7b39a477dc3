"""Which versions a row pins, and the siblings outside the run that would not admit them."""

from __future__ import annotations

from collections.abc import Mapping

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.plan import PlannedPin, PlanStatus, RepoPlan
from omninode_release.planning.organisation import Organisation, try_read_requirements
from omninode_release.planning.rows import refuse_row
from omninode_release.text.requirements import DeclaredRequirement


def add_pins(row: RepoPlan, rows: Mapping[str, RepoPlan], org: Organisation) -> RepoPlan:
    """The row with a pin on every sibling this run releases before its repository."""
    before = org.order[: org.order.index(row.repo)]
    needed = org.needs_of(row.repo)
    pins = [
        PlannedPin(
            repo=repo, distribution=org.distribution_of(repo), version=rows[repo].versions[1]
        )
        for repo in before
        if repo in needed and _is_released(repo, rows)
    ]
    return row.model_copy(update={"pins": tuple(pins)})


def ask_outsiders(row: RepoPlan, rows: Mapping[str, RepoPlan], org: Organisation) -> RepoPlan:
    """The row, or PIN_CONFLICT when a sibling outside the run forbids a version it pins.

    Exact pins bind siblings together: what this row pins, and what those pin in turn, is what its
    lock will hold.
    """
    versions = _versions_to_lock(row, rows)
    for outsider in _needed_from_outside(row, rows, org):
        facts = org.facts.repos[outsider]
        where = f"{outsider} {facts.last_tag or ''}".strip()
        for need in try_read_requirements(facts.published or facts.manifest, where):
            version = versions.get(need.name)
            if need.runtime and version is not None and not _is_admitted(version, need):
                error = ReleaseError(
                    ErrorCode.PIN_CONFLICT,
                    f"{row.repo} will require {need.name}=={version} and {outsider}, whose"
                    f" release ({where}) requires {need.raw!r}, is not in this run.",
                    hint=f"add {outsider} to the run",
                )
                return refuse_row(row, error)
    return row


def _versions_to_lock(row: RepoPlan, rows: Mapping[str, RepoPlan]) -> dict[str, str]:
    """Every version of this run that the row's lock will hold, by normalised distribution."""
    versions: dict[str, str] = {}
    waiting = list(row.pins)
    while waiting:
        each = waiting.pop()
        if each.distribution not in versions:
            versions[each.distribution] = each.version
            waiting += rows[each.repo].pins
    return versions


def _needed_from_outside(
    row: RepoPlan, rows: Mapping[str, RepoPlan], org: Organisation
) -> list[str]:
    """Siblings the row needs, directly or through others, that this run does not release."""
    found: dict[str, None] = {}
    waiting = sorted(org.needs_of(row.repo))
    while waiting:
        repo = waiting.pop(0)
        if repo in found or _is_released(repo, rows) or repo not in org.facts.repos:
            continue
        found[repo] = None
        waiting += sorted(org.needs_of(repo, runtime_only=True))
    return list(found)


def _is_released(repo: str, rows: Mapping[str, RepoPlan]) -> bool:
    """True for what this run releases or has released."""
    return repo in rows and rows[repo].status in {PlanStatus.RELEASE, PlanStatus.DONE}


def _is_admitted(version: str, need: DeclaredRequirement) -> bool:
    """True when a published requirement allows a version; an unreadable one forbids nothing."""
    requirement = need.requirement
    return requirement is None or requirement.specifier.contains(version, prereleases=True)
