"""As much reStructuredText as a changelog needs: headings, entries, text that cannot forge markup.

The rules are those of docutils. What stands indented (a literal block, a comment, what a directive
holds) has no headings.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.text.changelogs.announcements import WAITING, Entry, is_status
from omninode_release.text.changelogs.dates import DATE
from omninode_release.text.changelogs.markdown import UNPRINTABLE
from omninode_release.text.formats.line_edits import BYTE_ORDER_MARK
from omninode_release.text.versions.version import is_below, is_same

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LINE = re.compile(r"([!-/:-@\[-`{-~])\1*[ \t]*")
_TRANSITION = re.compile(r"([!-/:-@\[-`{-~])\1{3,}[ \t]*\r?")
_LABEL = re.compile(r"\.\. _(?P<name>[^:`]+|`[^`]+`):[ \t]*")
_CODE_SPAN = re.compile(r"(?<![\\`\w])`(?!`)([^`]*[^`\s\\])`(?![`\w])")
_LIVE = re.compile(r"[\\*`|]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_ENUMERATED = re.compile(r"\(?(?:[0-9]+|[A-Za-z]|[ivxlcdmIVXLCDM]+|#)[.)](?:\s|$)")
# `Version 8.4.0`, `pluggy 1.6.0 (2025-05-15)`, `2.2.0 (UNRELEASED)`, `v1.2.3 - May 3, 2026`,
# `v1.2.3 2026-05-03`, `[1.2.3] - 2026-05-03`, `:git_tag:`1.2.3` -- 2026-05-03`. What follows a
# version must be marked off from it: "1.2 in depth" is a chapter.
_TITLE = re.compile(
    rf"""
    (?P<before> (?: \*\* | \[ | (?::[\w-]+:)?` )? (?:[A-Za-z][\w.-]*[ ]+){{0,3}} [vV]? )
    (?P<version> [0-9]+(?:\.[0-9]+)+ (?:[-.+]?[A-Za-z][\w.+-]*)? )
    (?P<after> $ | [ ]*[-\u2013\u2014:,(\[/|*`\]].* | [ ]+[^\w\s].* | [ ]+(?:{DATE.pattern})$ )
    """,
    re.VERBOSE,
)

_BARE = 99
"""The level of a title without a mark: below that of every heading."""


class Heading(NamedTuple):
    """A heading with its underline, and the line above it where it has one."""

    line: int
    """Its first line."""
    text: str
    mark: str
    """The character it is underlined with, twice where there is a line above it, too; none where
    a paragraph of one line is the title of an entry."""
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
    if not mark:
        return [text]
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
            # Between a bracket or quotes and their like a literal would not begin.
            opens = before[-1:] == " " or (before[-1:] in "('\"" and span[1][0].isalnum())
            gap = "" if not before or opens else "\\ "
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


class Part(NamedTuple):
    """A heading with its section: an entry, or what waits for one."""

    heading: Heading
    end: int
    entry: Entry
    before: str


class Layout(NamedTuple):
    lines: list[str]
    headings: list[Heading]
    entries: list[Part]
    waiting: Part | None

    def model(self, version: str) -> Part | None:
        """The newest entry that was released: its form is imitated."""
        others = [each for each in self.entries if not is_same(each.entry.version, version)]
        older = [each for each in others if is_below(each.entry.version, version)] or others
        released = (each for each in older if not each.entry.is_pending)
        return next(released, next(iter(older), None))


def read_layout(text: str) -> Layout:
    lines = text.lstrip(BYTE_ORDER_MARK).split("\n")
    headings = find_headings(lines)
    if not any(_TITLE.fullmatch(each.text) for each in headings):
        headings = sorted([*headings, *_find_bare_titles(lines)])
    read = [(each, _TITLE.fullmatch(each.text)) for each in headings]
    level = min((h.level for h, title in read if title), default=0)
    top = next((h.line for h, title in read if title and h.level == level), len(lines))
    waiting = [
        h
        for h in headings
        if h.line < top and WAITING.fullmatch(h.text) and h.level in {level, level or 2, 1}
    ]
    tops = {h.line for h, title in read if title and h.level == level} | {h.line for h in waiting}
    entries = [
        _make_part(lines, headings, h, title, tops)
        for h, title in read
        if title and h.level == level
    ]
    first = _make_part(lines, headings, waiting[0], None, tops) if waiting else None
    return Layout(lines, headings, entries, first)


def _find_bare_titles(lines: Sequence[str]) -> Iterator[Heading]:
    """Paragraphs of one line that say a version, when, and nothing else: `**6.2.1** (2026-11-07)`.

    A bold one such as `**UNRELEASED**` is the title of what waits.
    """
    for at, line in enumerate(each.rstrip() for each in lines):
        above, below = lines[at - 1] if at else "", lines[at + 1] if at + 1 < len(lines) else ""
        if not above.strip() and not below[:1].isalnum():
            title = _TITLE.fullmatch(line)
            is_entry = title is not None and _says_only_when(title["after"])
            if is_entry or (line.startswith("**") and WAITING.fullmatch(line)):
                yield Heading(at, line, "", _BARE)


def _says_only_when(after: str) -> bool:
    return not after.strip("*:") or is_status(after)


def _make_part(
    lines: Sequence[str],
    headings: Sequence[Heading],
    heading: Heading,
    title: re.Match[str] | None,
    tops: set[int],
) -> Part:
    below = bisect_right(headings, heading.line, key=lambda h: h.line)
    later = (headings[at] for at in range(below, len(headings)))
    following = next((h for h in later if h.level <= heading.level or h.line in tops), None)
    end = len(lines)
    if following:
        end = _find_transition(lines, heading.end, find_label_start(lines, following))
    body = tuple(line.rstrip("\r") for line in lines[heading.end : end])
    entry = Entry(
        heading.line + 1,
        heading.text,
        title["version"] if title else "",
        title["after"] if title else "",
        body,
        heading.end,
    )
    return Part(heading, end, entry, title["before"] if title else "")


def _find_transition(lines: Sequence[str], start: int, end: int) -> int:
    """Where a line parts a section from what follows ``end``; that without one."""
    last = end - 1
    while last > start and not lines[last].strip():
        last -= 1
    is_one = last > start and not lines[last - 1].strip() and is_transition(lines[last])
    return last if is_one else end


def is_transition(line: str) -> bool:
    """True for a line that parts what stands above it from what stands below."""
    return _TRANSITION.fullmatch(line) is not None


def find_part(layout: Layout, version: str) -> Part | None:
    return next((each for each in layout.entries if is_same(each.entry.version, version)), None)
