"""Add one entry to a changelog, in the style of the entry above which it goes.

Every old line that is not blank is kept somewhere, with two exceptions: the link of
``[Unreleased]`` is made to start at the new tag, and "Nothing yet" goes where something is told.
An entry that is there stays, also a person's. A new file follows keepachangelog.com 1.1.0.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.changelogs.announcements import (
    WAITING,
    Entry,
    date_status,
    date_words,
    imitate_version,
    write_status,
)
from omninode_release.text.changelogs.entry import (
    ENTRY_HEADING,
    edit_references,
    edit_unreleased_link,
    find_text_end,
    write_bullets,
    write_heading,
)
from omninode_release.text.changelogs.markdown import find_headings
from omninode_release.text.changelogs.markdown_body import merge_bullets, read_habits
from omninode_release.text.changelogs.placeholders import is_comment, says_nothing
from omninode_release.text.formats.line_edits import BYTE_ORDER_MARK, Edit, apply_edits, trim_lines
from omninode_release.text.versions.version import is_below, is_same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from packaging.version import Version

    from omninode_release.text.changelogs.entry import NewEntry
    from omninode_release.text.changelogs.markdown import Heading

_NEW_FILE = """\
# Changelog

All notable changes to this project will be documented in this file.

The format is based on [Keep a Changelog](https://keepachangelog.com/en/1.1.0/),
and this project adheres to [Semantic Versioning](https://semver.org/spec/v2.0.0.html).
"""
_UNRELEASED = re.compile(r"(?:\\?\[)?unreleased\b.*", re.IGNORECASE)
_RULE = re.compile(r" {0,3}(?:-{3,}|\*{3,}|_{3,})[ \t\r]*")
_OPENS = re.compile(r" {0,3}[-+*#]")


@dataclass(frozen=True)
class _Layout:
    """A changelog taken apart: lines, the headings of its entries, and that of [Unreleased]."""

    lines: list[str]
    headings: list[Heading]
    entries: list[tuple[Heading, re.Match[str]]]
    unreleased: Heading | None

    def find_section_end(self, heading: Heading) -> int:
        """The line after a section: a rule, or the next heading that is no part; or its text."""
        below = bisect_right(self.headings, heading.line, key=lambda each: each.line)
        for at in range(below, len(self.headings)):
            other = self.headings[at]
            if other.level <= heading.level or other.line in self.tops:
                last = other.line - 1
                while not self.lines[last].strip():
                    last -= 1
                return last if self._is_rule(last) else other.line
        return find_text_end(self.lines, heading.end)

    def find_rule(self, heading: Heading) -> list[str]:
        """The rule that parts a section from the next, between blank lines; nothing without one."""
        at = self.find_section_end(heading)
        return ["", self.lines[at].rstrip(), ""] if self._is_rule(at) else []

    def _is_rule(self, at: int) -> bool:
        """True for a line that is one, and cannot underline what stands above it."""
        near = self.lines[max(at - 1, 0) : at + 1]
        return len(near) == 2 and not near[0].strip() and _RULE.fullmatch(near[1]) is not None

    @cached_property
    def tops(self) -> frozenset[int]:
        """The lines of the entries, and that of [Unreleased]."""
        waiting = [self.unreleased] if self.unreleased else []
        return frozenset(each.line for each in (*(entry for entry, _ in self.entries), *waiting))

    @property
    def has_waiting_text(self) -> bool:
        """True where something is told under [Unreleased]."""
        waiting = self.unreleased
        if waiting is None:
            return False
        section = self.lines[waiting.end : self.find_section_end(waiting)]
        return not all(map(says_nothing, section))

    def list_entries(self) -> list[Entry]:
        return [self._read_entry(*each) for each in self.entries]

    def _read_entry(self, heading: Heading, style: re.Match[str]) -> Entry:
        body = self.lines[heading.end : self.find_section_end(heading)]
        after = heading.text[style.end("version") :]
        lines = tuple(line.rstrip("\r") for line in body)
        return Entry(heading.line + 1, heading.text, style["version"], after, lines, heading.end)

    def find_place(self, version: str) -> tuple[Heading, re.Match[str]] | None:
        """The entry that a new one goes above: not one that waits for a later release."""
        for place in self.entries:
            entry = self._read_entry(*place)
            if not entry.is_pending or is_below(entry.version, version):
                return place
        return next(iter(self.entries), None)

    def list_models(self, place: tuple[Heading, re.Match[str]] | None) -> list[Entry]:
        """What is imitated: of the entries from ``place`` on those that were released, or all."""
        below = self.entries[self.entries.index(place) :] if place else []
        entries = [self._read_entry(*each) for each in below]
        return [each for each in entries if not each.is_pending] or entries

    def find(self, version: str) -> Entry | None:
        same = (each for each in self.entries if is_same(each[1]["version"], version))
        return next((self._read_entry(*each) for each in same), None)


def find_entry(text: str, version: Version | str) -> str | None:
    """The text of the entry of ``version`` without its heading, lines ended by a bare line feed.

    None where there is no such entry, or where it says that it is to come; ``""`` where it is
    empty.
    """
    found = _read_layout(text).find(str(version))
    return None if found is None or found.is_pending else "\n".join(trim_lines(found.body))


def list_entries(text: str) -> list[Entry]:
    """The entries in order, whether released or not."""
    return _read_layout(text).list_entries()


def write_entry(text: str | None, new: NewEntry) -> str:
    """The changelog with an entry above its newest one.

    What stood under ``[Unreleased]`` moves into the entry, in front of what is generated under the
    same heading; where ``merge`` is False nothing is generated where something stood there.

    Raises CHANGELOG_FAILED where the entry could not be found again: run twice, it would be
    written twice.
    """
    text = text if text and text.strip() else _NEW_FILE
    if text.startswith(BYTE_ORDER_MARK):
        bare = text.lstrip(BYTE_ORDER_MARK)
        return text[: len(text) - len(bare)] + write_entry(bare, new)
    layout = _read_layout(text)
    there = layout.find(new.version)
    if there is not None:
        return _fill_announced(text, there, layout, new) if there.is_pending else text
    shown = new._replace(version=imitate_version(new.version, layout.list_entries()))
    edits = edit_references(layout.lines, shown.version, new.compare)
    edits += edit_unreleased_link(layout.lines, layout.unreleased, new.compare[1])
    is_filled = new.merge is not False or not layout.has_waiting_text
    edits += _place_entry(layout, shown, write_bullets(new.changes, new.pins) if is_filled else {})
    edited = apply_edits(layout.lines, edits)
    kept = {style["version"] for _, style in layout.entries}
    hides = kept - {each.version for each in list_entries(edited)}
    if hides or find_entry(edited, new.version) is None:
        raise ReleaseError(
            ErrorCode.CHANGELOG_FAILED,
            f"the entry for {new.version} would land in a code block or comment that is never"
            " closed, or hide others by one.",
            hint="close it in the changelog on the base branch",
        )
    return edited


def _fill_announced(text: str, there: Entry, layout: _Layout, new: NewEntry) -> str:
    """The same where its heading was written beforehand."""
    edited = fill_waiting(text, there, layout.list_entries(), new)
    if find_entry(edited, new.version) is None:
        raise ReleaseError(
            ErrorCode.CHANGELOG_FAILED,
            f"expected line {there.line} ({there.title}) to say once that {new.version} is to"
            " come, found more that says so: dated, it would still wait.",
            hint="leave one such word there on the base branch",
        )
    return edited


@lru_cache(maxsize=8)  # a plan reads what the preview of the entry reads again
def _read_layout(text: str) -> _Layout:
    lines = text.lstrip(BYTE_ORDER_MARK).split("\n")
    found = find_headings(lines)
    versions = [(each, style) for each in found if (style := ENTRY_HEADING.fullmatch(each.text))]
    if len({style["tag"] for _, style in versions} - {""}) > 1:  # of several packages
        versions = [(each, style) for each, style in versions if not style["tag"]]
    # A heading deeper than the first may be about a version; dated it is an entry
    # (standard-version puts patch releases one level below the others).
    depth = max(2, versions[0][0].level if versions else 2)
    first = versions[0][0].line if versions else 0

    def waits(heading: Heading) -> bool:
        if heading.level > depth:
            return False
        is_said = WAITING.fullmatch(heading.text) is not None
        is_unreleased = _UNRELEASED.fullmatch(heading.text) is not None
        if heading.line < first or not versions:
            return is_said or is_unreleased
        return is_said and is_unreleased  # "Unreleased changes of NAME" is about something else

    return _Layout(
        lines,
        found,
        [(each, style) for each, style in versions if each.level <= depth or style["date"]],
        next(filter(waits, found), None),
    )


def _place_entry(layout: _Layout, new: NewEntry, groups: dict[str, list[str]]) -> list[Edit]:
    """The edits that empty [Unreleased] and put the new entry where it belongs."""
    lines, waiting = layout.lines, layout.unreleased
    place = layout.find_place(new.version)
    model = place[0] if place else waiting
    moves = waiting is not None and layout.has_waiting_text
    start, end = (waiting.end, layout.find_section_end(waiting)) if waiting and moves else (-1, -1)
    at = place[0].line if place else _find_first_place(layout)
    level = model.level if model else 2
    models = layout.list_models(place)
    style = ENTRY_HEADING.fullmatch(models[0].title) if models else None
    title = write_heading(style, new.version, new.date, new.compare)
    habits = read_habits((each.body for each in models), level)
    body = merge_bullets(trim_lines(lines[start:end]), groups, habits)
    gap = [] if models and _OPENS.match("".join(models[0].body[:1])) else [""]
    status = write_status(models[0] if models else None, new.date)
    head = [*_draw_heading(title, level, model), *(["", status] if status else [])]
    parted = [place[0], *([waiting] if waiting else [])] if place else []
    rule = next(filter(None, map(layout.find_rule, parted)), None)
    block = [*head, *gap, *body, *(rule or _separate(lines, at))]
    if at == end:
        return [Edit(start, end, ["", *block])]
    above = [""] if at > 0 and lines[at - 1].strip() else []
    emptied = [Edit(start, end, _separate(lines, end))] if moves else []
    return [*emptied, Edit(at, at, [*above, *block])]


def _draw_heading(title: str, level: int, like: Heading | None) -> list[str]:
    """The heading as one line, or underlined where the model is."""
    if like is not None and like.height == 2:
        return [title, ("=" if level == 1 else "-") * len(title)]
    return [f"{'#' * level} {title}"]


def _find_first_place(layout: _Layout) -> int:
    """Where the first entry goes: under [Unreleased], or below the title and its preamble."""
    if layout.unreleased:
        return layout.find_section_end(layout.unreleased)
    title = layout.headings[:1] if layout.headings and layout.headings[0].level == 1 else []
    following = layout.headings[len(title) :]
    return following[0].line if following else find_text_end(layout.lines, 0)


def _separate(lines: Sequence[str], at: int) -> list[str]:
    """A blank line, where what follows ``at`` does not begin with one."""
    return [""] if at < len(lines) and lines[at].strip() else []


def fill_waiting(text: str, waiting: Entry, entries: Sequence[Entry], new: NewEntry) -> str:
    """The changelog with the entry dated, like the newest that is; filled where it is empty."""
    lines = text.split("\n")
    released = [each for each in entries if not each.is_pending]
    models = [each for each in entries if each.is_dated] or released
    model = next(iter(models), None)
    at, start = waiting.line - 1, waiting.start
    after = date_words(waiting.after, entries, new.date)
    edits = [Edit(at, at + 1, [lines[at].replace(waiting.after, after, 1)])]
    if (status := waiting.status) is not None:
        start += status + 1
        edits.append(Edit(start - 1, start, [date_status(waiting.body[status], model, new.date)]))
    body = waiting.body[start - waiting.start :]
    if new.merge or not any(map(_tells, body)):
        level = len(lines[at]) - len(lines[at].lstrip("#")) or 2
        habits = read_habits((each.body for each in models), level)
        filled = [number for number, line in enumerate(body) if line.strip()] or [0, -1]
        top, end = filled[0], filled[-1] + 1
        written = merge_bullets(body[top:end], write_bullets(new.changes, new.pins), habits)
        edits.append(Edit(start + top, start + end, [*([] if end else [""]), *written]))
    return apply_edits(lines, edits)


def _tells(line: str) -> bool:
    """False for what only makes room for the entry: headings, comments, `Nothing yet`."""
    return not (says_nothing(line) or line.startswith("#") or is_comment(line))
