"""Which versions a row pins, and what becomes of each requirement by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ReleaseError
from omninode_release.models.plan import PinChange, PlannedPin, PlanStatus
from omninode_release.planning.versions.declared import base_reader
from omninode_release.text.manifest_edit import find_planned_pins
from omninode_release.text.manifests.manifest import parse_manifest
from omninode_release.text.pins.changes import compare_bounds, write_pin
from omninode_release.text.pins.sources import find_source
from omninode_release.text.requirements.ranges import read_range

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from omninode_release.models.pin_rule import WrittenRule
    from omninode_release.models.plan import RepoPlan
    from omninode_release.planning.organisation import Organisation
    from omninode_release.text.requirements.declared import DeclaredRequirement


def add_pins(row: RepoPlan, rows: Mapping[str, RepoPlan], org: Organisation) -> RepoPlan:
    """The row with a pin on every sibling this run releases before its repository.

    Of a package in the same repository, as an extra names it, the version is there in the same
    commit, also where it is released after the row.
    """
    needed = org.needs_of(row.repo) & org.places.keys()
    pins = [
        _plan_pin(row.repo, rows[repo], org)
        for repo in sorted(needed, key=org.places.__getitem__)
        if (org.comes_before(repo, row.repo) or _is_outgrown(row, repo, rows, org))
        and is_released(repo, rows)
        and org.config.pin_rule(row.repo, repo) != "keep"
    ]
    return row.model_copy(update={"pins": tuple(pins)})


def _is_outgrown(row: RepoPlan, repo: str, rows: Mapping[str, RepoPlan], org: Organisation) -> bool:
    """True for one beside the row whose new version its requirement, as it stands, would forbid."""
    if org.config.clone_of(repo) != org.config.clone_of(row.repo) or not is_released(repo, rows):
        return False
    name, version = org.distribution_of(repo), rows[repo].versions[1]
    ranges = [read_range(each) for each in org.requirements[row.repo] if each.name == name]
    return any(each is not None and not each.admits(version) for each in ranges)


def is_released(repo: str, rows: Mapping[str, RepoPlan]) -> bool:
    """True for what this run releases or has released."""
    return repo in rows and rows[repo].status in {PlanStatus.RELEASE, PlanStatus.DONE}


def _plan_pin(repo: str, sibling: RepoPlan, org: Organisation) -> PlannedPin:
    name, version = org.distribution_of(sibling.repo), sibling.versions[1]
    declared = [each for each in org.requirements[repo] if each.name == name]
    rule: WrittenRule = "raise" if org.config.pin_rule(repo, sibling.repo) == "raise" else "exact"
    together = org.config.clone_of(repo) == org.config.clone_of(sibling.repo)
    gives_way = not together or any(each.direct and each.is_published for each in declared)
    passed = any(compare_bounds(each, version) == "passed" for each in declared)
    pin = PlannedPin(
        repo=sibling.repo,
        distribution=name,
        version=version,
        rule=rule,
        # One that is apart from its requirement stays for development, and is not published.
        source=_find_source(repo, name, org) if gives_way else None,
        together=together,
        overrides=passed and rule == "exact",
    )
    found = _replan_changes(pin, repo, org) if pin.source else _plan_changes(declared, pin)
    return pin.model_copy(update={"changes": tuple(found)})


def _find_source(repo: str, name: str, org: Organisation) -> str | None:
    """What its pin takes the place of; where that may not be, it is refused when edits are."""
    if org.config.sources != "replace":
        return None
    facts = org.facts.repos[repo]
    return find_source(parse_manifest(facts.manifest or "", where=repo), name)


def _plan_changes(declared: Iterable[DeclaredRequirement], pin: PlannedPin) -> Iterator[PinChange]:
    """What PIN will write; what cannot be pinned is refused where edits are rehearsed."""
    for each in declared:
        after = write_pin(each, pin.version, pin.rule)
        if after is not None:
            yield PinChange(name=each.name, table=each.table, before=each.raw, after=after)


def _replan_changes(pin: PlannedPin, repo: str, org: Organisation) -> Iterator[PinChange]:
    """The same where a source is taken out before."""
    try:
        for each in find_planned_pins(base_reader(org.facts.repos[repo]), [pin], home=repo):
            yield PinChange(**each._asdict())
    except ReleaseError:
        return
