"""Add one entry to a changelog in reStructuredText, in the style of its newest entry.

A heading of exactly this version that waits for its release, or one that only says "Unreleased", is
dated, and what a person wrote below it stays as it is. Every other line stays, byte for byte.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.changelogs.announcements import (
    date_status,
    date_words,
    imitate_version,
    is_to_come,
    write_status,
)
from omninode_release.text.changelogs.dates import DATE, write_date
from omninode_release.text.changelogs.entry import is_balanced, write_bullets
from omninode_release.text.changelogs.placeholders import says_nothing
from omninode_release.text.changelogs.rst import (
    draw_heading,
    escape_rst,
    find_headings,
    find_label_start,
    find_part,
    is_transition,
    read_label,
    read_layout,
)
from omninode_release.text.changelogs.rst_body import Habits, is_close, merge_bullets, read_habits
from omninode_release.text.formats.line_edits import BYTE_ORDER_MARK, Edit, apply_edits, trim_lines
from omninode_release.text.versions.version import is_below, is_same

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from packaging.version import Version

    from omninode_release.text.changelogs.announcements import Entry
    from omninode_release.text.changelogs.entry import NewEntry
    from omninode_release.text.changelogs.rst import Layout, Part

_NEW_FILE = "Changelog\n=========\n"
# What makes a link of `Release 9.2`_, or of `v2.15.0 <URL>`__; a new entry has none.
_LINK = re.compile(r"(?:[ ]*<[^<>]*>)?`__?")
_CLOSING_MARKS = re.compile(r"(?:\*\*|`|\])?(?::$)?")


def list_entries(text: str) -> list[Entry]:
    """The entries in order, whether released or not."""
    return [each.entry for each in read_layout(text).entries]


def find_entry(text: str, version: Version | str) -> str | None:
    """The text of the entry of ``version`` without its heading, lines ended by a bare line feed.

    None where there is no such entry, or where it waits for being filled and dated.
    """
    layout = read_layout(text)
    found = find_part(layout, str(version))
    if found is None or _is_pending(found, layout.model(str(version))):
        return None
    return "\n".join(trim_lines(found.entry.body))


def write_entry(text: str | None, new: NewEntry) -> str:
    """The changelog with a dated entry.

    Bullets of the commits follow what a person wrote beforehand only where ``merge`` says so.
    Raises CHANGELOG_FAILED where the entry could not be found again.
    """
    text = text if text and text.strip() else _NEW_FILE
    if text.startswith(BYTE_ORDER_MARK):
        bare = text.lstrip(BYTE_ORDER_MARK)
        return text[: len(text) - len(bare)] + write_entry(bare, new)
    if find_entry(text, new.version) is not None:
        return text
    layout = read_layout(text)
    writing = _Writing(layout, new.version, new.date, layout.model(new.version))
    waiting = find_part(layout, new.version) or _find_filled(layout)
    groups = write_bullets(new.changes, new.pins, escape=escape_rst)
    merge = bool(new.merge)
    edits = writing.fill(waiting, groups, merge=merge) if waiting else writing.insert(groups)
    edited = apply_edits(layout.lines, edits)
    kept = {each.entry.version for each in layout.entries}
    hides = kept - {each.version for each in list_entries(edited)}
    if hides or find_entry(edited, new.version) is None:
        raise ReleaseError(
            ErrorCode.CHANGELOG_FAILED,
            f"the entry for {new.version} would not be read as one where it has to stand.",
            hint="write it by hand on the base branch",
        )
    return edited


def _find_filled(layout: Layout) -> Part | None:
    """What waits for the next release: it becomes the entry. A heading over nothing stays."""
    waiting = layout.waiting
    is_empty = waiting is not None and all(map(says_nothing, waiting.entry.body))
    return None if is_empty and layout.entries else waiting


class _Writing(NamedTuple):
    """One entry as it is written."""

    layout: Layout
    version: str
    date: dt.date
    model: Part | None

    def fill(self, part: Part, groups: dict[str, list[str]], *, merge: bool) -> list[Edit]:
        """The edits that date what waits; it is filled where nothing is written below it."""
        heading, entry = part.heading, part.entry
        drawn = self._retitle(part)
        edits, dating = [Edit(heading.line, heading.end, drawn)], list[Edit]()
        body, status = [*entry.body], entry.status
        if status is not None:
            dated = date_status(entry.body[status], self._model_entry, self.date)
            edits.append(Edit(heading.end + status, heading.end + status + 1, [dated]))
            body[status] = ""
        elif not entry.is_pending and (line := write_status(self._model_entry, self.date)):
            dating.append(Edit(heading.end, heading.end, ["", line]))
        headings = {at for each in find_headings(body) for at in range(each.line, each.end)}
        filled = [at for at, line in enumerate(body) if line.strip()]
        written = any(at not in headings and not says_nothing(body[at]) for at in filled)
        if not written or merge:
            top, end = (filled[0], filled[-1] + 1) if filled else (_text_end(entry.body),) * 2
            lines = merge_bullets(body[top:end], groups, self._habits)
            gap = [] if filled else [""]
            edits.append(Edit(heading.end + top, heading.end + end, [*gap, *lines]))
        return [*edits, *dating]

    def insert(self, groups: dict[str, list[str]]) -> list[Edit]:
        """The edit that puts a new entry above the newest one that is older."""
        lines, model = self.layout.lines, self.model
        title = self._title(model)
        mark = model.heading.mark if model else self._free_mark()
        drawn = draw_heading(title, mark, indent=model.heading.indent if model else "")
        status = write_status(self._model_entry, self.date)
        gap = [] if model and not status and is_close(model.entry.body, 0) else [""]
        bullets = merge_bullets((), groups, self._habits)
        block = [*drawn, *(["", status] if status else []), *gap, *bullets]
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
        gap = self._read_gap()
        return [Edit(at, at, [*above, *([label, ""] if label else []), *block, *gap])]

    def _retitle(self, part: Part) -> list[str]:
        heading = part.heading
        title = self._title(self.model)
        # What waits may be a level above the entries: as one of them it would hold them all.
        drawn = self.model.heading if self.model else heading
        if is_same(part.entry.version, self.version):
            drawn = heading
            kept = len(part.before) + len(part.entry.version)
            title = heading.text[:kept] + self._after(part.entry)
        if title == heading.text:
            return self.layout.lines[heading.line : heading.end]
        return draw_heading(title, drawn.mark, indent=drawn.indent)

    def _after(self, entry: Entry) -> str:
        """What its title says after the version, dated where it said that it is to come."""
        if is_to_come(entry.after):
            return date_words(entry.after, [each.entry for each in self.layout.entries], self.date)
        dated_title = self.model is not None and DATE.search(self.model.entry.after)
        return entry.after or (self._dated_after() if dated_title else "")

    def _title(self, model: Part | None) -> str:
        """The title in the form of ``model``; words after the date were that entry's own."""
        plain = f"{self.version} ({self.date.isoformat()})"
        if model is None:
            return plain
        link = _LINK.match(model.entry.after)
        before = model.before.removeprefix("`") if link else model.before
        shown = imitate_version(self.version, [each.entry for each in self.layout.entries])
        title = f"{before}{shown}{self._dated_after()}"
        title = f"{title}**" if title.count("**") % 2 else title
        return title if is_balanced(title) else plain

    def _dated_after(self) -> str:
        words = self.model.entry.after if self.model else ""
        link = _LINK.match(words)
        words = words.removeprefix(link[0] if link else "")
        marks = _CLOSING_MARKS.match(words)
        lead = marks[0] if marks else ""
        words = words.removeprefix(lead)
        found = DATE.search(words)
        if found is None:
            has_line = self.model is not None and self.model.entry.status is not None
            return f"{lead} ({self.date.isoformat()})" if words.strip() and not has_line else lead
        before, rest = words[: found.start()], words[found.end() :]
        closing = {"(": ")", "[": "]"}.get(before.strip()[-1:], "")
        is_closed = re.fullmatch(rf"{re.escape(closing)}\*{{0,2}}:?", rest)
        if re.search(r"\w" if is_closed else r"[\w*]", before):  # a name of that release
            return f"{lead} ({write_date(self.date, like=found[0])})"
        closing = rest if is_closed else closing
        before = re.sub(r"(?<=[(\[]) +", "", before)
        return f"{lead}{before}{write_date(self.date, like=found[0])}{closing}"

    @property
    def _habits(self) -> Habits:
        if self.model is None:
            return Habits()
        return read_habits(self.model.entry.body, (each.entry.body for each in self.layout.entries))

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

    def _read_gap(self) -> list[str]:
        """What parts the two newest entries: blank lines, and a line between them perhaps."""
        for one, other in zip(self.layout.entries, self.layout.entries[1:], strict=False):
            start = one.heading.end + _text_end(one.entry.body)
            gap = self.layout.lines[start : find_label_start(self.layout.lines, other.heading)]
            if all(map(is_transition, trim_lines(gap))):  # no section of another kind
                return [line.rstrip() for line in gap] or [""]
        return [""]

    def _free_mark(self) -> str:
        """A mark one level below the title's."""
        used = [each.mark for each in self.layout.headings]
        return next(m for m in (*used[1:], *"-~^=") if m != used[0]) if used else "-"


def _is_pending(part: Part, model: Part | None) -> bool:
    """True where it waits for its date, or has none though the one before it has."""
    undated = not part.entry.is_dated and model is not None and model.entry.is_dated
    return part.entry.is_pending or undated


def _text_end(lines: Sequence[str]) -> int:
    filled = [at for at, line in enumerate(lines) if line.strip()]
    return filled[-1] + 1 if filled else 0
