"""Sections and tables of plain text."""

from __future__ import annotations

import textwrap
from itertools import zip_longest
from typing import TYPE_CHECKING

from omninode_release.text.fold import fold_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_GAP = 2


def render_section(title: str, lines: Iterable[str]) -> Iterator[str]:
    lines = list(lines)
    if lines:
        yield ""
        yield f"{title}:"
        yield from (f"  {line}" for line in lines)


def render_table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Iterable[str] = (),
    width: int | None = None,
) -> Iterator[str]:
    """Columns as wide as their widest cell, two spaces between, indented by two.

    Where that is more than ``width``, cells are folded between words; where that is not enough,
    each row becomes a few lines by itself. No ``width`` is lines of any length.
    """
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    if width is not None:
        least = [
            max(len(word) for cell in column for word in cell.split() or [""])
            for column in zip(header, *rows, strict=True)
        ]
        if _total(least) > width:
            yield from _stack(header, rows, width)
            return
        widths = _narrow(widths, least, width)
    right = set(right)
    for row in (header, *rows):
        for line in _fold_row(row, widths):
            cells = (
                cell.rjust(size) if name in right else cell.ljust(size)
                for cell, size, name in zip(line, widths, header, strict=True)
            )
            yield (" " * _GAP + (" " * _GAP).join(cells)).rstrip()


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * len(widths)


def _narrow(widths: Sequence[int], least: Sequence[int], width: int) -> list[int]:
    """The widths with the widest columns narrowed until all fit, none below its longest word."""
    fitted = list(widths)
    while _total(fitted) > width:
        room = [at for at, size in enumerate(fitted) if size > least[at]]
        fitted[max(room, key=fitted.__getitem__)] -= 1
    return fitted


def _fold_row(row: Sequence[str], widths: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """The row's cells in as many lines as the highest of them takes."""
    cells = [
        [cell]
        if len(cell) <= size
        else textwrap.wrap(cell, size, break_long_words=False, break_on_hyphens=False)
        for cell, size in zip(row, widths, strict=True)
    ]
    yield from zip_longest(*cells, fillvalue="")


def _stack(header: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Each row by itself: its first cell, and below it the others with their names."""
    for first, *others in rows:
        yield f"  {first}"
        told = ", ".join(f"{name} {cell}" for name, cell in zip(header[1:], others, strict=True))
        yield from fold_line(f"    {told}", width)
