"""Which versions a row pins, and what becomes of each requirement by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from omninode_release.models.plan import PinChange, PlannedPin, PlanStatus, RepoPlan
from omninode_release.planning.organisation import Organisation
from omninode_release.text.pin_bounds import compare_bounds
from omninode_release.text.pins import write_exact
from omninode_release.text.requirements import DeclaredRequirement


def add_pins(row: RepoPlan, rows: Mapping[str, RepoPlan], org: Organisation) -> RepoPlan:
    """The row with a pin on every sibling this run releases before its repository."""
    before = org.order[: org.order.index(row.repo)]
    needed = org.needs_of(row.repo)
    pins = [
        _plan_pin(row.repo, rows[repo], org)
        for repo in before
        if repo in needed and is_released(repo, rows)
    ]
    return row.model_copy(update={"pins": tuple(pins)})


def is_released(repo: str, rows: Mapping[str, RepoPlan]) -> bool:
    """True for what this run releases or has released."""
    return repo in rows and rows[repo].status in {PlanStatus.RELEASE, PlanStatus.DONE}


def _plan_pin(repo: str, sibling: RepoPlan, org: Organisation) -> PlannedPin:
    name, version = org.distribution_of(sibling.repo), sibling.versions[1]
    declared = [each for each in org.requirements[repo] if each.name == name]
    return PlannedPin(
        repo=sibling.repo,
        distribution=name,
        version=version,
        changes=tuple(_plan_changes(declared, version)),
        overrides=any(compare_bounds(each, version) == "passed" for each in declared),
    )


def _plan_changes(declared: Iterable[DeclaredRequirement], version: str) -> Iterator[PinChange]:
    """What PIN will write; what cannot be pinned is refused where edits are rehearsed."""
    for each in declared:
        after = write_exact(each, version)
        if after is not None:
            yield PinChange(name=each.name, table=each.table, before=each.raw, after=after)
