"""As much Markdown as a changelog needs: where its headings are, and text that cannot forge one.

The rules are CommonMark's (spec.commonmark.org 0.31). A line that looks like a heading inside a
code block or a comment is none; real changelogs are full of shell comments.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ATX = re.compile(r" {0,3}(?P<marks>#{1,6})(?P<text>[ \t].*)?")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*")
_RULES = frozenset("=-")
_NO_PARAGRAPH = re.compile(r"\s*$| {4}|\t|\s*(?:[-+*>|#=]|[0-9]+[.)]\s)")
_FENCE = re.compile(r"\s*(?:[-+*]\s+)?(?P<fence>`{3,}(?=[^`]*$)|~{3,})")
# Control, bidirectional and separator characters, and what no UTF-8 file can hold.
UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
# Words between single spaces without a mark that Markdown reads: nearly all subjects.
_PLAIN = re.compile(r"[A-Za-z](?: ?[!-;=?A-\[\]^_a-~])*")
_CODE_SPAN = re.compile(r"(?<![\\`])(`+)(?!`)(?:.*?[^`])\1(?!`)")
_MENTION = re.compile(r"(?<![\w/])@\w+(?:[./-]\w+)*")
_LIVE = re.compile(r"[\\<`]")
# What starts a block of its own inside a list item: heading, list, quote, rule, fence, table,
# and the definition of a link.
_BLOCK_START = re.compile(
    r"#{1,6}(?=\s|$)|[-+*](?=\s|$)|[-*_](?:\s*[-*_]){2,}\s*$|[>|=]|~{3}|\[(?=[^\]]*\]:)"
)
_NUMBERED = re.compile(r"([0-9]{1,9})(?=[.)](?:\s|$))")


class Heading(NamedTuple):
    """A heading and the lines it takes: two when it is underlined, else one."""

    line: int
    level: int
    text: str
    height: int

    @property
    def end(self) -> int:
        """The first line after it."""
        return self.line + self.height


def find_headings(lines: Sequence[str]) -> list[Heading]:
    """The headings outside code and comments, in order; lines may end in a carriage return."""
    found = []
    last = len(lines) - 1
    for index, line in find_visible_lines(lines):
        # Most lines are no heading by their first characters; a pattern takes ten times as long.
        if "#" in line[:4] and (atx := _ATX.fullmatch(line)):
            found.append(Heading(index, len(atx["marks"]), _read_title(atx["text"] or ""), 1))
        elif (
            index < last
            and lines[index + 1].lstrip(" ")[:1] in _RULES
            and (level := _read_underline(lines, index))
        ):
            found.append(Heading(index, level, line.strip(), 2))
    return found


def find_visible_lines(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Lines outside fenced code and block comments, without their line ends."""
    closing = ""
    for index, raw in enumerate(lines):
        line = raw.rstrip("\r")
        if closing:
            if _closes(line, closing):
                closing = ""
        elif ("```" in line or "~~~" in line) and (fence := _FENCE.match(line)):
            closing = fence["fence"]
        elif "<!--" in line and line.lstrip().startswith("<!--"):
            closing = "" if "-->" in line else "-->"
        else:
            yield index, line


def escape_inline(text: str) -> str:
    """Text of unknown origin as one line of Markdown that is text and nothing more.

    Unprintable characters go, white space collapses; `<`, backslashes and unpaired backticks are
    escaped outside code spans, and so is a start that would open a block. ``@name`` becomes code:
    a changelog is pasted into pull requests, where it would call a stranger.
    """
    if _PLAIN.fullmatch(text):
        return text
    line = " ".join(UNPRINTABLE.sub(" ", text).split())
    pieces = []
    done = 0
    for span in _CODE_SPAN.finditer(line):
        pieces += [_escape(line[done : span.start()]), span[0]]
        done = span.end()
    line = "".join([*pieces, _escape(line[done:])])
    if _BLOCK_START.match(line):
        return f"\\{line}"
    return _NUMBERED.sub(r"\1\\", line, count=1) if _NUMBERED.match(line) else line


def _escape(text: str) -> str:
    return _MENTION.sub(r"`\g<0>`", _LIVE.sub(r"\\\g<0>", text))


def _closes(line: str, closing: str) -> bool:
    if closing == "-->":
        return closing in line
    rest = line.strip()
    return rest.startswith(closing) and not rest.strip(closing[0])


def _read_title(text: str) -> str:
    """The text of a heading without the marks that may close it."""
    bare = text.rstrip(" \t").rstrip("#")
    return (bare if bare[-1:] in {"", " ", "\t"} else text).strip()


def _read_underline(lines: Sequence[str], index: int) -> int | None:
    """The level of a setext heading of one line, at the start of a paragraph."""
    if index + 1 == len(lines) or _NO_PARAGRAPH.match(lines[index]):
        return None
    above = lines[index - 1].rstrip("\r") if index else ""
    # A rule on the first line of a file opens front matter, and what it holds are no headings.
    ended = _ATX.fullmatch(above) or (index > 1 and _UNDERLINE.fullmatch(above))
    if above.strip() and not ended:
        return None
    below = lines[index + 1].rstrip("\r")
    if not _UNDERLINE.fullmatch(below):
        return None
    return 1 if "=" in below else 2
