"""The bullets of an entry in reStructuredText, in the style of another: marks, groups, gaps."""

from __future__ import annotations

import re
from itertools import islice, pairwise
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.text.changelogs.group_names import KNOWN, find_filled, name_groups
from omninode_release.text.changelogs.placeholders import drop_places
from omninode_release.text.changelogs.rst import draw_heading, find_headings
from omninode_release.text.formats.line_edits import trim_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_BULLET = re.compile(r"(?P<mark>(?P<indent> {0,3})[-*+•])(?P<gap> +)\S")


class Habits(NamedTuple):
    """How the bullets of an entry are written."""

    mark: str = "- "
    """With the gap behind it."""
    is_loose: bool = False
    """True for blank lines between bullets."""
    below: str | None = None
    """The mark of the headings of groups; None where there are none."""
    is_close: bool = False
    """True without a blank line below the heading of a group."""
    titles: tuple[str, ...] = ()
    """Of groups, the newest first."""


def read_habits(body: Sequence[str], others: Iterable[Sequence[str]]) -> Habits:
    """Those of the newest entry, which has this body; the titles of groups of ``others``, too."""
    inner = next(iter(find_headings(body)), None)
    known = (body, *islice(others, KNOWN))
    read = [(at, each) for at, line in enumerate(body) if (each := _BULLET.match(line))]
    habits = Habits(
        below=inner.mark if inner else None,
        is_close=inner is not None and is_close(body, inner.end),
        titles=tuple(
            each.text
            for one in (known if inner else ())
            for each in find_headings(one)
            if inner and each.mark == inner.mark
        ),
    )
    if not read:
        return habits
    first = read[0][1]
    outer = [at for at, each in read if each["indent"] == first["indent"]]
    is_loose = len(outer) > 1 and all(not body[at - 1].strip() for at in outer[1:])
    return habits._replace(mark=f"{first['mark']}{first['gap']}", is_loose=is_loose)


def is_close(body: Sequence[str], at: int) -> bool:
    """True where a bullet, or a heading, stands on this line, right below the heading above it."""
    is_bullet = any(map(_BULLET.match, body[at : at + 1]))
    return is_bullet or any(each.line == at for each in find_headings(body))


def merge_bullets(
    waiting: Sequence[str], groups: Mapping[str, Sequence[str]], habits: Habits
) -> list[str]:
    """What waits, with each group's bullets below its heading or below everything.

    A line such as "Nothing yet" goes where nothing else stands below its heading.
    """
    inner = find_headings(waiting)
    parts = pairwise([0, *(at for each in inner for at in (each.line, each.end)), len(waiting)])
    body = trim_lines([line for one, end in parts for line in drop_places(waiting[one:end])])
    if habits.below is None and len(inner) > 1:  # below the last one they would be about that
        habits = habits._replace(below=inner[0].mark)
    own = find_headings(body)
    filled = [each.text for each in find_filled(own, body) if each.mark == own[0].mark]
    left = name_groups(groups, [*filled, *habits.titles])
    for title in [*left]:
        found = find_headings(body)
        same = next((each for each in found if each.text.casefold() == title.casefold()), None)
        if same is not None:
            below = next((each.line for each in found if each.line > same.line), len(body))
            told, after = trim_lines(body[same.end : below]), [""] if below < len(body) else []
            bullets = _write_bullets(left.pop(title), habits)
            body[same.end : below] = ["", *told, *([""] if told else []), *bullets, *after]
            habits = habits._replace(below=same.mark)
    rest = _write_groups(left, habits)
    return [*body, *([""] if body and rest else []), *rest] or ["No notable changes."]


def _write_groups(groups: Mapping[str, Sequence[str]], habits: Habits) -> list[str]:
    if habits.below is None:
        return _write_bullets([text for texts in groups.values() for text in texts], habits)
    lines: list[str] = []
    for title, texts in groups.items():
        drawn = [*draw_heading(title, habits.below), *([] if habits.is_close else [""])]
        lines += [*([""] if lines else []), *drawn, *_write_bullets(texts, habits)]
    return lines


def _write_bullets(texts: Sequence[str], habits: Habits) -> list[str]:
    between = [""] if habits.is_loose else []
    lines = [line for text in texts for line in (*between, f"{habits.mark}{text}")]
    return lines[len(between) :]
