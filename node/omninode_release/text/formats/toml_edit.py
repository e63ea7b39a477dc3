"""Replace string values of a TOML text and leave every other byte alone.

tomlkit finds the strings and writes the text; the text is then compared with the old one, and with
the document that was intended, which tomllib reads.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import tomlkit
from tomlkit.items import String

from omninode_release.errors import ReleaseError
from omninode_release.text.formats.toml_document import (
    escape_basic,
    parse_toml,
    reads_as,
    replace_values,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from omninode_release.errors import ErrorCode
    from omninode_release.text.formats.toml_document import KeyPath


def replace_strings(
    text: str, new_values: Mapping[KeyPath, str], *, where: str, code: ErrorCode
) -> str:
    """``text`` with the strings at these paths changed, in their quotes where the values fit.

    Raises ``code``, naming ``where``, unless the result reads as the old document with exactly
    these values replaced, and differs from the old text in nothing but those strings.
    """
    try:
        edited, tokens = _exchange(text, new_values)
    except MemoryError:
        raise
    except Exception as error:  # tomlkit has errors of its own, and lets others through
        why = f"tomlkit cannot ({type(error).__name__}: {error})"
        raise _refusal(new_values, why, where=where, code=code) from error
    if not reads_as(edited, replace_values(parse_toml(text), new_values)):
        raise _refusal(new_values, "another value would change", where=where, code=code)
    if not _differ_only_in(tokens, text, edited, count=len(new_values)):
        raise _refusal(new_values, "other text would change", where=where, code=code)
    return edited


def _exchange(text: str, new_values: Mapping[KeyPath, str]) -> tuple[str, set[str]]:
    """The edited text, and the strings that were exchanged, as they were and are written."""
    document = tomlkit.parse(text)
    tokens: set[str] = set()
    for path, value in new_values.items():
        holder: Any = document
        for key in path[:-1]:
            holder = holder[key]
        old = holder[path[-1]]
        if not isinstance(old, String):
            raise TypeError(f"no string stands at {path}")
        token = _rewrite(old.as_string(), str(old), value)
        holder[path[-1]] = tomlkit.value(token)
        tokens |= {old.as_string(), token}
    return document.as_string(), tokens


def _rewrite(token: str, old: str, new: str) -> str:
    """The first of four ways to write ``new`` that reads as it: as near to ``token`` as can be."""
    spellings = (
        token.replace(old, new),
        token.replace(escape_basic(old), escape_basic(new)),
        tomlkit.string(new, multiline=token.startswith(('"""', "'''"))).as_string(),
    )
    fallback = tomlkit.string(new).as_string()
    return next((each for each in spellings if reads_as(f"x = {each}", {"x": new})), fallback)


def _differ_only_in(tokens: Collection[str], before: str, after: str, *, count: int) -> bool:
    """True when all around the tokens is the same, on the same lines, and ``count`` lines changed.

    Two of the tokens may share a line, so fewer lines may have changed.
    """
    longest_first = sorted(tokens, key=len, reverse=True)
    around = re.compile("|".join(map(re.escape, longest_first)))
    old_lines, new_lines = before.split("\n"), after.split("\n")
    if len(old_lines) != len(new_lines) or around.split(before) != around.split(after):
        return False
    changed = [old for old, new in zip(old_lines, new_lines, strict=True) if old != new]
    return len(changed) <= count


def _refusal(
    new_values: Mapping[KeyPath, str], why: str, *, where: str, code: ErrorCode
) -> ReleaseError:
    names = ", ".join(".".join(map(str, path)) for path in new_values)
    return ReleaseError(
        code,
        f"{where}: expected to change {names} and nothing else, found that {why}.",
        hint=f"write {where} plainly on the base branch: each of these on one line, and tables of"
        " one name next to each other",
    )
