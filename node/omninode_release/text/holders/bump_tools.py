"""Where the settings of a repository's own bump tool say that its version stands.

bump-my-version, tbump, bumpver, commitizen, python-semantic-release, zest.releaser, rooster,
release-please.
"""

from __future__ import annotations

from configparser import Error, RawConfigParser
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from omninode_release.text.formats.toml_document import list_at, table_at, try_parse_toml, value_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_CURRENT = "{current_version}"
_INI = (".bumpversion.cfg", "setup.cfg")
_TOML = (
    *("pyproject.toml", ".bumpversion.toml", "tbump.toml", "bumpver.toml"),
    *("cz.toml", ".cz.toml"),
)
_MANIFEST_OF_RELEASE_PLEASE = ".release-please-manifest.json"
SETTINGS = (*_INI, *_TOML, _MANIFEST_OF_RELEASE_PLEASE)
"""The files that tell of it."""
_FILES_OF_SEMANTIC_RELEASE = ("version_variables", "version_toml", "version_pattern")


class Named(NamedTuple):
    """A file in which a bump tool changes the version, and where in it."""

    path: str
    before: str = ""
    """What the tool says to stand before the number; nothing where it takes any place."""
    after: str = ""

    @property
    def is_plain(self) -> bool:
        """True where it says which places it means."""
        return bool(f"{self.before}{self.after}".strip())


def find_named(read: Callable[[str], str | None]) -> tuple[Named, ...]:
    """Every such place, the tool's own note of the current version among them.

    Locks are left out, which have more versions in them than that, and are written as a whole.
    """
    return _find_in(tuple(map(read, SETTINGS)))


@lru_cache(maxsize=16)  # a plan asks eight times for each repository
def _find_in(texts: tuple[str | None, ...]) -> tuple[Named, ...]:
    found = _find_all(dict(zip(SETTINGS, texts, strict=True)).get)
    return tuple(dict.fromkeys(each for each in found if not each.path.endswith(".lock")))


def _find_all(read: Callable[[str], str | None]) -> Iterator[Named]:
    for path in _INI:
        yield from _read_ini(path, read(path) or "")
    for path in _TOML:
        parsed = try_parse_toml(read(path))
        # A file of the tool's own may leave "tool" out.
        tool = parsed.get("tool", {}) if path != "bumpver.toml" else parsed
        if parsed and isinstance(tool, dict):
            yield from _read_bumpversion(path, table_at(tool, ("bumpversion",)))
            own = parsed if path == "tbump.toml" else table_at(tool, ("tbump",))
            yield from _read_tbump(path, own)
            yield from _read_bumpver(path, table_at(tool, ("bumpver",)))
            yield from _read_others(path, tool)
    if read(_MANIFEST_OF_RELEASE_PLEASE):
        yield Named(_MANIFEST_OF_RELEASE_PLEASE, '".": "', '"')


def _read_ini(path: str, text: str) -> Iterator[Named]:
    if "[bumpversion" not in text and "[zest" not in text:
        return
    parser = RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except Error:
        return
    own = dict(parser["bumpversion"]) if "bumpversion" in parser else {}
    if "current_version" in own:
        yield Named(path)
    for section in parser.sections():
        kind, _, named = section.partition(":")
        what, _, file = named.partition(":")
        if kind == "bumpversion" and what.split(" ")[0] == "file":
            yield from _read_search(file, own | dict(parser[section]))
    with_version = parser.get("zest.releaser", "python-file-with-version", fallback="")
    yield from [Named(with_version)] if with_version else []


def _read_bumpversion(path: str, table: Mapping[str, Any]) -> Iterator[Named]:
    if "current_version" in table:
        yield Named(path)
    usual = {key: table[key] for key in ("search", "replace", "regex") if key in table}
    for each in list_at(table, ("files",)):
        if isinstance(each, dict) and isinstance(each.get("filename"), str):
            yield from _read_search(each["filename"], usual | each)


def _read_search(path: str, said: Mapping[str, Any]) -> Iterator[Named]:
    """What is replaced by the same with the new version; all else is no place of a version."""
    search, replace = str(said.get("search", _CURRENT)), str(said.get("replace", "{new_version}"))
    if search.replace(_CURRENT, "{new_version}") == replace and _CURRENT in search:
        is_regex = str(said.get("regex", False)).lower() == "true"
        yield Named(path) if is_regex else _split(path, search, _CURRENT)


def _read_tbump(path: str, table: Mapping[str, Any]) -> Iterator[Named]:
    if isinstance(value_at(table, ("version", "current")), str):
        yield from [Named(path)] if path == "pyproject.toml" else [Named(path, 'current = "', '"')]
    for each in list_at(table, ("file",)):
        if isinstance(each, dict) and isinstance(each.get("src"), str):
            yield _split(each["src"], str(each.get("search", _CURRENT)), _CURRENT)


def _read_bumpver(path: str, table: Mapping[str, Any]) -> Iterator[Named]:
    if "current_version" in table:
        yield Named(path)
    for file, patterns in table_at(table, ("file_patterns",)).items():
        for each in patterns if isinstance(patterns, list) else []:
            plain = str(each).replace("{pep440_version}", "{version}")
            yield _split(file, plain, "{version}")


def _read_others(path: str, tool: Mapping[str, Any]) -> Iterator[Named]:
    """Tools that name a file and what to look for in its lines."""
    if isinstance(value_at(tool, ("commitizen", "version")), str):
        yield Named(path)
    semantic = table_at(tool, ("semantic_release",))
    listed = [list_at(semantic, (key,)) for key in _FILES_OF_SEMANTIC_RELEASE]
    listed += [list_at(tool, (each, "version_files")) for each in ("commitizen", "rooster")]
    for each in chain.from_iterable(listed):
        yield Named(str(each).partition(":")[0])
    zest = value_at(tool, ("zest-releaser", "python-file-with-version"))
    yield from [Named(zest)] if isinstance(zest, str) else []


def _split(path: str, template: str, variable: str) -> Named:
    """What stands around the version, where that is text and no pattern."""
    before, found, after = template.partition(variable)
    is_text = found and not {*"{}^$"} & {*before, *after}
    return Named(path, before, after) if is_text else Named(path)
