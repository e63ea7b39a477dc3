"""A changelog in reStructuredText taken apart: its entries, and what waits for a release."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.text.announcements import Entry
from omninode_release.text.rst import find_headings, find_label_start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omninode_release.text.rst import Heading

# `Version 8.4.0`, `pluggy 1.6.0 (2025-05-15)`, `2.2.0 (UNRELEASED)`, `v1.2.3 - May 3, 2026`. What
# follows a version must be marked off from it: "1.2 in depth" is a chapter.
_TITLE = re.compile(
    r"(?P<before>(?:[A-Za-z][\w.-]*[ ]+){0,3}[vV]?)"
    r"(?P<version>[0-9]+(?:\.[0-9]+)+(?:[-.+]?[A-Za-z][\w.+-]*)?)"
    r"(?P<after>$|[ ]*[-\u2013\u2014:,(\[/|].*|[ ]+[^\w\s].*)"
)
_WAITING = re.compile(
    r"\W*(?:un-?released|upcoming|next(?: (?:version|release))?|main|master|development"
    r"|in development|not yet released)\W*(?:changes|version|release)?\W*",
    re.IGNORECASE,
)


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
        older = [each for each in self.entries if each.entry.version != version]
        dated = (each for each in older if each.entry.is_dated)
        return next(dated, next(iter(older), None))


def read_layout(text: str) -> Layout:
    lines = text.split("\n")
    headings = find_headings(lines)
    read = [(each, _TITLE.fullmatch(each.text)) for each in headings]
    level = min((h.level for h, title in read if title), default=0)
    waiting = [
        h for h in headings if _WAITING.fullmatch(h.text) and h.level in {level, level or 2, 1}
    ]
    tops = {h.line for h, title in read if title and h.level == level} | {h.line for h in waiting}
    entries = [
        _make_part(lines, headings, h, title, tops)
        for h, title in read
        if title and h.level == level
    ]
    first = _make_part(lines, headings, waiting[0], None, tops) if waiting else None
    return Layout(lines, headings, entries, first)


def _make_part(
    lines: Sequence[str],
    headings: Sequence[Heading],
    heading: Heading,
    title: re.Match[str] | None,
    tops: set[int],
) -> Part:
    later = islice(headings, bisect_right(headings, heading.line, key=lambda h: h.line), None)
    following = next((h for h in later if h.level <= heading.level or h.line in tops), None)
    end = find_label_start(lines, following) if following else len(lines)
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


def find_part(layout: Layout, version: str) -> Part | None:
    return next((each for each in layout.entries if each.entry.version == version), None)
