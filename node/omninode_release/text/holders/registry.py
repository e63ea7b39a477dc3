"""The one answer to "which version does this tree declare, and where?"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.holders import cargo, flit, hatch, pdm, project, setuptools, tags
from omninode_release.text.versions import spell_version

if TYPE_CHECKING:
    from omninode_release.text.holders.ports import Held, Holder, Source

_HOLDERS: dict[str, Holder] = {
    "tags": tags,
    "project": project,
    "hatch": hatch,
    "flit": flit,
    "pdm": pdm,
    "cargo": cargo,
    "setuptools": setuptools,
}
"""In the order in which they are asked; the first that knows its own answers for all."""


def find_held(source: Source) -> Held:
    """Where the version stands. Raises VERSION_INVALID where it stands nowhere."""
    for holder in _HOLDERS.values():
        found = holder.find(source)
        if found is not None:
            return found
    if not source.parsed:
        raise _nothing_plain(source)
    if source.is_dynamic:
        found_instead = (
            "it is dynamic ([project] dynamic names it), and nothing that holds it is known"
        )
    elif "project" in source.parsed or source.at("tool", "poetry") is not None:
        found_instead = "neither [project] nor [tool.poetry] has one"
    else:
        found_instead = "there is neither a [project] nor a [tool.poetry] table"
    raise ReleaseError(
        ErrorCode.VERSION_INVALID,
        f"{source.where}: expected a literal version; {found_instead}.",
        hint=f'write version = "X.Y.Z" into [project] of {source.where}',
    )


def _nothing_plain(source: Source) -> ReleaseError:
    return ReleaseError(
        ErrorCode.VERSION_INVALID,
        f"{source.where}: expected a literal version; there is no such file, and neither [metadata]"
        " of setup.cfg nor setup() of setup.py has a plain one.",
        hint="write version = X.Y.Z into [metadata] of setup.cfg, or [project] into"
        f" {source.where}",
    )


def write_held(held: Held, text: str, new: str, *, where: str) -> str:
    """``text`` of the held file with ``new`` in that place, and every other byte as it was."""
    if held.key:
        # A dry run may load the phases; tomlkit costs 18 ms and is for those that edit.
        from omninode_release.text.toml_edit import replace_strings  # noqa: PLC0415

        if held.literal == new:
            return text
        spell_version(new, held.path)
        return replace_strings(text, {held.key: new}, where=where, code=ErrorCode.BUMP_FAILED)
    start, end = held.span
    number = spell_version(new, held.path, held.separator)
    return f"{text[:start]}{number}{text[end:]}"
