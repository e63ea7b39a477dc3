"""The two edits a release makes to a version: its own, and the pins on what was released before it.

Both rewrite one string and nothing else. A pin rewrites requirements that exist and never adds one:
which packages depend on each other is decided by people, not by a release (spec, Pin Policy).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.manifest import (
    load,
    requirements_in,
    source_overrides,
    split_requirement,
    version_path,
)
from omninode_release.text.toml_strings import line_number, replace_strings, string_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from semver import Version

    from omninode_release.text.manifest import Declared
    from omninode_release.text.toml_strings import KeyPath

# Strings and comments stand in the alternatives only to be stepped over: an assignment quoted in a
# docstring is text, not the version.
_LITERAL = re.compile(
    r"""
      ^(?P<target> __version__ [ \t]* (?: : [^=\r\n\#]* )? = [ \t]* )
       (?P<quote> ["'] ) [^"'\\\r\n]* (?P=quote)
       (?= [ \t]* (?: [\#;] [^\n]* )? \r?$ )
    | \"{3}(?:\\.|[^\\])*?\"{3} | '{3}(?:\\.|[^\\])*?'{3}
    | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'
    | \#[^\n]*
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_EXACT = re.compile(r"={2,3}\s*(?P<version>\S+)")
# In Poetry a bare version is an exact one (python-poetry.org, "Exact requirements").
_POETRY_EXACT = re.compile(r"={0,3}\s*(?P<version>[0-9]\S*)")
# What stands before a single equals sign or ends a header. `name==1` is a requirement, not a key.
_KEY = re.compile(r"""([\w.-]+)["']?\s*(?:=(?!=)|\])""", re.ASCII)


class PinChange(NamedTuple):
    """One requirement string before and after; the two are equal where it was exact already."""

    name: str
    table: str
    before: str
    after: str


class PinEdit(NamedTuple):
    """The text to write, and what happened to each requirement on a pinned name."""

    text: str
    changed: tuple[PinChange, ...]
    kept: tuple[PinChange, ...]


def bump_version(text: str, new: Version | str, *, where: str) -> str:
    """``text`` with the version value changed to ``new`` and every other byte as it was.

    Raises VERSION_INVALID where there is no literal version and BUMP_FAILED where the file is not
    TOML or its version is not a string.
    """
    path = version_path(load(text, where=where, code=ErrorCode.BUMP_FAILED), where=where)
    standing = string_values(text).get(path)
    if standing is None:
        raise ReleaseError(
            ErrorCode.BUMP_FAILED,
            f"{where}: {'.'.join(map(str, path))} is not a string.",
            hint=f'write the version of {where} as a string, for example "0.4.1"',
        )
    return text if standing.value == str(new) else replace_strings(text, {path: str(new)})


def bump_literal(python_source: str, new: Version | str) -> str:
    """Python source with ``__version__ = "…"`` at the start of a line set to ``new``.

    Whatever the old value: a literal that was forgotten once is stale, and is the one to mend.
    Quotes, annotation and a trailing comment stay; any other way to get a version is left alone.
    """

    def edited(found: re.Match[str]) -> str:
        if found["target"] is None:
            return found[0]
        return f"{found['target']}{found['quote']}{new}{found['quote']}"

    return _LITERAL.sub(edited, python_source)


def pin(text: str, versions: Mapping[str, Version | str], *, where: str) -> PinEdit:
    """``text`` with every requirement on a name of ``versions`` set to exactly that version.

    Names are normalised. Extras, markers and what is commented out stay as written. Raises
    PIN_FAILED, naming file and line, where a pin would not decide what is installed: a direct URL,
    a Poetry table with git, path or url, an entry in ``[tool.uv.sources]``.
    """
    parsed = load(text, where=where, code=ErrorCode.PIN_FAILED)
    found = [each for each in requirements_in(parsed) if each.name in versions]
    elsewhere = source_overrides(parsed)
    changes: dict[KeyPath, PinChange] = {}
    for each in found:
        if each.name in elsewhere:
            source = f"[tool.uv.sources] takes {each.name} from {elsewhere[each.name]}"
            _refuse(text, where, source, line=_key_line(text, each.name))
        after = _pinned(each, str(versions[each.name]))
        if after is None:
            shown = f"{each.table}: {each.raw!r} cannot be pinned"
            _refuse(text, where, shown, line=_line_of(text, each))
        changes[each.path] = PinChange(each.name, each.table, each.raw, after)
    edits = {path: done.after for path, done in changes.items() if done.before != done.after}
    return PinEdit(
        replace_strings(text, edits) if edits else text,
        tuple(done for path, done in changes.items() if path in edits),
        tuple(done for path, done in changes.items() if path not in edits),
    )


def _pinned(declared: Declared, version: str) -> str | None:
    """The requirement string with an exact version, or None where it has no place for one."""
    if declared.direct or (declared.poetry and not declared.specifier):
        return None
    exact = (_POETRY_EXACT if declared.poetry else _EXACT).fullmatch(declared.specifier)
    if exact and exact["version"] == version:
        return declared.raw
    if declared.poetry:
        return f"=={version}"
    split = split_requirement(declared.raw)
    if split is None:
        return None
    _, parts = split
    after = f"{parts.head}=={version}{parts.tail}"
    return after if _differ_in_version_only(declared.raw, after) else None


def _differ_in_version_only(before: str, after: str) -> bool:
    """Asks `packaging`, the judge everywhere else, that extras and marker came through."""
    try:
        old, new = Requirement(before), Requirement(after)
    except InvalidRequirement:
        return False
    return (old.name, old.extras, str(old.marker)) == (new.name, new.extras, str(new.marker))


def _refuse(text: str, where: str, what: str, *, line: int | None) -> NoReturn:
    shown = where
    if line is not None:
        written = text.split("\n")[line - 1].strip()
        shown = f"{where}, line {line} ({written})"
    raise ReleaseError(
        ErrorCode.PIN_FAILED,
        f"{shown}: {what}.",
        hint=f"let {where} on the base branch require it from the package index instead",
    )


def _line_of(text: str, declared: Declared) -> int | None:
    """The line of its string, or for a Poetry table without a version the first one inside it."""
    path = declared.path
    inside = [at.start for each, at in string_values(text).items() if each[: len(path)] == path]
    return line_number(text, min(inside)) if inside else _key_line(text, declared.name)


def _key_line(text: str, name: str) -> int | None:
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
