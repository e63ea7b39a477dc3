"""Files that are pieces of the next changelog entry: those of towncrier, scriv and their like."""

from __future__ import annotations

import posixpath
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from omninode_release.models.commit import Level
from omninode_release.text.formats.toml_document import list_at, try_parse_toml, value_at
from omninode_release.text.manifests.manifest import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

TOWNCRIER = "towncrier.toml"
# Sets, not patterns: to compile those took 3 ms of a dry run.
_FOLDERS = frozenset(
    {
        *("newsfragments", "news", "news.d", "changelog", "changelog.d", ".changelog"),
        *("changes", ".changes", "changes.d"),
    }
)
RENO = "releasenotes/notes"
_WITHOUT_TYPE = {RENO: "yaml", ".changes/unreleased": "yaml", ".changeset": "md"}
"""Folders of reno, changie and changesets, and the ending of their fragments."""
_AUTOPUB = "RELEASE.md"
_TYPES = {
    Level.MAJOR: frozenset({"removal", "removed", "break", "breaking", "incompatible", "major"}),
    Level.MINOR: frozenset(
        {"feature", "feat", "added", "enhancement", "improvement", "improved", "minor"}
    ),
    Level.PATCH: frozenset(
        {
            *("bugfix", "fix", "fixed", "doc", "docs", "misc", "deprecation", "deprecated"),
            *("change", "changed", "security", "perf", "patch", "internal", "packaging"),
            *("contrib", "trivial", "vendor", "process", "dev"),
        }
    ),
}
_ENDINGS = frozenset({"md", "rst", "txt"})
_TEMPLATES = frozenset({"jinja", "jinja2", "j2", "in", "toml", "py"})


class Fragment(NamedTuple):
    """One piece of a changelog entry."""

    path: str
    type: str
    """What towncrier calls its type; empty for tools that write it into the fragment."""

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0] + "/"

    @property
    def level(self) -> Level:
        """What it looks like."""
        return next((level for level, types in _TYPES.items() if self.type in types), Level.PATCH)


class Collected(NamedTuple):
    """A changelog that another tool puts together."""

    tool: str
    folder: str


def find_fragments(paths: Collection[str], texts: Mapping[str, str]) -> Iterator[Fragment]:
    """Every fragment in a folder that is configured, or called like one of fragments."""
    configured = {each.folder for each in _find_configured(texts)}
    for path in paths:
        folder, _, name = path.rpartition("/")
        if folder in configured or folder.removeprefix("docs/") in _FOLDERS:
            kind = _read_type(name)
            known = any(kind in types for types in _TYPES.values())
            if known or (kind and folder in configured):
                yield Fragment(path, kind)
            elif _is_of_scriv(name):
                yield Fragment(path, "")
        ending = _WITHOUT_TYPE.get(folder)
        if ending and name.endswith(f".{ending}") and not name.startswith("README"):
            yield Fragment(path, "")
    if _AUTOPUB in paths and _read_table(texts.get(MANIFEST, ""), "autopub") is not None:
        yield Fragment(_AUTOPUB, "")


def _read_type(name: str) -> str:
    """The type in ``ISSUE.TYPE``, which a number and an ending may follow; empty without one."""
    issue, *rest = name.lower().split(".")
    if rest and rest[-1] in _ENDINGS:
        rest.pop()
    if len(rest) > 1 and rest[-1].isdigit():
        rest.pop()
    kind = rest[-1] if issue and rest and rest[-1] not in _TEMPLATES else ""
    return "" if kind[:1].isdigit() else kind  # `1.2.0.md` is an entry that is made


def _is_of_scriv(name: str) -> bool:
    day, _, rest = name.partition("_")
    return len(day) == 8 and day.isdigit() and rest.rpartition(".")[2] in _ENDINGS


class Towncrier(NamedTuple):
    """What a repository says to towncrier."""

    folders: tuple[str, ...]
    """Where fragments wait: one for each section."""
    path: str
    """The file that the entry goes into."""
    single_file: bool
    """False where every version gets a file of its own."""
    title: str | None = None
    """What the package is called in headings, where towncrier would import it to find that out."""
    bare: bool = True
    """True where headings are known to have the version as towncrier is given it."""


def find_towncrier(texts: Mapping[str, str]) -> Towncrier | None:
    """The settings of towncrier; None without any. ``towncrier.toml`` goes first."""
    return _find_towncrier(texts.get(TOWNCRIER, ""), texts.get(MANIFEST, ""))


@lru_cache(maxsize=16)  # a plan asks fifteen times for each repository
def _find_towncrier(own: str, manifest: str) -> Towncrier | None:
    for text in (own, manifest):
        table = _read_table(text, "towncrier")
        if table is not None:
            package = str(table.get("package") or "")
            path = str(table.get("filename") or "NEWS.rst")
            title = None if table.get("name") or not package else package.title()
            single = table.get("single_file", True) is not False
            form = table.get("title_format")
            bare = "v{version}" not in str(form) if form else not table.get("template")
            return Towncrier(_find_folders(table), _normalise(path), single, title, bare)
    return None


def _find_folders(table: Mapping[str, Any]) -> tuple[str, ...]:
    """The folder of each section; of the one that there is by default where none is named."""
    named = [each for each in list_at(table, ("section",)) if isinstance(each, dict)]
    paths = [str(each.get("path") or "") for each in named] or [""]
    package = str(table.get("package") or "").replace(".", "/")
    if package and not table.get("directory"):
        around = f"{table.get('package_dir') or '.'}/{package}"
        return tuple(_normalise(f"{around}/{path}/newsfragments") for path in paths)
    folder = table.get("directory") or "newsfragments"
    return tuple(_normalise(f"{folder}/{path}") for path in paths)


def find_fragments_of(
    towncrier: Towncrier, paths: Collection[str], texts: Mapping[str, str]
) -> list[Fragment]:
    found = find_fragments(paths, texts)
    folders = {f"{each}/" for each in towncrier.folders}
    return [each for each in found if each.folder in folders and each.type]


def find_collected(paths: Collection[str], texts: Mapping[str, str]) -> Collected | None:
    """The tool that will collect fragments which wait in its folder into the changelog."""
    tools = [*_find_configured(texts)]
    if not tools:  # as nearly always, and there may be thousands of paths
        return None
    waiting = {each.folder.rstrip("/") for each in find_fragments(paths, texts)}
    return next((each for each in tools if each.folder in waiting), None)


def _find_configured(texts: Mapping[str, str]) -> Iterator[Collected]:
    if towncrier := find_towncrier(texts):
        yield from (Collected("towncrier", folder) for folder in towncrier.folders)
    table = _read_table(texts.get(MANIFEST, ""), "scriv")
    if table is not None:
        yield Collected("scriv", _normalise(str(table.get("fragment_directory") or "changelog.d")))


def _read_table(text: str, name: str) -> dict[str, Any] | None:
    table = value_at(try_parse_toml(text), ("tool", name))
    return table if isinstance(table, dict) else None


def _normalise(path: str) -> str:
    return posixpath.normpath(path.strip("/"))
