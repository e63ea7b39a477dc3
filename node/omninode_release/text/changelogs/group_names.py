"""What a changelog calls the groups of an entry: "Bug Fixes" where others say "Fixed"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

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
_OTHERS = re.compile(r"[^a-z' ]+")


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
    return _OTHERS.sub(" ", title.casefold().replace("\u2019", "'")).strip()
