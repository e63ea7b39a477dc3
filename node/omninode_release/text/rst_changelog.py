"""Add one entry to a changelog in reStructuredText, in the style of its newest entry.

A heading of exactly this version that waits for its release, or one that only says "Unreleased", is
dated, and what a person wrote below it stays as it is. Every other line stays, byte for byte.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.announcements import Entry, date_status, date_words, write_status
from omninode_release.text.changelog_entry import write_bullets
from omninode_release.text.line_edits import Edit, apply_edits
from omninode_release.text.rst import (
    Heading,
    draw_heading,
    escape_rst,
    find_headings,
    find_label_start,
    read_label,
)
from omninode_release.text.versions import is_below
from omninode_release.text.written_dates import DATE, is_to_come, write_date

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from semver import Version

    from omninode_release.text.new_entry import NewEntry

_NEW_FILE = "Changelog\n=========\n"
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
_BULLET = re.compile(r"(?P<mark>[-*+•])(?P<gap> +)\S")


class _Part(NamedTuple):
    """A heading with its section: an entry, or what waits for one."""

    heading: Heading
    end: int
    entry: Entry
    before: str


class _Layout(NamedTuple):
    lines: list[str]
    headings: list[Heading]
    entries: list[_Part]
    waiting: _Part | None

    def model(self, version: str) -> _Part | None:
        """The newest entry that was released: its form is imitated."""
        older = [each for each in self.entries if each.entry.version != version]
        dated = (each for each in older if each.entry.is_dated)
        return next(dated, next(iter(older), None))


def list_entries(text: str) -> list[Entry]:
    """The entries in order, whether released or not."""
    return [each.entry for each in _read_layout(text).entries]


def find_entry(text: str, version: Version | str) -> str | None:
    """The text of the entry of ``version`` without its heading, lines ended by a bare line feed.

    None where there is no such entry, or where it waits for being filled and dated.
    """
    layout = _read_layout(text)
    found = _find(layout, str(version))
    if found is None or _is_pending(found, layout.model(str(version))):
        return None
    return "\n".join(_trim(found.entry.body))


def write_entry(text: str | None, new: NewEntry) -> str:
    """The changelog with a dated entry.

    Bullets of the commits follow what a person wrote beforehand only where ``merge`` says so.
    Raises CHANGELOG_FAILED where the entry could not be found again.
    """
    text = text if text and text.strip() else _NEW_FILE
    if find_entry(text, new.version) is not None:
        return text
    layout = _read_layout(text)
    writing = _Writing(layout, new.version, new.date, layout.model(new.version))
    waiting = _find(layout, new.version) or layout.waiting
    groups = write_bullets(new.changes, new.pins, escape=escape_rst)
    merge = bool(new.merge)
    edits = writing.fill(waiting, groups, merge=merge) if waiting else writing.insert(groups)
    edited = apply_edits(layout.lines, edits)
    if find_entry(edited, new.version) is None:
        raise ReleaseError(
            ErrorCode.CHANGELOG_FAILED,
            f"the entry for {new.version} would not be read as one where it has to stand.",
            hint="write it by hand on the base branch",
        )
    return edited


class _Writing(NamedTuple):
    """One entry as it is written."""

    layout: _Layout
    version: str
    date: dt.date
    model: _Part | None

    def fill(self, part: _Part, groups: dict[str, list[str]], *, merge: bool) -> list[Edit]:
        """The edits that date what waits; it is filled where nothing is written below it."""
        heading, entry = part.heading, part.entry
        drawn = self._retitle(part)
        edits = [Edit(heading.line, heading.end, drawn)]
        body, status = [*entry.body], entry.status
        if status is not None:
            dated = date_status(entry.body[status], self._model_entry, self.date)
            edits.append(Edit(heading.end + status, heading.end + status + 1, [dated]))
            body[status] = ""
        elif not entry.is_pending and (line := write_status(self._model_entry, self.date)):
            edits.append(Edit(heading.end, heading.end, ["", line]))
        written = bool(_trim(body))
        if not written or merge:
            end = heading.end + _text_end(entry.body)
            bullets = self._write_body(groups)
            edits.append(Edit(end, end, ["", *bullets]))
        return edits

    def insert(self, groups: dict[str, list[str]]) -> list[Edit]:
        """The edit that puts a new entry above the newest one that is older."""
        lines, model = self.layout.lines, self.model
        title = self._title(model)
        mark = model.heading.mark if model else self._free_mark()
        drawn = draw_heading(title, mark, indent=model.heading.indent if model else "")
        status = write_status(self._model_entry, self.date)
        block = [*drawn, *(["", status] if status else []), "", *self._write_body(groups)]
        below = next(
            (p for p in self.layout.entries if is_below(p.entry.version, self.version)), None
        )
        if below is None:
            last = max((p.end for p in self.layout.entries), default=None)
            at = _text_end(lines) if last is None else _text_end(lines[:last])
            return [Edit(at, at, ["", *block])]
        at = find_label_start(lines, below.heading)
        label = self._label_of_model()
        above = [""] if at > 0 and lines[at - 1].strip() else []
        gap = [""] * self._count_gap()
        return [Edit(at, at, [*above, *([label, ""] if label else []), *block, *gap])]

    def _retitle(self, part: _Part) -> list[str]:
        heading = part.heading
        title = self._title(self.model)
        if part.entry.version == self.version:
            title = heading.text[: len(part.before) + len(self.version)] + self._after(part.entry)
        mark = heading.mark
        old = self.layout.lines[heading.line : heading.end]
        if title == heading.text:
            return old
        return draw_heading(title, mark, indent=heading.indent)

    def _after(self, entry: Entry) -> str:
        """What its title says after the version, dated where it said that it is to come."""
        if is_to_come(entry.after):
            return date_words(entry.after, self._model_entry, self.date)
        dated_title = self.model is not None and DATE.search(self.model.entry.after)
        return entry.after or (self._dated_after() if dated_title else "")

    def _title(self, model: _Part | None) -> str:
        """The title in the form of ``model``; words after the date were that entry's own."""
        if model is None:
            return f"{self.version} ({self.date.isoformat()})"
        return f"{model.before}{self.version}{self._dated_after()}"

    def _dated_after(self) -> str:
        after = self.model.entry.after if self.model else ""
        found = DATE.search(after)
        if found is None:
            has_line = self.model is not None and self.model.entry.status is not None
            return f" ({self.date.isoformat()})" if after.strip() and not has_line else ""
        before = after[: found.start()]
        if re.search(r"\w", before):  # a name of that release
            return f" ({write_date(self.date, like=found[0])})"
        closing = {"(": ")", "[": "]"}.get(before.strip()[-1:], "")
        return f"{before}{write_date(self.date, like=found[0])}{closing}"

    @property
    def _model_entry(self) -> Entry | None:
        return self.model.entry if self.model else None

    def _label_of_model(self) -> str | None:
        """The label above the entry, where the model has one that names its version."""
        if self.model is None:
            return None
        start = find_label_start(self.layout.lines, self.model.heading)
        for line in self.layout.lines[start : self.model.heading.line]:
            name = read_label(line)
            for dot in ".-_":
                old, new = (v.replace(".", dot) for v in (self.model.entry.version, self.version))
                if name and old in name:
                    return f".. _{name.replace(old, new)}:"
        return None

    def _count_gap(self) -> int:
        """The blank lines between two entries."""
        for one, other in zip(self.layout.entries, self.layout.entries[1:], strict=False):
            start = find_label_start(self.layout.lines, other.heading)
            return max(1, start - one.heading.end - _text_end(one.entry.body))
        return 1

    def _free_mark(self) -> str:
        """A mark one level below the title's."""
        used = [each.mark for each in self.layout.headings]
        return next((m for m in used[1:] if m != used[0]), next(m for m in "-~^" if m not in used))

    def _write_body(self, groups: dict[str, list[str]]) -> list[str]:
        """The bullets as the model has them, under headings where its are."""
        mark, below, loose = self._read_bullets()
        body: list[str] = []
        for title, texts in groups.items():
            if below is not None:
                body += [*([""] if body else []), *draw_heading(title, below), ""]
            for number, text in enumerate(texts):
                space = [""] if loose and (number or (body and below is None)) else []
                body += [*space, f"{mark}{text}"]
        return body or ["No notable changes."]

    def _read_bullets(self) -> tuple[str, str | None, bool]:
        """The mark with its gap, that of the headings above them, and True for blank lines."""
        model = self.model
        if model is None:
            return "- ", None, False
        inner = (h for h in self.layout.headings if model.heading.end <= h.line < model.end)
        below = next((each.mark for each in inner), None)
        body = model.entry.body
        found = [at for at, line in enumerate(body) if _BULLET.match(line)]
        if not found:
            return "- ", below, False
        bullet = _BULLET.match(body[found[0]])
        loose = len(found) > 1 and all(not body[at - 1].strip() for at in found[1:])
        return (f"{bullet['mark']}{bullet['gap']}" if bullet else "- "), below, loose


def _read_layout(text: str) -> _Layout:
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
    return _Layout(lines, headings, entries, first)


def _make_part(
    lines: Sequence[str],
    headings: Sequence[Heading],
    heading: Heading,
    title: re.Match[str] | None,
    tops: set[int],
) -> _Part:
    later = (h for h in headings if h.line > heading.line)
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
    return _Part(heading, end, entry, title["before"] if title else "")


def _find(layout: _Layout, version: str) -> _Part | None:
    return next((each for each in layout.entries if each.entry.version == version), None)


def _is_pending(part: _Part, model: _Part | None) -> bool:
    """True where it waits for its date, or has none though the one before it has."""
    undated = not part.entry.is_dated and model is not None and model.entry.is_dated
    return part.entry.is_pending or undated


def _text_end(lines: Sequence[str]) -> int:
    """The line after the last text."""
    filled = [at for at, line in enumerate(lines) if line.strip()]
    return filled[-1] + 1 if filled else 0


def _trim(lines: Sequence[str]) -> list[str]:
    """The lines without blank ones at either end."""
    filled = [at for at, line in enumerate(lines) if line.strip()]
    return list(lines[filled[0] : filled[-1] + 1]) if filled else []
