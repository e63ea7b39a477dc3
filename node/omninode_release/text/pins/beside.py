"""Pins on requirements that do not stand in pyproject.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.manifests.manifest import MANIFEST, read_requirements
from omninode_release.text.needs.edit import find_need_line, replace_needs
from omninode_release.text.pins.changes import RequirementChange, write_pin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from omninode_release.models.plan import PlannedPin
    from omninode_release.text.formats.toml_document import KeyPath
    from omninode_release.text.holders.ports import Read
    from omninode_release.text.requirements.declared import DeclaredRequirement


class PinEdits(NamedTuple):
    """What becomes of every file with a requirement on a pinned name, and of each of these."""

    texts: Mapping[str, str]
    """Path to text, also where nothing changes."""
    changed: tuple[RequirementChange, ...]
    kept: tuple[RequirementChange, ...]


def pin_beside(read: Read, pins: Iterable[PlannedPin], *, home: str = "") -> PinEdits:
    """The files beside the manifest, with the pins written.

    ``home`` is what to call the folder that they are in. Raises PIN_FAILED where a requirement has
    no place for a version, and where PIN does not write its file.
    """
    wanted = {pin.distribution: pin for pin in pins}
    if not wanted:
        return PinEdits({}, (), ())
    found: dict[str, dict[KeyPath, RequirementChange]] = {}
    manifest, where = read(MANIFEST) or "", name_file(home, MANIFEST)
    for need in read_requirements(manifest, where=where, read=read):
        if need.file != MANIFEST and need.name in wanted:
            after = _write(need, wanted[need.name], read, home)
            change = RequirementChange(need.name, need.table, need.raw, after)
            found.setdefault(need.file, {})[need.path] = change
    changes = [each for several in found.values() for each in several.values()]
    return PinEdits(
        {path: _edit(path, read, several, home) for path, several in found.items()},
        tuple(each for each in changes if each.before != each.after),
        tuple(each for each in changes if each.before == each.after),
    )


def name_file(home: str, path: str) -> str:
    """What to call a file of the package in a message."""
    return f"{home}/{path}" if home else path


def _edit(path: str, read: Read, changes: Mapping[KeyPath, RequirementChange], home: str) -> str:
    text, where = read(path) or "", name_file(home, path)
    edits = {at: each.after for at, each in changes.items() if each.before != each.after}
    return replace_needs(path, text, edits, where=where) if edits else text


def _write(need: DeclaredRequirement, pin: PlannedPin, read: Read, home: str) -> str:
    """The requirement as its rule has it. Raises PIN_FAILED."""
    after = write_pin(need, pin.version, pin.rule)
    if after == need.raw:
        return after
    line = find_need_line(need.file, read(need.file) or "", need.path)
    shown = f"{name_file(home, need.file)}{f', line {line}' if line else ''}, {need.table}"
    if need.unwritten is not None:
        raise ReleaseError(
            ErrorCode.PIN_FAILED,
            f"{shown}: {need.raw!r} cannot be pinned: {need.unwritten}.",
            hint=f"write `keep` for {pin.repo} under pins_of in the release configuration, by which"
            f" it has to admit {pin.version}; or write it into install_requires of setup.cfg, or"
            " [project] of pyproject.toml, on the base branch",
        )
    if after is None:
        verb = "raised to" if pin.rule == "raise" and not need.direct else "pinned to"
        mend = f"let it admit {pin.version} there on the base branch, or choose another word than"
        mend += f" `{pin.rule}` for it under pins_of in the release configuration"
        if need.direct:
            mend = "require it from the package index there on the base branch, or write `keep` for"
            mend += f" {pin.repo} under pins_of in the release configuration"
        raise ReleaseError(
            ErrorCode.PIN_FAILED,
            f"{shown}: {need.raw!r} cannot be {verb} {pin.version}.",
            hint=mend,
        )
    return after
