"""Generated blocks in a file: between ``generated: NAME`` and ``end: NAME``.

A marker is a comment on a line of its own, of HTML in Markdown and of YAML or Python elsewhere. The
block is indented as its markers are.
"""

from __future__ import annotations

import re
from textwrap import indent
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OPEN = re.compile(r"^ *(?:<!--|#) (?:generated|end): [a-z-]+(?: -->)?$", re.MULTILINE)
_BLOCK = re.compile(
    r"^(?P<lead> *(?:<!--|#)) generated: (?P<name>[a-z-]+)(?: -->)?\n"
    r"(?P<body>.*?)"
    r"^(?P=lead) end: (?P=name)(?: -->)?$",
    re.MULTILINE | re.DOTALL,
)


class Found(NamedTuple):
    """One block as it stands in a document."""

    name: str
    line: int
    """The line of its first marker, counted from 1."""
    current: bool
    """True when it says what is generated for it."""


def fill_blocks(text: str, blocks: Mapping[str, str]) -> str:
    """``text`` with every block as it is generated. Raises ValueError for a stray marker."""
    _check_markers(text)
    return _BLOCK.sub(lambda block: _whole(block, blocks), text)


def found(text: str, blocks: Mapping[str, str]) -> Iterator[Found]:
    """Every block of ``text``. Raises ValueError for a stray marker or an unknown name."""
    _check_markers(text)
    for block in _BLOCK.finditer(text):
        line = text.count("\n", 0, block.start()) + 1
        yield Found(block["name"], line, _whole(block, blocks) == block[0])


def _whole(block: re.Match[str], blocks: Mapping[str, str]) -> str:
    """The block with both markers; Markdown wants an empty line on both sides of a table."""
    name = block["name"]
    if name not in blocks:
        raise ValueError(f"nothing is generated for the block {name!r}")
    first, last = block[0].split("\n")[0], block[0].split("\n")[-1]
    lead = block["lead"]
    gap = "\n" if lead.endswith("<!--") else ""
    body = indent(blocks[name].rstrip(), lead.rstrip("<!-#"))
    return f"{first}\n{gap}{body}\n{gap}{last}"


def _check_markers(text: str) -> None:
    """Raise ValueError where a marker has no partner."""
    inside = {
        line
        for block in _BLOCK.finditer(text)
        for line in (block.start(), block.end() - len(block[0].split("\n")[-1]))
    }
    for marker in _OPEN.finditer(text):
        if marker.start() not in inside:
            line = text.count("\n", 0, marker.start()) + 1
            raise ValueError(f"the marker {marker[0]!r} on line {line} has no partner")
