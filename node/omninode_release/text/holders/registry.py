"""The one answer to "which version does this tree declare, and where?"."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.versions.version import spell_like, spell_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.text.holders import (
        cargo,
        flit,
        hatch,
        incremental,
        meson,
        pdm,
        project,
        scikit_build,
        setuptools,
        tags,
    )
    from omninode_release.text.holders.ports import Held, Holder, Source

    _held_to_their_protocol: tuple[Holder, ...] = (
        *(tags, project, incremental, hatch, flit),
        *(pdm, cargo, meson, scikit_build, setuptools),
    )

_HOLDERS = (
    *("tags", "project", "incremental", "hatch", "flit"),
    *("pdm", "cargo", "meson", "scikit_build", "setuptools"),
)
"""In the order in which they are asked; the first that knows its own answers for all."""


def _open_holders() -> Iterator[Holder]:
    """Each is imported when it is asked: nearly every version stands where the second looks."""
    room = __name__.rpartition(".")[0]
    for name in _HOLDERS:
        yield cast("Holder", import_module(f"{room}.{name}"))


def find_held(source: Source) -> Held:
    """Where the version stands. Raises VERSION_INVALID where it stands nowhere."""
    for holder in _open_holders():
        found = holder.find(source)
        if found is not None:
            return found
    has_own = "project" in source.parsed or source.at("tool", "poetry") is not None
    if not has_own and (not source.parsed or any(map(source.read, ("setup.cfg", "setup.py")))):
        raise _nothing_plain(source)
    if source.is_dynamic:
        found_instead = (
            "it is dynamic ([project] dynamic names it), and nothing that holds it is known"
        )
    elif has_own:
        found_instead = "neither [project] nor [tool.poetry] has one"
    else:
        found_instead = "there is neither a [project] nor a [tool.poetry] table"
    raise ReleaseError(
        ErrorCode.VERSION_INVALID,
        f"{source.where}: expected a literal version; {found_instead}.",
        hint=source.advise_literal(),
    )


def find_name_beside(source: Source) -> str | None:
    """What setup.cfg or setup.py calls a package that pyproject.toml does not name."""
    # Loaded with all that reads computed versions, 7 ms of a dry run.
    from omninode_release.text.holders.setuptools import find_name  # noqa: PLC0415

    return find_name(source)


def _nothing_plain(source: Source) -> ReleaseError:
    return ReleaseError(
        ErrorCode.VERSION_INVALID,
        f"{source.where}: expected a literal version; it has no [project], neither [metadata] of"
        " setup.cfg nor setup() of setup.py has a plain one, and none leads to a file that has.",
        hint="write version = X.Y.Z into [metadata] of setup.cfg, and take version out of setup()"
        " of setup.py",
    )


def write_held(held: Held, text: str, new: str, *, where: str) -> str:
    """``text`` of the held file with ``new`` in that place, and every other byte as it was."""
    if held.key:
        # A dry run may load the phases; tomlkit costs 18 ms and is for those that edit.
        from omninode_release.text.formats.toml_edit import replace_strings  # noqa: PLC0415

        if held.literal == new:
            return text
        spell_version(new, held.path)
        return replace_strings(text, {held.key: new}, where=where, code=ErrorCode.BUMP_FAILED)
    start, end = held.span
    number = spell_like(new, held.literal, held.path, held.separator)
    return f"{text[:start]}{number}{text[end:]}"
