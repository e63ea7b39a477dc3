"""Edits of lines of a text whose other lines stay as they are, and how to tell that they did."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from omninode_release.errors import split_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


BYTE_ORDER_MARK = "\ufeff"
"""What some editors write before a text in UTF-8; it is no part of its first line."""


class Edit(NamedTuple):
    """The lines from ``start`` up to ``end`` become ``lines``."""

    start: int
    end: int
    lines: list[str]


def apply_edits(lines: Sequence[str], edits: Iterable[Edit]) -> str:
    """The text after the edits, new lines ended like the majority of the old ones.

    ``lines`` is the text split at line feeds. Of two edits at one place the later one comes out
    above the other.
    """
    with_return = sum(line.endswith("\r") for line in lines)
    end = "\r" if with_return * 2 > len(lines) - 1 else ""
    # What follows the last line feed is no line; it becomes one when something is added below.
    result = [*lines[:-1], lines[-1] + end if lines[-1] else ""]
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        result[edit.start : edit.end] = [
            line if line.endswith("\r") else line + end for line in edit.lines
        ]
    return "\n".join([*result[:-1], result[-1].removesuffix(end)])


def trim_lines(lines: Sequence[str]) -> list[str]:
    """The lines without blank ones at either end."""
    filled = [at for at, line in enumerate(lines) if line.strip()]
    return list(lines[filled[0] : filled[-1] + 1]) if filled else []


def find_inserted(old: str, new: str) -> str:
    """The lines that a tool has added, without blank ones at either end."""
    before, after = split_lines(old), split_lines(new)
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return "\n".join(after[start : len(after) - end]).strip("\n")


def keeps_old_lines(old: str, new: str) -> bool:
    """True where every old line that is not blank is still there, in order, in at most two blocks.

    What stands above the entry is one, what stands below it the other.
    """
    before = [line for line in split_lines(old) if line.strip()]
    after = [line for line in split_lines(new) if line.strip()]
    above = 0
    while above < min(len(before), len(after)) and before[above] == after[above]:
        above += 1
    below = len(before) - above
    return not below or after[-below:] == before[above:]
