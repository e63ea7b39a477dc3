"""Which requirements a pin rewrites, and how each will read; judged from the parsed document.

A pin rewrites requirements that exist and never adds one: which packages depend on each other is
decided by people, not by a release (spec, Pin Policy). It stays inside the bounds that a person
wrote; an exact requirement is no bound: an earlier release wrote it, and this one raises it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple, NoReturn

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.formats.toml_document import find_line, find_string_paths, value_at
from omninode_release.text.manifests.manifest import parse_manifest
from omninode_release.text.pins.raised import raise_specifier
from omninode_release.text.requirements.declared import (
    find_requirements,
    find_source_overrides,
    split_requirement,
)
from omninode_release.text.requirements.ranges import find_exact_version, read_range
from omninode_release.text.versions.version import is_same

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

    from omninode_release.models.pin_rule import PinRule, WrittenRule
    from omninode_release.text.formats.toml_document import KeyPath
    from omninode_release.text.requirements.declared import DeclaredRequirement

_EXACT = re.compile(r"={2,3}\s*(?P<version>\S+)")
# In Poetry a bare version is an exact one (python-poetry.org, "Exact requirements").
_POETRY_EXACT = re.compile(r"={0,3}\s*(?P<version>[0-9]\S*)")
# What stands before a single equals sign or ends a header. `name==1` is a requirement, not a key.
_KEY = re.compile(r"""([\w.-]+)["']?\s*(?:=(?!=)|\])""", re.ASCII)
Bounds = Literal["kept", "passed", "above"]


class RequirementChange(NamedTuple):
    """One requirement string before and after; the two are equal where it was exact already."""

    name: str
    table: str
    before: str
    after: str


def find_pins(
    text: str,
    versions: Mapping[str, Version | str],
    *,
    where: str,
    raised: Collection[str] = frozenset(),
    sourced: Collection[str] = frozenset(),
) -> dict[KeyPath, RequirementChange]:
    """Every requirement on a name of ``versions``, and the same with exactly that version.

    Of the names ``raised`` it is the lower bound; those ``sourced`` may be in
    ``[tool.uv.sources]``, or in a group for development as a path, which stays. Names are
    normalised. Extras and markers stay as written. Raises PIN_FAILED, naming file and line, where
    a pin would not decide what is installed: a direct URL, a Poetry table with git, path or url,
    an entry in ``[tool.uv.sources]``.
    """
    parsed = parse_manifest(text, where=where, code=ErrorCode.PIN_FAILED)
    elsewhere = find_source_overrides(parsed)
    changes: dict[KeyPath, RequirementChange] = {}
    for each in find_requirements(parsed):
        if each.name not in versions or stays_local(each, sourced):
            continue
        if each.name in elsewhere and each.name not in sourced:
            source = f"[tool.uv.sources] takes {each.name} from {elsewhere[each.name]}"
            _refuse(text, where, source, line=_find_key_line(text, each.name))
        version = str(versions[each.name])
        after = write_pin(each, version, "raise" if each.name in raised else "exact")
        if after is None:
            _refuse_form(text, parsed, each, where, to=version if each.name in raised else None)
        changes[each.path] = RequirementChange(each.name, each.table, each.raw, after)
    return changes


def stays_local(declared: DeclaredRequirement, sourced: Collection[str]) -> bool:
    """True for a path to a package of the same repository that no user of this one reads."""
    return declared.direct and not declared.is_published and declared.name in sourced


def write_pin(declared: DeclaredRequirement, version: str, rule: WrittenRule) -> str | None:
    """The requirement string as the rule has it, or None where it has no place for that."""
    if declared.direct or (declared.is_poetry and read_range(declared) is None):
        return None
    return _write_exact(declared, version) if rule == "exact" else _write_raised(declared, version)


def _write_raised(declared: DeclaredRequirement, version: str) -> str | None:
    raised = raise_specifier(declared.specifier, version, poetry=declared.is_poetry)
    if raised is None or declared.is_poetry:
        return raised
    split = split_requirement(declared.raw)
    if split is None:
        return None
    head, specifier, _ = split[1]
    start = declared.raw.index(specifier, len(head)) if specifier else len(head)
    after = declared.raw[:start] + raised + declared.raw[start + len(specifier) :]
    return after if _differ_in_version_only(declared.raw, after) else None


