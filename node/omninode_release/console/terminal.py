"""What a stream that people read can show."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

_LEAST_COLUMNS = 40
"""Below that nothing is fitted: what was meant for a terminal is one word a line."""


def is_lively(stream: TextIO, variables: Mapping[str, str]) -> bool:
    """True for a terminal that a person watches: it may be coloured and rewritten.

    Not so where a person asked for plain text (no-color.org), or where a log is made of it (CI).
    """
    term = variables.get("TERM", "")
    if variables.get("NO_COLOR") or variables.get("CI", "false") not in {"", "0", "false"}:
        return False
    return term not in {"", "dumb", "unknown"} and is_terminal(stream) and _is_utf8(stream)


def is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # it is closed
        return False


def find_width(stream: TextIO, variables: Mapping[str, str]) -> int | None:
    """How many columns a terminal has; None for what is no terminal, where a line is a line."""
    if not is_terminal(stream):
        return None
    given = variables.get("COLUMNS", "")
    try:
        width = int(given) if given.isdecimal() else os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return None
    return width if width >= _LEAST_COLUMNS else None


def _is_utf8(stream: TextIO) -> bool:
    return (getattr(stream, "encoding", None) or "").lower().replace("-", "") == "utf8"
