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
    from collections.abc import Iterator, Mapping

    from omninode_release.text.formats.toml_document import KeyPath

_PROBE = "a-value-that-stands-nowhere-else>=0"
_MOST_PROBES = 50


def find_need_line(name: str, text: str, path: KeyPath) -> int | None:
    """The line, counted from 1, on which the requirement at ``path`` is written."""
    for start, read in _probe(name, text, path):
        if read[path] == _PROBE:
            return text.count("\n", 0, start) + 1
    return None


def replace_needs(name: str, text: str, edits: Mapping[KeyPath, str], *, where: str) -> str:
    """``text`` of the file ``name`` with these requirements changed, each where it stands.

    Raises PIN_FAILED unless the result reads as the old text with exactly these replaced.
    """
    edited = text
    for path, value in edits.items():
        wanted = {**read_file(name, edited), path: _PROBE}
        start = next((at for at, read in _probe(name, edited, path) if read == wanted), None)
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


def _probe(name: str, text: str, path: KeyPath) -> Iterator[tuple[int, Mapping[KeyPath, str]]]:
    """Each place where the requirement could stand, and what is read with another value there."""
    raw = read_file(name, text)[path]
    for found in islice(re.finditer(re.escape(raw), text), _MOST_PROBES):
        read = _try_read(name, f"{text[: found.start()]}{_PROBE}{text[found.end() :]}")
        if read is not None and path in read:
            yield found.start(), read


def _try_read(name: str, text: str) -> Mapping[KeyPath, str] | None:
    try:
        return read_file(name, text)
    except ValueError:
        return None
