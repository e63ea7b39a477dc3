"""Sections and tables of plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def render_section(title: str, lines: Iterable[str]) -> Iterator[str]:
    lines = list(lines)
    if lines:
        yield ""
        yield f"{title}:"
        yield from (f"  {line}" for line in lines)


def render_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Iterable[str] = ()
) -> Iterator[str]:
    """Columns as wide as their widest cell, two spaces between, indented by two."""
    right = set(right)
    widths = [max(len(cell) for cell in column) for column in zip(header, *rows, strict=True)]
    for row in (header, *rows):
        cells = (
            cell.rjust(width) if name in right else cell.ljust(width)
            for cell, width, name in zip(row, widths, header, strict=True)
        )
        yield ("  " + "  ".join(cells)).rstrip()
