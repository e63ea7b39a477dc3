"""Files that are pieces of the next changelog entry: those of towncrier, scriv and their like."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.models.commit import Level
from omninode_release.text.manifest import MANIFEST
from omninode_release.text.toml_document import parse_toml, value_at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

TOWNCRIER = "towncrier.toml"
_FOLDERS = re.compile(
    r"(?:docs/)?(?:newsfragments|news|news\.d|changelog|changelog\.d|\.?changes|changes\.d)"
)
# towncrier: ISSUE.TYPE, with a number and a suffix that may follow.
_FRAGMENT = re.compile(
    r"""
    [^./][^/]*? \. (?P<type> feat(?:ure)? | added | enhancement | improvement | minor
      | removal | removed | breaking | incompat\w* | major
      | (?:bug)?fix(?:ed)? | docs? | misc | deprecation | deprecated | changed? | security | perf
      | patch | internal | packaging | contrib | trivial | vendor | improved | process | dev )
    (?:\.[0-9]+)? (?:\.(?:md|rst|txt))?
    """,
    re.VERBOSE | re.IGNORECASE,
)
# In towncrier's own folder the types are whatever the project has configured.
_OF_ANY_TYPE = re.compile(
    r"[^./][^/]*?\.(?P<type>(?!(?:md|rst|txt|jinja2?|j2|in|toml)$)[A-Za-z][\w-]*)(?:\.[0-9]+)?"
    r"(?:\.(?:md|rst|txt))?"
)
_LEVELS = {
    Level.MAJOR: re.compile(r"remov.*|breaking|incompat.*|major", re.IGNORECASE),
    Level.MINOR: re.compile(r"feat.*|added|enhancement|improvement|minor", re.IGNORECASE),
}
_SCRIV_FRAGMENT = re.compile(r"[0-9]{8}_[^/]*\.(?:md|rst)")


class Fragment(NamedTuple):
    """One piece of a changelog entry."""

    path: str
    type: str
    """What towncrier calls its type; empty for scriv, whose fragments hold several."""

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0] + "/"

    @property
    def level(self) -> Level:
        """What it looks like."""
        return next(
            (level for level, form in _LEVELS.items() if form.fullmatch(self.type)), Level.PATCH
        )


class Collected(NamedTuple):
    """A changelog that another tool puts together."""

    tool: str
    folder: str


def find_fragments(paths: Collection[str], texts: Mapping[str, str]) -> Iterator[Fragment]:
    """Every fragment in a folder that is configured, or called like one of fragments."""
    configured = {each.folder for each in _find_configured(texts)}
    for path in paths:
        folder, _, name = path.rpartition("/")
        if folder in configured or _FOLDERS.fullmatch(folder):
            form = _OF_ANY_TYPE if folder in configured else _FRAGMENT
            if found := form.fullmatch(name):
                yield Fragment(path, found["type"].lower())
            elif _SCRIV_FRAGMENT.fullmatch(name):
                yield Fragment(path, "")


def find_collected(paths: Collection[str], texts: Mapping[str, str]) -> Collected | None:
    """The tool that will collect fragments which wait in its folder into the changelog."""
    waiting = {each.folder.rstrip("/") for each in find_fragments(paths, texts)}
    return next((each for each in _find_configured(texts) if each.folder in waiting), None)


def _find_configured(texts: Mapping[str, str]) -> Iterator[Collected]:
    for path, name, key, usual in (
        (MANIFEST, "towncrier", "directory", "newsfragments"),
        (TOWNCRIER, "towncrier", "directory", "newsfragments"),
        (MANIFEST, "scriv", "fragment_directory", "changelog.d"),
    ):
        try:
            table = value_at(parse_toml(texts.get(path, "")), ("tool", name))
        except tomllib.TOMLDecodeError:
            continue
        if isinstance(table, dict):
            folder = str(table.get(key) or usual).removeprefix("./").strip("/")
            yield Collected(name, folder)
