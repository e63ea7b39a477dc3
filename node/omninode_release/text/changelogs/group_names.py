"""What a changelog calls the groups of an entry: "Bug Fixes" where others say "Fixed"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_NAMES = {
    "Added": frozenset(
        {
            *("added", "feat", "feature", "features", "features added", "new features"),
            *("enhancements", "enhancements made", "features and enhancements"),
        }
    ),
    "Changed": frozenset(
        {
            *("changed", "changes", "what's changed", "other", "other changes", "misc"),
            *("miscellaneous", "maintenance", "maintenance and upkeep improvements"),
        }
    ),
    "Fixed": frozenset(
        {
            *("fixed", "fix", "fixes", "bug fixes", "bugfix", "bugfixes", "bugs fixed"),
            *("bug fix", "bugs"),
        }
    ),
    "Security": frozenset({"security", "security fixes"}),
}
"""In Keep a Changelog, and what other tools and people call the same."""
KNOWN = 20
"""The entries that show what groups are called: a small one has few of them."""
_OTHERS = re.compile(r"[^a-z' ]+")


class _Heading(Protocol):
    @property
    def line(self) -> int: ...
    @property
    def end(self) -> int: ...


_Found = TypeVar("_Found", bound=_Heading)


def find_filled(headings: Sequence[_Found], lines: Sequence[str]) -> list[_Found]:
    """The headings right below which something is told."""
    ends = [*(each.line for each in headings[1:]), len(lines)]
    return [
        each
        for each, end in zip(headings, ends, strict=False)
        if any(map(str.strip, lines[each.end : end]))
    ]


def name_groups(
    groups: Mapping[str, Sequence[str]], titles: Iterable[str]
) -> dict[str, Sequence[str]]:
    """The groups of Keep a Changelog, each by the first of the titles that means it, if any."""
    there = [(title, _read(title)) for title in titles]
    return {_choose(group, there): bullets for group, bullets in groups.items()}


def _choose(group: str, there: Sequence[tuple[str, str]]) -> str:
    names = _NAMES.get(group, frozenset())
    return next((title for title, read in there if read in names), group)


def _read(title: str) -> str:
    """Its words, without emoji and marks."""
    return " ".join(_OTHERS.sub(" ", title.casefold().replace("\u2019", "'")).split())
