"""As much reStructuredText as a changelog needs: its headings, and text that cannot forge markup.

The rules are those of docutils. What stands indented (a literal block, a comment, what a directive
holds) has no headings.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.text.markdown import UNPRINTABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

_LINE = re.compile(r"([!-/:-@\[-`{-~])\1*[ \t]*")
_LABEL = re.compile(r"\.\. _(?P<name>[^:`]+|`[^`]+`):[ \t]*")
_CODE_SPAN = re.compile(r"(?<![\\`\w])`(?!`)([^`]*[^`\s\\])`(?![`\w])")
_LIVE = re.compile(r"[\\*`|]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_ENUMERATED = re.compile(r"\(?(?:[0-9]+|[A-Za-z]|[ivxlcdmIVXLCDM]+|#)[.)](?:\s|$)")


class Heading(NamedTuple):
    """A heading with its underline, and the line above it where it has one."""

    line: int
    """Its first line."""
    text: str
    mark: str
    """The character it is underlined with, twice where there is a line above it, too."""
    level: int
    """1 for the mark that the file uses first."""
    indent: str = ""

    @property
    def end(self) -> int:
        """The first line after it."""
        return self.line + 1 + len(self.mark)


def find_headings(lines: Sequence[str]) -> list[Heading]:
    """The headings in order; lines may end in a carriage return."""
    found: list[Heading] = []
    marks: list[str] = []
    at = 0
    while at < len(lines):
        heading = _read_heading([line.rstrip("\r") for line in lines[max(at - 1, 0) : at + 4]], at)
        if heading is None:
            at += 1
            continue
        if heading.mark not in marks:
            marks.append(heading.mark)
        found.append(heading._replace(level=marks.index(heading.mark) + 1))
        at = heading.end
    return found


def _read_heading(near: Sequence[str], at: int) -> Heading | None:
    """The heading that begins at ``at``; ``near`` begins with the line before it."""
    above, *here = near if at else ("", *near)
    if above.strip() and not _LINE.fullmatch(above):
        return None  # inside a paragraph
    if len(here) >= 3 and _is_line(here[0], here[1]) and here[0].rstrip() == here[2].rstrip():
        text = here[1].strip()
        indent = here[1][: len(here[1]) - len(here[1].lstrip())]
        return Heading(at, text, here[0][0] * 2, 0, indent) if text else None
    if len(here) >= 2 and here[0][:1].strip() and _is_line(here[1], here[0]):
        return None if _LINE.fullmatch(here[0]) else Heading(at, here[0].strip(), here[1][0], 0)
    return None


def _is_line(line: str, title: str) -> bool:
    """True for one that can stand under ``title``: docutils accepts a shorter one from four on."""
    long = len(line.rstrip())
    return _LINE.fullmatch(line) is not None and (long >= measure(title.rstrip()) or long >= 4)


def measure(text: str) -> int:
    """The columns that a text takes, as docutils counts them."""
    wide = sum(unicodedata.east_asian_width(each) in "WF" for each in text)
    return len(text) + wide - sum(unicodedata.combining(each) > 0 for each in text)


def draw_heading(text: str, mark: str, *, indent: str = "") -> list[str]:
    """The heading as lines."""
    line = mark[0] * measure(f"{indent}{text}{indent}")
    return [line, f"{indent}{text}", line] if len(mark) == 2 else [text, line]


def find_label_start(lines: Sequence[str], heading: Heading) -> int:
    """The first line of the labels with a number directly above a heading, or of the heading.

    One without, such as ``.. _changelog:``, names the file and not the entry.
    """
    start = at = heading.line
    while at > 0 and (not lines[at - 1].strip() or _is_numbered(read_label(lines[at - 1]))):
        at -= 1
        start = at if lines[at].strip() else start
    return start


def _is_numbered(label: str | None) -> bool:
    return label is not None and any(each.isdigit() for each in label)


def read_label(line: str) -> str | None:
    """The name of the label that a line is; None for any other line."""
    found = _LABEL.fullmatch(line.rstrip("\r"))
    return found["name"] if found else None


def escape_rst(text: str) -> str:
    """Text of unknown origin as one line of reStructuredText that is text and nothing more.

    Unprintable characters go, white space collapses. What stands in single backticks, which is code
    in a commit's subject, becomes a literal.
    """
    line = " ".join(UNPRINTABLE.sub(" ", text).split())
    pieces, done = [], 0
    for span in _CODE_SPAN.finditer(line):
        if not span[1][0].isspace():
            before = _LIVE.sub(r"\\\g<0>", line[done : span.start()])
            gap = "" if not before or before[-1] in " ('\"" else "\\ "
            after = line[span.end() : span.end() + 1]
            pieces += [before, gap, f"``{span[1]}``", "" if after in " .,;:)!?'\"" else "\\ "]
            done = span.end()
    line = "".join([*pieces, _LIVE.sub(r"\\\g<0>", line[done:])])
    if line.endswith("::"):
        line = f"{line[:-1]}\\:"
    if _LINE.fullmatch(line):
        return f"\\ {line}"  # an escaped space is nothing
    starts_block = line[:1] not in "\\`" and not line[:1].isalnum()
    return f"\\{line}" if line and (starts_block or _ENUMERATED.match(line)) else line
