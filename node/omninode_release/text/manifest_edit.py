"""The two edits a release makes to a pyproject.toml: its version, and pins on its siblings.

Both rewrite strings that stand there and nothing else; what they rewrite is judged without them
(``find_version``, ``find_pins``), so that a plan can rehearse them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from omninode_release.errors import ErrorCode
from omninode_release.text.manifest import find_version
from omninode_release.text.pins import RequirementChange, find_pins
from omninode_release.text.second_versions import find_second_versions

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from semver import Version

    from omninode_release.text.toml_document import KeyPath


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


def pin_requirements(text: str, versions: Mapping[str, Version | str], *, where: str) -> PinEdit:
    """``text`` with every requirement on a name of ``versions`` set to exactly that version.

    What is commented out stays as written. Raises PIN_FAILED as ``find_pins`` does, and where more
    than these requirements would change.
    """
    found = find_pins(text, versions, where=where)
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
    from omninode_release.text.toml_edit import replace_strings  # noqa: PLC0415

    return replace_strings(text, edits, where=where, code=code)
