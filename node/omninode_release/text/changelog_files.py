"""Which file of a repository the changelog is, and whether it is ours to write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.text.news_fragments import find_collected

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

NEW = "CHANGELOG.md"
"""What is made where a repository has no changelog."""
# In any case: a second file beside ChangeLog.md is one too many, or the same where case is ignored.
_OURS = ("changelog.md", "changes.md", "history.md")
_ANY = re.compile(
    r"""
    (?: (?: docs?/(?:\w+/)? )? (?: change[_-]?log | changes | release[_-]?notes | what.?s[_-]?new )
      | history | news )
    (?:\.(?:md|markdown|rst|txt|adoc|org))?
    """,
    re.IGNORECASE | re.VERBOSE,
)


class Changelog(NamedTuple):
    """The changelog of a repository."""

    path: str
    is_ours: bool
    """True where CHANGELOG writes it."""
    why: str = ""
    """Why not."""


def find_changelog(paths: Collection[str], texts: Mapping[str, str]) -> Changelog:
    """The changelog, made where there is none; ``texts`` has the manifest and towncrier.toml.

    One at the root goes before one in ``docs``, which often only includes the other.
    """
    found = find_all_changelogs(paths)
    if not found:
        return Changelog(NEW, is_ours=True)
    path = found[0]
    if collected := find_collected(paths, texts):
        why = f"{collected.tool} collects {collected.folder} into it"
        return Changelog(path, is_ours=False, why=why)
    if path.rpartition("/")[2].lower() not in _OURS:
        return Changelog(
            path, is_ours=False, why="CHANGELOG writes CHANGELOG.md, CHANGES.md or HISTORY.md alone"
        )
    return Changelog(path, is_ours=True)


def find_all_changelogs(paths: Collection[str]) -> list[str]:
    """Every file that is called like a changelog, the likeliest first."""
    return sorted((path for path in paths if _ANY.fullmatch(path)), key=_rank)


def _rank(path: str) -> tuple[int, int, bool, str]:
    name = path.rpartition("/")[2].lower()
    ours = _OURS.index(name) if name in _OURS else len(_OURS)
    return path.count("/"), ours, path != NEW, path
