"""A row's pins and causes in one line, the same wherever a person reads a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.text.requirements.declared import split_requirement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omninode_release.models.plan import PlannedPin, RepoPlan


def describe_pins(row: RepoPlan) -> str:
    """What the row pins, and the specifiers that it replaces: ``core >=1.0,<2 → ==2.0.0``."""
    return ", ".join(map(_describe_pin, row.pins))


def find_word(row: RepoPlan) -> str | None:
    """What went before a row's commits in deciding its level: a person's word, or its changelog."""
    if row.forced:
        return row.word or "--bump"
    return None if row.cascaded_from else row.declared_by


def list_causes(row: RepoPlan) -> list[str]:
    """Why a row without commits of its own is released, and as what, where it is no final one."""
    cascaded = [f"cascaded from {', '.join(row.cascaded_from)}"] if row.cascaded_from else []
    early = [f"pre-release of {row.pre_release_of}"] if row.pre_release_of else []
    return [*cascaded, *early]


def describe_change(pin: PlannedPin) -> str:
    """The specifiers a pin replaces and those it writes; these alone where nothing changes."""
    new = " and ".join(_list_new(pin))
    olds = list(dict.fromkeys(read_specifier(each.before, each.table) for each in pin.changes))
    instead = f" (in place of {pin.source})" if pin.source and pin.source not in olds else ""
    if not olds or olds == _list_new(pin):
        return f"{new}{instead}"
    beyond = " (pins: override)" if pin.overrides else ""
    return f"{' and '.join(olds)} → {new}{beyond}{instead}"


def describe_requirement(pin: PlannedPin) -> str:
    """The requirement that a pin writes: ``core==2.0.0``, or ``core>=2.0.0,<3``."""
    return " and ".join(join_requirement(pin.distribution, each) for each in _list_new(pin))


def describe_planned(version: str, pins: Iterable[PlannedPin]) -> str:
    """A planned version and the requirements that go with it."""
    return ", ".join((f"version {version}", *map(describe_requirement, pins)))


def join_requirement(name: str, specifier: str) -> str:
    """A name and what is required of it, as a person would write it."""
    return f"{name}{'' if specifier[:1] in set('=<>~!') else ' '}{specifier}"


def read_specifier(raw: str, table: str) -> str:
    """The version part of a requirement string; a constraint of Poetry is nothing else."""
    split = split_requirement(raw)
    if table.startswith("tool.poetry") or split is None:
        return raw
    return split[1].specifier or "any"


def _describe_pin(pin: PlannedPin) -> str:
    change = describe_change(pin)
    if change.startswith(_list_new(pin)[0]):
        return join_requirement(pin.distribution, change)
    return f"{pin.distribution} {change}"


def _list_new(pin: PlannedPin) -> list[str]:
    """What it writes, each once; an exact pin writes the same everywhere."""
    exact = f"=={pin.version}"
    if pin.rule == "exact":
        return [exact]
    written = (read_specifier(each.after, each.table) for each in pin.changes)
    return list(dict.fromkeys(written)) or [f">={pin.version}"]
