"""Date an entry in Markdown that a person wrote before its release; what it says stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.text.announcements import date_status, date_words
from omninode_release.text.changelog_entry import write_bullets
from omninode_release.text.line_edits import Edit, apply_edits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omninode_release.text.announcements import Entry
    from omninode_release.text.changelog_entry import NewEntry


def fill_waiting(text: str, waiting: Entry, entries: Sequence[Entry], new: NewEntry) -> str:
    """The changelog with the entry dated, like the newest that is; filled where it is empty."""
    lines = text.split("\n")
    model = next((each for each in entries if each.is_dated), None)
    at, body = waiting.line - 1, [*waiting.body]
    after = date_words(waiting.after, model, new.date)
    edits = [Edit(at, at + 1, [lines[at].replace(waiting.after, after, 1)])] if after else []
    if (status := waiting.status) is not None:
        dated = date_status(body[status], model, new.date)
        edits.append(Edit(waiting.start + status, waiting.start + status + 1, [dated]))
        body[status] = ""
    if new.merge or not any(line.strip() for line in body):
        filled = [number for number, line in enumerate(waiting.body) if line.strip()]
        end = waiting.start + (filled[-1] + 1 if filled else 0)
        edits.append(Edit(end, end, _write_body(new, lines[at])))
    return apply_edits(lines, edits)


def _write_body(new: NewEntry, heading: str) -> list[str]:
    """The bullets under headings one level below the entry's."""
    marks = "#" * (len(heading) - len(heading.lstrip("#")) + 1)
    marks = marks if len(marks) > 1 else "###"
    body: list[str] = []
    for title, texts in write_bullets(new.changes, new.pins).items():
        body += ["", f"{marks} {title}", "", *(f"- {text}" for text in texts)]
    return body or ["", "No notable changes."]
