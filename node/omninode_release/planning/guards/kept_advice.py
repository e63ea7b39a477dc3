"""What to do about a requirement that PIN leaves alone and that forbids what the run releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.text.manifests.manifest import MANIFEST
from omninode_release.text.pins.changes import write_pin
from omninode_release.text.pins.raised import find_lower_bound, raise_specifier

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from omninode_release.models.plan import RepoPlan
    from omninode_release.planning.organisation import Organisation
    from omninode_release.text.requirements.declared import DeclaredRequirement


def advise_on_kept(
    row: RepoPlan,
    needs: Collection[DeclaredRequirement],
    rows: Mapping[str, RepoPlan],
    org: Organisation,
) -> str:
    """What to do about all of them, said once."""
    places = ", ".join(dict.fromkeys(say_where(row, org, need.file) for need in needs))
    mend = "let it admit that version" if len(needs) == 1 else "let each admit what is released"
    mend += _spell_late(row, needs, rows, org)
    others = dict.fromkeys(org.siblings[need.name] for need in needs)
    others = {name: None for name in others if _may_stay_out(row.repo, name, org)}
    leave = f", or leave {', '.join(others)} out of the run" if others else ""
    raised = {
        org.siblings[need.name]: "raise" for need in needs if _can_raise(row, need, rows, org)
    }
    setting = ", ".join(f"{name}: {rule}" for name, rule in raised.items())
    follow = f", or write `pins_of: {{{row.repo}: {{{setting}}}}}` into the release configuration"
    return f"{mend} ({places}){leave}{follow if raised else ''}"


def _may_stay_out(repo: str, sibling: str, org: Organisation) -> bool:
    return sibling != repo and org.config.pin_rule(repo, sibling) != "lockstep"


def _spell_late(
    row: RepoPlan,
    needs: Iterable[DeclaredRequirement],
    rows: Mapping[str, RepoPlan],
    org: Organisation,
) -> str:
    """How an extra may name what is released after the row, which PIN waits for and never writes.

    A person may write it: nobody can install the extra until both are out.
    """
    late = {
        need: write_pin(need, rows[sibling].versions[1], "exact")
        for need in needs
        if not need.runtime and org.comes_before(row.repo, sibling := org.siblings[need.name])
    }
    written = ", ".join(dict.fromkeys(repr(after) for after in late.values() if after))
    names = ", ".join(dict.fromkeys(org.siblings[need.name] for need in late))
    return f", such as by {written}, since {names} is released after it" if written else ""


def _can_raise(
    row: RepoPlan, need: DeclaredRequirement, rows: Mapping[str, RepoPlan], org: Organisation
) -> bool:
    """True of a range that PIN would let follow the sibling, were it not for ``pins: keep``."""
    sibling = org.siblings[need.name]
    is_kept = org.config.pin_rule(row.repo, sibling) == "keep"
    is_before = org.comes_before(sibling, row.repo)
    if (
        not (is_kept and is_before)
        or need.unwritten is not None
        or find_lower_bound(need.specifier) is None
    ):
        return False
    version = rows[sibling].versions[1]
    return raise_specifier(need.specifier, version, poetry=need.is_poetry) is not None


def say_where(row: RepoPlan, org: Organisation, file: str = MANIFEST) -> str:
    """The file that is to be edited, and the branch."""
    branch = row.base_branch or org.facts.repos[row.repo].base_branch
    return f"{row.repo}/{file} on {branch}"
