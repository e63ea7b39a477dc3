"""The bullets of an entry in Markdown, as others have their own: marks, groups, blank lines."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.text.changelogs.group_names import KNOWN, find_filled, name_groups
from omninode_release.text.changelogs.markdown import find_headings
from omninode_release.text.changelogs.placeholders import drop_places
from omninode_release.text.formats.line_edits import trim_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_BULLET = re.compile(r"(?P<mark> {0,3}[-+*] {1,3})\S")
_LIST_LINE = re.compile(r"\s*[-+*]\s|\s{2,}\S")


class Habits(NamedTuple):
    """How the bullets of entries are written."""

    mark: str
    """With the gap behind it."""
    below: str
    """The marks of the headings of groups."""
    is_flat: bool = False
    """True where bullets stand below no heading but that of the entry."""
    is_close: bool = False
    """True without a blank line below the heading of a group."""
    titles: tuple[str, ...] = ()
    """Of groups, the newest first."""


def read_habits(bodies: Iterable[Sequence[str]], level: int) -> Habits:
    """Those of the newest entries, whose bodies stand below headings of this level.

    One bullet, such as "First release", does not show that there are no groups.
    """
    known = [*islice(bodies, KNOWN)]
    newest = known[:3]
    inner = next(((body, each) for body in newest for each in find_headings(body)), None)
    depth = inner[1].level if inner else level + 1
    bullets = [found for body in newest for found in map(_BULLET.match, body) if found]
    return Habits(
        mark=bullets[0]["mark"] if bullets else "- ",
        below="#" * depth,
        is_flat=len(bullets) > 1 and inner is None,
        is_close=inner is not None and bool("".join(inner[0][inner[1].end :][:1]).strip()),
        titles=tuple(
            each.text for body in known for each in find_headings(body) if each.level == depth
        ),
    )


def merge_bullets(
    moved: Sequence[str], groups: Mapping[str, Sequence[str]], habits: Habits
) -> list[str]:
    """The moved lines, with each group's bullets below its heading or below everything.

    A line such as "Nothing yet" goes where bullets come in its place, and nothing else is there.
    """
    body = _drop_places(moved)
    if habits.is_flat and not find_headings(body):
        bullets = [f"{habits.mark}{text}" for texts in groups.values() for text in texts]
        gap = [""] if body and bullets and not _LIST_LINE.match(body[-1]) else []
        return [*body, *gap, *bullets] or ["No notable changes."]
    own = find_headings(body)
    level = min((each.level for each in own), default=0)
    filled = [each.text for each in find_filled(own, body) if each.level == level]
    for title, texts in name_groups(groups, [*filled, *habits.titles]).items():
        bullets = [f"{habits.mark}{text}" for text in texts]
        found = find_headings(body)
        same = next((h for h in found if h.text.casefold() == title.casefold()), None)
        if same is None:
            gap = [] if habits.is_close else [""]
            body += [*([""] if body else []), f"{habits.below} {title}", *gap, *bullets]
            continue
        # up to the next heading of any level: a sub-heading's bullets are about something else
        end = next((h.line for h in found if h.line > same.line), len(body))
        told = drop_places(body[same.end : end])
        while told and not told[-1].strip():
            told.pop()
        gap = [] if told and _LIST_LINE.match(told[-1]) else [""]
        after = [""] if end < len(body) else []
        body[same.end : end] = [*told, *gap, *bullets, *after]
    return body or ["No notable changes."]


def _drop_places(lines: Sequence[str]) -> list[str]:
    """Without what keeps a place above the first heading."""
    top = next((each.line for each in find_headings(lines)), len(lines))
    return trim_lines([*drop_places(lines[:top]), *lines[top:]])
