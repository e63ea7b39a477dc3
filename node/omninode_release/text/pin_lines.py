"""A row's pins in one line, the same wherever a person reads a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.text.requirements import split_requirement

if TYPE_CHECKING:
    from omninode_release.models.plan import PinChange, PlannedPin, RepoPlan


def describe_pins(row: RepoPlan) -> str:
    """What the row pins, and the specifiers that it replaces: ``core >=1.0,<2 → ==2.0.0``."""
    return ", ".join(map(_describe_pin, row.pins))


def describe_change(pin: PlannedPin) -> str:
    """The specifiers a pin replaces and the exact one; that alone where it was exact already."""
    exact = f"=={pin.version}"
    olds = list(dict.fromkeys(_read_specifier(each) for each in pin.changes))
    if not olds or olds == [exact]:
        return exact
    beyond = " (pins: override)" if pin.overrides else ""
    return f"{' and '.join(olds)} → {exact}{beyond}"


def _describe_pin(pin: PlannedPin) -> str:
    change = describe_change(pin)
    return f"{pin.distribution}{'' if change.startswith(f'=={pin.version}') else ' '}{change}"


def _read_specifier(change: PinChange) -> str:
    """The version part of a requirement as it was; a constraint of Poetry is nothing else."""
    split = split_requirement(change.before)
    if change.table.startswith("tool.poetry") or split is None:
        return change.before
    return split[1].specifier or "any"
