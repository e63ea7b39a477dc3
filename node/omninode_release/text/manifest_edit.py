"""The two edits a release makes to a package's files: its version, and pins on its siblings.

Both rewrite strings that stand there and nothing else; what they rewrite is judged without them
(``find_version``, ``find_pins``), so that a plan can rehearse them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.formats.toml_document import value_at
from omninode_release.text.holders.ports import Source
from omninode_release.text.holders.registry import find_held
from omninode_release.text.holders.version_files import find_second_versions
from omninode_release.text.manifests.manifest import MANIFEST, parse_manifest, read_requirements
from omninode_release.text.pins.beside import PinEdits, name_file, pin_beside
from omninode_release.text.pins.changes import find_pins, stays_local
from omninode_release.text.pins.sources import remove_sources

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from packaging.version import Version

    from omninode_release.models.plan import PlannedPin
    from omninode_release.text.formats.toml_document import KeyPath
    from omninode_release.text.holders.ports import Read
    from omninode_release.text.pins.changes import RequirementChange


class PinEdit(NamedTuple):
    """The text to write, and what happened to each requirement on a pinned name."""

    text: str
    changed: tuple[RequirementChange, ...]
    kept: tuple[RequirementChange, ...]


def bump_version(
    text: str,
    new: Version | str,
    *,
    where: str,
    is_here: bool = True,
    also: Collection[str] = (),
) -> str:
    """``text`` with the version value changed to ``new`` and every other byte as it was.

    What tables of other tools hold of the versions ``also`` is changed, too; that alone where the
    version ``is_here`` not. Raises what ``find_version`` raises, and BUMP_FAILED where more than
    that would change.
    """
    path, old = find_version(text, where=where) if is_here else ((), str(new))
    second = find_second_versions(text, set(also) - {str(new)}) if also else []
    paths = second if old == str(new) else [path, *second]
    if not paths:
        return text
    edits = dict.fromkeys(paths, str(new))
    return _replace(text, edits, where=where, code=ErrorCode.BUMP_FAILED)


def find_version(text: str, *, where: str) -> tuple[KeyPath, str]:
    """Where a manifest holds its version itself, and what it says.

    Raises VERSION_INVALID where it holds none and BUMP_FAILED where the file is not TOML or its
    version is not a string.
    """
    parsed = parse_manifest(text, where=where, code=ErrorCode.BUMP_FAILED)
    held = find_held(Source(parsed, dict[str, str]().get, where))
    if not isinstance(value_at(parsed, held.key), str):
        raise ReleaseError(
            ErrorCode.BUMP_FAILED,
            f"{where}: {held.place} is not a string.",
            hint=f'write the version of {where} as a string, for example "0.4.1"',
        )
    return held.key, held.literal


def find_planned_pins(
    read: Read, pins: Iterable[PlannedPin], *, home: str = ""
) -> list[RequirementChange]:
    """Every requirement on a name of planned pins, as their rules have it; ``read`` reads files.

    ``home`` is what to call the folder that they are in. Raises PIN_FAILED where PIN would.
    """
    pins, text = tuple(pins), read(MANIFEST) or ""
    found = _find_in_manifest(text, pins, where=name_file(home, MANIFEST))
    beside = pin_beside(read, pins, home=home)
    return [*found.values(), *beside.changed, *beside.kept]


def _find_in_manifest(
    text: str, pins: Sequence[PlannedPin], *, where: str
) -> dict[KeyPath, RequirementChange]:
    """What ``find_pins`` finds by the rules of planned pins, once their sources are taken out."""
    freed, versions, rules = _read_rules(text, pins, where=where)
    found = find_pins(freed, versions, where=where, **rules)
    # Nothing is added or moved by that, so each is told as it was with its source.
    local = [pin.distribution for pin in pins if pin.together and pin.source is None]
    olds = [
        each
        for each in read_requirements(text, where=where)
        if each.name in versions and not stays_local(each, local)
    ]
    return {
        path: each._replace(before=old.raw)
        for old, (path, each) in zip(olds, found.items(), strict=True)
    }


def write_planned_pins(read: Read, pins: Iterable[PlannedPin], *, home: str = "") -> PinEdits:
    """The texts with planned pins written, and their sources taken out. Raises PIN_FAILED."""
    pins, text, where = tuple(pins), read(MANIFEST) or "", name_file(home, MANIFEST)
    found = _find_in_manifest(text, pins, where=where).values()
    freed, versions, rules = _read_rules(text, pins, where=where)
    edited = pin_requirements(freed, versions, where=where, **rules).text
    beside = pin_beside(read, pins, home=home)
    return PinEdits(
        {**({MANIFEST: edited} if found or edited != text else {}), **beside.texts},
        (*(each for each in found if each.before != each.after), *beside.changed),
        (*(each for each in found if each.before == each.after), *beside.kept),
    )


def _read_rules(
    text: str, pins: Sequence[PlannedPin], *, where: str
) -> tuple[str, dict[str, str], dict[str, list[str]]]:
    """The text without the sources of the pins, and what ``find_pins`` is given beside it."""
    sources = [pin.distribution for pin in pins if pin.source is not None]
    rules = {
        "raised": [pin.distribution for pin in pins if pin.rule == "raise"],
        "sourced": [pin.distribution for pin in pins if pin.together],
    }
    versions = {pin.distribution: pin.version for pin in pins}
    return remove_sources(text, sources, where=where), versions, rules


def pin_requirements(
    text: str,
    versions: Mapping[str, Version | str],
    *,
    where: str,
    raised: Collection[str] = frozenset(),
    sourced: Collection[str] = frozenset(),
) -> PinEdit:
    """``text`` with every requirement on a name of ``versions`` set to exactly that version.

    Of the names ``raised`` it becomes the lower bound. What is commented out stays as written.
    Raises PIN_FAILED as ``find_pins`` does, and where more than these requirements would change.
    """
    found = find_pins(text, versions, where=where, raised=raised, sourced=sourced)
    edits = {path: each.after for path, each in found.items() if each.before != each.after}
    if edits:
        text = _replace(text, edits, where=where, code=ErrorCode.PIN_FAILED)
    return PinEdit(
        text,
        tuple(each for path, each in found.items() if path in edits),
        tuple(each for path, each in found.items() if path not in edits),
    )


def _replace(text: str, edits: Mapping[KeyPath, str], *, where: str, code: ErrorCode) -> str:
    # A dry run may load the phases; tomlkit costs 18 ms and is for those that edit.
    from omninode_release.text.formats.toml_edit import replace_strings  # noqa: PLC0415

    return replace_strings(text, edits, where=where, code=code)
