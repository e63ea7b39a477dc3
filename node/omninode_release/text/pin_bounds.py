"""Whether a pin stays inside the bounds that a person wrote into the requirement it replaces.

An exact requirement is no bound: an earlier release wrote it, and this one raises it (spec, Pin
Policy).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from packaging.version import Version

from omninode_release.text.version_ranges import find_exact_version, read_range

if TYPE_CHECKING:
    from omninode_release.models.pin_rule import PinRule
    from omninode_release.text.requirements import DeclaredRequirement

Bounds = Literal["kept", "passed", "above"]


class Conflict(NamedTuple):
    """What does not fit together, and what to do about it."""

    what: str
    mend: str


def compare_bounds(declared: DeclaredRequirement, version: str) -> Bounds:
    """How ``version`` stands to what the requirement admits.

    ``above``: the requirement asks for more than ``version``. ``passed``: it admits neither that
    version nor everything higher, as ``<2``, ``!=2.0.0`` and ``^1`` do not. What cannot be read
    counts as kept: it cannot be pinned at all (``find_pins``).
    """
    exact, admitted = find_exact_version(declared), read_range(declared)
    if exact is not None:
        return "above" if exact > Version(version) else "kept"
    if admitted is None or admitted.admits(version):
        return "kept"
    return "above" if admitted.is_above(version) else "passed"


def find_breach(declared: DeclaredRequirement, version: str, rule: PinRule) -> Conflict | None:
    """Why the requirement must not become what the rule makes of it; None where it may.

    With ``override`` a pin may pass a bound, and ``raise`` moves it, or ``find_pins`` says that it
    cannot; neither goes below what is asked for.
    """
    bounds = compare_bounds(declared, version)
    if bounds == "kept" or (bounds == "passed" and rule not in {"exact", "lockstep"}):
        return None
    verb = "asks for more than" if bounds == "above" else "does not admit"
    what = f"{declared.table}: {declared.raw!r} {verb} {declared.name} {version}"
    mend = f"release a higher version of {declared.name}, or lower the requirement"
    if bounds == "passed":
        mend = (
            f"let it admit {version}, or write `pins: override` into the release configuration, by"
            " which pins go past such bounds"
        )
    return Conflict(f"{what}, which this run releases", mend)