def _write_exact(declared: DeclaredRequirement, version: str) -> str | None:
    exact = (_POETRY_EXACT if declared.is_poetry else _EXACT).fullmatch(declared.specifier)
    # `===` compares the letters, anything else the versions (PEP 440).
    same = str.__eq__ if declared.specifier.startswith("===") else is_same
    if exact and same(exact["version"], version):
        return declared.raw
    if declared.is_poetry:
        return f"=={version}"
    split = split_requirement(declared.raw)
    if split is None:
        return None
    after = f"{split[1].head}=={version}{split[1].tail}"
    return after if _differ_in_version_only(declared.raw, after) else None


def _differ_in_version_only(before: str, after: str) -> bool:
    """Asks `packaging`, the judge everywhere else, that extras and marker came through."""
    try:
        old, new = Requirement(before), Requirement(after)
    except InvalidRequirement:
        return False
    return (old.name, old.extras, str(old.marker)) == (new.name, new.extras, str(new.marker))


def _refuse_form(
    text: str,
    parsed: Mapping[str, Any],
    declared: DeclaredRequirement,
    where: str,
    *,
    to: str | None,
) -> NoReturn:
    """Of a requirement without a place for a version, or that cannot be raised ``to`` it."""
    line, shown = _find_place(text, parsed, declared), f"{declared.table}: {declared.raw!r}"
    if declared.is_poetry and not declared.direct and not declared.specifier:
        hint = f'give it a version in {where} on the base branch: version = "*" is any'
        _refuse(text, where, f"{shown} has no version to pin", line=line, hint=hint)
    if to is None or declared.direct:
        _refuse(text, where, f"{shown} cannot be pinned", line=line)
    hint = (
        f"let it admit {to} in {where} on the base branch, or choose another word than `raise` for"
        " it under pins_of in the release configuration"
    )
    _refuse(text, where, f"{shown} cannot be raised to {to}", line=line, hint=hint)


def _refuse(
    text: str, where: str, what: str, *, line: int | None, hint: str | None = None
) -> NoReturn:
    shown = where
    if line is not None:
        written = text.split("\n")[line - 1].strip()
        shown = f"{where}, line {line} ({written})"
    raise ReleaseError(
        ErrorCode.PIN_FAILED,
        f"{shown}: {what}.",
        hint=hint
        or f"let {where} on the base branch require it from the package index instead; a source"
        " such as git or a path gives way to its pin with `sources: replace`",
    )


def _find_place(text: str, parsed: Mapping[str, Any], declared: DeclaredRequirement) -> int | None:
    """The line of its string, or for a Poetry table without a version the first one inside it."""
    inside = find_string_paths(value_at(parsed, declared.path), declared.path)
    lines = (find_line(text, path) for path in inside)
    return next(filter(None, lines), None) or _find_key_line(text, declared.name)


def _find_key_line(text: str, name: str) -> int | None:
    """The last line with a key ``name``: a guess, good enough to show a person where to look."""
    lines = [
        number
        for number, line in enumerate(text.split("\n"), start=1)
        if not line.lstrip().startswith("#")
        and any(
            canonicalize_name(part) == name for key in _KEY.findall(line) for part in key.split(".")
        )
    ]
    return lines[-1] if lines else None


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


def find_breach(
    declared: DeclaredRequirement, version: str, rule: PinRule, *, setting: str = "pins: override"
) -> Conflict | None:
    """Why the requirement must not become what the rule makes of it; None where it may.

    With ``override`` a pin may pass a bound, and ``raise`` moves it, or ``find_pins`` says that it
    cannot; neither goes below what is asked for. ``setting`` is what chooses ``override`` here;
    there is none in lockstep, which that would end.
    """
    bounds = compare_bounds(declared, version)
    if bounds == "kept" or (bounds == "passed" and rule not in {"exact", "lockstep"}):
        return None
    verb = "asks for more than" if bounds == "above" else "does not admit"
    what = f"{declared.table}: {declared.raw!r} {verb} {declared.name} {version}"
    mend = f"release a higher version of {declared.name}, or lower the requirement"
    if bounds == "passed":
        passing = f", or write `{setting}` into the release configuration, by which pins go past"
        passing = "" if rule == "lockstep" else f"{passing} such bounds"
        mend = f"let it admit {version}{passing}"
    return Conflict(f"{what}, which this run releases", mend)
