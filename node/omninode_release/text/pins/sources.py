"""Sources that a pin takes the place of: git, a path, a workspace, a direct URL.

What is left is the requirement without a source, for the pin to write a version into. Every other
byte stays: an edit is accepted only when tomllib reads the result as the old document without
exactly these sources.
"""

from __future__ import annotations

import copy
import re
import tomllib
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.formats.toml_document import parse_toml, reads_as, value_at
from omninode_release.text.manifests.manifest import parse_manifest
from omninode_release.text.requirements.declared import (
    POETRY_DIRECT,
    UV_SOURCES,
    find_requirements,
    find_source_overrides,
    split_requirement,
    write_inline,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from omninode_release.text.formats.toml_document import KeyPath
    from omninode_release.text.requirements.declared import DeclaredRequirement

_LONGEST = 40  # lines that one source is looked for on
_ONLY_DIRECT = POETRY_DIRECT | {"branch", "develop", "rev", "subdirectory", "tag"}
"""Keys of a Poetry table that say where from, and nothing of what."""
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_ENTRY = re.compile(r"(?P<key>[^=#]+=\s*)(?P<value>\{.*\})(?P<rest>\s*(?:#.*)?)")


def find_source(parsed: Mapping[str, Any], name: str) -> str | None:
    """Where a normalised ``name`` is taken from instead of an index; None where it is not."""
    overridden = find_source_overrides(parsed).get(name)
    direct = [each for each in find_requirements(parsed) if each.name == name and each.direct]
    return overridden or next((_describe_direct(each) for each in direct), None)


def remove_sources(text: str, names: Collection[str], *, where: str) -> str:
    """``text`` with requirements on ``names`` that are taken from an index, of any version.

    Raises PIN_FAILED for a source that does not stand on lines of its own.
    """
    for name in sorted(names):
        text = _remove_uv_source(text, name, where=where)
        for each in list(find_requirements(parse_manifest(text, where=where))):
            if each.name == name and each.direct:
                edit = _free_poetry if each.is_poetry else _free_direct
                text = edit(text, each, where=where)
    return text


def _describe_direct(declared: DeclaredRequirement) -> str:
    if declared.is_poetry:
        return declared.raw
    split = split_requirement(declared.raw)
    return split[1].specifier if split else declared.raw


def _remove_uv_source(text: str, name: str, *, where: str) -> str:
    parsed = parse_manifest(text, where=where, code=ErrorCode.PIN_FAILED)
    if name not in find_source_overrides(parsed):
        return text
    sources: Any = value_at(parsed, UV_SOURCES)
    keys = [key for key in sources if canonicalize_name(key) == name]
    listed = [sources[key] for key in keys]
    mixed = any("index" in each for entry in listed if isinstance(entry, list) for each in entry)
    wanted = _drop_sources(parsed, keys)
    found = None if mixed else _find_without_lines(text, name, wanted)
    if found is None:
        shown = ", ".join(map(write_inline, listed))
        raise _cannot_replace(where, f"[tool.uv.sources] takes {name} from {shown}")
    return found


def _find_without_lines(text: str, name: str, wanted: object) -> str | None:
    """The text without the fewest whole lines that make it read as ``wanted``."""
    lines = _LINE.findall(text)
    starts = [at for at, line in enumerate(lines) if _may_begin(line, name)]
    for length in range(1, _LONGEST + 1):
        for at in starts:
            shorter = "".join(lines[:at] + lines[at + length :])
            if _read_sources_pruned(shorter) == wanted:
                return shorter
    return None


def _may_begin(line: str, name: str) -> bool:
    """True where a key of that name may stand; one with dots may be several."""
    words = re.findall(r"[\w.-]+", line, re.ASCII)
    parts = (part for word in words for part in (word, *word.split(".")))
    return any(canonicalize_name(part) == name for part in parts)


def _drop_sources(parsed: Mapping[str, Any], keys: Collection[str]) -> object:
    """The document without these sources of uv's, and without the table where nothing is left."""
    copied = copy.deepcopy(dict(parsed))
    sources: Any = value_at(copied, UV_SOURCES)
    for key in keys:
        del sources[key]
    return _prune(copied, UV_SOURCES)


def _prune(node: dict[str, Any], path: KeyPath) -> dict[str, Any]:
    """Without the tables on the path that are empty: their headers may stand or go."""
    if path and isinstance(node.get(str(path[0])), dict):
        node[str(path[0])] = _prune(node[str(path[0])], path[1:])
        if not node[str(path[0])]:
            del node[str(path[0])]
    return node


def _read_sources_pruned(text: str) -> object:
    try:
        return _prune(copy.deepcopy(dict(parse_toml(text))), UV_SOURCES)
    except tomllib.TOMLDecodeError:
        return None


def _free_direct(text: str, declared: DeclaredRequirement, *, where: str) -> str:
    """``name[extras] @ url ; marker`` without its URL."""
    from omninode_release.text.formats.toml_edit import replace_strings  # noqa: PLC0415 - tomlkit is slow

    split = split_requirement(declared.raw)
    bare = f"{split[1].head}{split[1].tail}" if split else declared.name
    return replace_strings(text, {declared.path: bare}, where=where, code=ErrorCode.PIN_FAILED)


def _free_poetry(text: str, declared: DeclaredRequirement, *, where: str) -> str:
    """``name = {git = …, extras = […]}`` with a version in the place of where it is from."""
    table: Any = value_at(parse_manifest(text, where=where), declared.path)
    kept = {key: each for key, each in table.items() if key not in _ONLY_DIRECT}
    value: object = {"version": "*", **kept} if kept else "*"
    wanted = _put(parse_toml(text), declared.path, value)
    lines = _LINE.findall(text)
    for at, line in enumerate(lines):
        found = _ENTRY.fullmatch(line.rstrip("\r\n"))
        if found and _may_begin(found["key"], declared.name):
            ending = line[len(line.rstrip("\r\n")) :]
            edited = f"{found['key']}{write_inline(value)}{found['rest']}{ending}"
            whole = "".join([*lines[:at], edited, *lines[at + 1 :]])
            if reads_as(whole, wanted):
                return whole
    raise _cannot_replace(where, f"{declared.table} takes {declared.name} from {declared.raw}")


def _put(parsed: Mapping[str, Any], path: KeyPath, value: object) -> object:
    copied = copy.deepcopy(dict(parsed))
    holder: Any = value_at(copied, path[:-1])
    holder[path[-1]] = value
    return copied


def _cannot_replace(where: str, what: str) -> ReleaseError:
    return ReleaseError(
        ErrorCode.PIN_FAILED,
        f"{where}: {what}, expected to take that out (sources: replace) and nothing else, found no"
        " line of its own for it.",
        hint=f"write it as one line, name = {{ … }}, in {where} on the base branch",
    )
