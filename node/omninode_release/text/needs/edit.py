"""Exchange requirements in a file that is not TOML, and leave every other byte alone.

What reads such a file keeps no places. Of the places where a requirement is written, the right one
is where another value changes what is read at its path, and nothing else.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.needs.registry import read_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omninode_release.text.toml_document import KeyPath

_PROBE = "a-value-that-stands-nowhere-else"
_MOST_PROBES = 50


def find_need_line(name: str, text: str, path: KeyPath) -> int | None:
    """The line, counted from 1, on which the requirement at ``path`` is written."""
    start = _find_start(name, text, path)
    return None if start is None else text.count("\n", 0, start) + 1


def replace_needs(name: str, text: str, edits: Mapping[KeyPath, str], *, where: str) -> str:
    """``text`` of the file ``name`` with these requirements changed, each where it stands.

    Raises PIN_FAILED unless the result reads as the old text with exactly these replaced.
    """
    edited = text
    for path, value in edits.items():
        start = _find_start(name, edited, path)
        if start is not None:
            end = start + len(read_file(name, edited)[path])
            edited = f"{edited[:start]}{value}{edited[end:]}"
    if _try_read(name, edited) == {**read_file(name, text), **edits}:
        return edited
    shown = ", ".join(repr(read_file(name, text)[path]) for path in edits)
    raise ReleaseError(
        ErrorCode.PIN_FAILED,
        f"{where}: expected to change {shown} and nothing else, found no place where that can be"
        " done.",
        hint=f"write {where} plainly on the base branch: each requirement on a line of its own",
    )


def _find_start(name: str, text: str, path: KeyPath) -> int | None:
    before = read_file(name, text)
    raw, wanted = before[path], {**before, path: _PROBE}
    for found in islice(re.finditer(re.escape(raw), text), _MOST_PROBES):
        if _try_read(name, f"{text[: found.start()]}{_PROBE}{text[found.end() :]}") == wanted:
            return found.start()
    return None


def _try_read(name: str, text: str) -> Mapping[KeyPath, str] | None:
    try:
        return read_file(name, text)
    except ValueError:
        return None
