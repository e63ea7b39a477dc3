"""Which file of a repository the changelog is, and how it is kept."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.models.changelog import ChangelogSetting
from omninode_release.text.changelogs.announcements import tells_of_releases
from omninode_release.text.changelogs.forms import guess_form
from omninode_release.text.changelogs.news_fragments import (
    RENO,
    TOWNCRIER,
    find_collected,
    find_fragments_of,
    find_towncrier,
)
from omninode_release.text.requirements.declared import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from omninode_release.models.changelog import ChangelogKind
    from omninode_release.text.changelogs.news_fragments import Fragment, Towncrier

NEW = "CHANGELOG.md"
"""What is made where a repository has no changelog."""
# In any case: a second file beside ChangeLog.md is one too many, or the same where case is ignored.
_LIKELY = ("changelog.md", "changes.md", "history.md")
_ANY = re.compile(
    r"""
    (?: (?: docs?/(?:[\w-]+/){0,3} )?
        (?: change[_-]?log | changes | release[_-]?notes )
      | history | news | what.?s[_-]?new )
    (?:\.(?:md|markdown|rst|txt|adoc|org))?
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Called so, a file may be a changelog, or prose: its text says which.
_PERHAPS = re.compile(
    r"""
    (?: docs?/(?:[\w-]+/){0,2} )?
    (?: news | history | what.?s[_-]?new | releases? | (?:release|version)[_-]?(?:history|log) )
    (?:\.(?:md|markdown|rst|txt))?
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Notes of single releases: docs/releases/5.2.txt, doc/whatsnew/v2.3.0.rst, notes/7.1.1-notes.md,
# doc/release/release_3.4.2.rst, doc/prev_whats_new/whats_new_3.9.0.rst.
_OF_ONE_RELEASE = re.compile(
    r"(?P<folder>(?:[\w.-]+/)*"
    r"(?:releases?|(?:release|(?:prev[_-]?)?whats?)[_-]?(?:notes|new)|changelogs?|history|news|notes))"
    r"/(?:[a-z]+[_-]){0,3}v?[0-9]+(?:\.[0-9]+)+(?:-notes)?\.(?:md|rst|txt)",
    re.IGNORECASE,
)
# Below folders of the package, of a front end beside it, or in .github.
_DEEPER = re.compile(r"(?:\.?[\w-]+/)+change(?:[_-]?log|s)\.(?:md|markdown|rst)", re.IGNORECASE)
_OF_OTHERS = re.compile(
    r"(?:^|/)(?:tests?|(?:\w+[_-])?examples?|node_modules|vendor|third[_-]party)/"
)
_FORMS: Mapping[str, ChangelogKind] = {"md": "markdown", "markdown": "markdown", "rst": "rst"}
NO_SETTING = ChangelogSetting()


class Changelog(NamedTuple):
    path: str
    kind: ChangelogKind
    """``none`` where CHANGELOG leaves it as it is."""
    why: str = ""
    """Why it is left, or what it is that cannot be."""

    @property
    def is_ours(self) -> bool:
        """True where CHANGELOG writes it, or a tool does for CHANGELOG."""
        return self.kind != "none"


def find_changelog(
    paths: Collection[str],
    texts: Mapping[str, str],
    setting: ChangelogSetting = NO_SETTING,
) -> Changelog:
    """The changelog, made where there is none; ``texts`` has what ``list_telling`` names.

    What the setting says goes first, then a tool that collects fragments, then the likeliest file:
    one at the root goes before one in ``docs``, which often only includes the other.
    """
    others = find_all_changelogs(paths) or [
        path for path in _find_possible(tuple(paths)) if tells_of_releases(texts.get(path, ""))
    ]
    new = "CHANGELOG.rst" if setting.kind == "rst" else NEW
    path = setting.path or next(iter(others), new)
    if setting.kind == "none":
        return Changelog(path, "none", "the release configuration says kind: none")
    towncrier = find_towncrier(texts)
    if setting.kind == "towncrier" or (setting.kind is None and towncrier and not setting.path):
        return _of_towncrier(towncrier, setting.path or path)
    is_open = setting.kind is None and setting.path is None
    if is_open and not others and (folder := _find_notes(tuple(paths))):
        return Changelog(folder, "none", "it has a file for each release")
    if others and path not in paths:
        why = f"it is not there, and {others[0]} is: correct changelog.path, or changelog_of"
        return Changelog(path, "none", why)
    return Changelog(path, setting.kind) if setting.kind else _by_name(path, paths, texts)


def _of_towncrier(towncrier: Towncrier | None, path: str) -> Changelog:
    if towncrier is None:
        return Changelog(path, "none", "neither towncrier.toml nor pyproject.toml has its settings")
    if not towncrier.single_file:
        return Changelog(towncrier.path, "none", "towncrier writes a new file for every version")
    settings = (towncrier.path, *towncrier.folders)
    outside = [each for each in settings if f"{each}/".startswith("../")]
    if outside:
        why = f"towncrier's settings lead to {outside[0]}, out of the package's folder"
        return Changelog(towncrier.path, "none", why)
    return Changelog(towncrier.path, "towncrier")


@lru_cache(maxsize=16)  # as for `_find_all`
def _find_notes(paths: tuple[str, ...]) -> str | None:
    """The folder that has a file for each of several releases; the one with the most."""
    found = Counter(each["folder"] for each in map(_OF_ONE_RELEASE.fullmatch, paths) if each)
    return next((folder for folder, number in found.most_common(1) if number > 1), None)


def _by_name(path: str, paths: Collection[str], texts: Mapping[str, str]) -> Changelog:
    if collected := find_collected(paths, texts):
        return Changelog(path, "none", f"{collected.tool} collects {collected.folder} into it")
    if path.startswith("doc") and any(each.startswith(f"{RENO}/") for each in paths):
        return Changelog(path, "none", f"reno makes it of {RENO}/")
    kind = _FORMS.get(path.rpartition(".")[2].lower())
    if kind is None and _says_no_form(path):
        kind = guess_form(texts.get(path, ""))
    if kind is None:
        why = "neither its name nor its text says its form; changelog_of can"
        return Changelog(path, "none", why)
    return Changelog(path, kind)


def _says_no_form(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return "." not in name or name.endswith(".txt")


def list_telling(paths: Collection[str]) -> list[str]:
    """The files that say where news goes, of those that are there."""
    named = find_all_changelogs(paths)
    possible = filter(_says_no_form, named) if named else _find_possible(tuple(paths))
    return [path for path in (MANIFEST, TOWNCRIER, *possible) if path in paths]


def find_strongest_fragment(
    paths: Collection[str], texts: Mapping[str, str], setting: ChangelogSetting
) -> Fragment | None:
    """The first of those that a tool will collect with the highest level."""
    found = list_collected(find_changelog(paths, texts, setting), paths, texts)
    return max(found, key=lambda each: each.level.rank, default=None)


def list_collected(
    changelog: Changelog, paths: Collection[str], texts: Mapping[str, str]
) -> list[Fragment]:
    """The fragments that a tool will collect into the entry."""
    towncrier = find_towncrier(texts) if changelog.kind == "towncrier" else None
    return find_fragments_of(towncrier, paths, texts) if towncrier else []


def find_all_changelogs(paths: Collection[str]) -> list[str]:
    """Every file that is called like a changelog, the likeliest first."""
    return [*_find_all(tuple(paths))]


def find_deeper(paths: Iterable[str]) -> list[str]:
    """Files called like a changelog where none is looked for."""
    found = (path for path in paths if _DEEPER.fullmatch(path) and not _ANY.fullmatch(path))
    return [path for path in found if not _OF_OTHERS.search(path)]


@lru_cache(maxsize=16)  # a plan asks five times for the files of each commit
def _find_all(paths: tuple[str, ...]) -> tuple[str, ...]:
    named = (path for path in paths if _ANY.fullmatch(path) and not _OF_OTHERS.search(path))
    return tuple(sorted(named, key=_rank))


@lru_cache(maxsize=16)
def _find_possible(paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted((path for path in paths if _PERHAPS.fullmatch(path)), key=_rank))


def _rank(path: str) -> tuple[int, int, bool, str]:
    name = path.rpartition("/")[2].lower()
    likely = _LIKELY.index(name) if name in _LIKELY else len(_LIKELY)
    return path.count("/"), likely, path != NEW, path
