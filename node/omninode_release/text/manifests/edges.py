"""Every way in which a manifest names another package, and which of them order a release.

What an installed package needs, and what its build needs, has to be on the index first. An extra,
a group, an override and a source are chosen by those who install or develop the package: they may
form circles, and order nothing. A refusal speaks of an edge, or of a key: here is found where that
stands.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from omninode_release.errors import ReleaseError
from omninode_release.models.edges import EdgeKind
from omninode_release.text.formats.toml_document import (
    find_key_line,
    find_line,
    list_at,
    parse_toml,
    table_at,
    try_parse_toml,
    value_at,
)
from omninode_release.text.holders.ports import Source
from omninode_release.text.needs.edit import find_need_line
from omninode_release.text.needs.registry import find_beside
from omninode_release.text.requirements.declared import (
    BUILD_REQUIRES,
    MANIFEST,
    UV_SOURCES,
    find_requirements,
    split_requirement,
    write_inline,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omninode_release.text.formats.toml_document import KeyPath
    from omninode_release.text.holders.ports import Read
    from omninode_release.text.requirements.declared import DeclaredRequirement

_DOTTED = re.compile(r"\b(?:project|tool|build-system)(?:\.[\w-]+)+")
_IN_TABLE = re.compile(r"\[(?P<table>[\w.-]+)\] (?:has the |has no )?(?P<key>\w+)")
_PLURAL = {"classifier": "classifiers"}


@dataclass(frozen=True, slots=True)
class DeclaredEdge:
    """One place of a manifest that names another package."""

    kind: EdgeKind
    name: str
    """Normalised."""
    raw: str
    """As written; of a Poetry table or a source the value beside the name."""
    table: str
    """What a reader would look for there, such as ``dependency-groups.core``."""
    path: KeyPath
    """Where it stands."""
    file: str = MANIFEST


def find_edges(read: Read) -> Iterator[DeclaredEdge]:
    """Every edge of a package, in the order of its tables; ``read`` reads its files.

    What cannot be read has none: the row of the plan says what is wrong with it.
    """
    parsed = try_parse_toml(read(MANIFEST))
    yield from _find_in_manifest(parsed)
    with suppress(ReleaseError):
        for listed, need in find_beside(Source(parsed, read, MANIFEST)):
            yield DeclaredEdge(listed.kind, need.name, need.raw, need.table, need.path, need.file)


def _find_in_manifest(parsed: Mapping[str, Any]) -> Iterator[DeclaredEdge]:
    for each in find_requirements(parsed):
        yield DeclaredEdge(_kind_of(each), each.name, each.raw, each.table, each.path)
    for at, raw in enumerate(list_at(parsed, BUILD_REQUIRES)):
        split = split_requirement(raw) if isinstance(raw, str) else None
        if split is not None:
            name = canonicalize_name(split[0])
            table, path = "build-system.requires", (*BUILD_REQUIRES, at)
            yield DeclaredEdge(EdgeKind.BUILD, name, raw, table, path)
    for key, entry in table_at(parsed, UV_SOURCES).items():
        raw = write_inline(entry)
        table, path = "tool.uv.sources", (*UV_SOURCES, key)
        yield DeclaredEdge(EdgeKind.SOURCE, canonicalize_name(key), raw, table, path)


def find_edge_line(text: str, edge: DeclaredEdge) -> int | None:
    """The line, counted from 1, of the text of its file on which the edge is written."""
    if edge.file != MANIFEST:
        return find_need_line(edge.file, text, edge.path)
    if isinstance(value_at(parse_toml(text), edge.path), str):
        return find_line(text, edge.path) or find_key_line(text, edge.path)
    path = edge.path
    while path and isinstance(path[-1], int):
        path = path[:-1]
    return find_key_line(text, path)


def _kind_of(need: DeclaredRequirement) -> EdgeKind:
    if need.runtime:
        return EdgeKind.RUN
    if need.path[:2] == ("tool", "uv") and need.path[2] != "dev-dependencies":
        return EdgeKind.OVERRIDE
    if need.extra is not None:
        return EdgeKind.EXTRA
    return EdgeKind.GROUP


def find_shown_place(read: Read, words: str) -> tuple[str, int] | None:
    """File and line, counted from 1, of the requirement or key that ``words`` name first.

    None where they name nothing that the package's files have.
    """
    for edge in find_edges(read):
        text = read(edge.file) or ""
        if repr(edge.raw) in words and (line := find_edge_line(text, edge)):
            return edge.file, line
    manifest = read(MANIFEST) or ""
    parsed = try_parse_toml(manifest)
    for path in _name_keys(words):
        if value_at(parsed, path) is not None and (line := find_key_line(manifest, path)):
            return MANIFEST, line
    return None


def _name_keys(words: str) -> list[KeyPath]:
    """The keys that are written out, such as ``tool.uv.package`` or ``[project] dynamic``."""
    in_tables: list[KeyPath] = [
        (*found["table"].split("."), _PLURAL.get(found["key"], found["key"]))
        for found in _IN_TABLE.finditer(words)
    ]
    dotted: list[KeyPath] = [tuple(found[0].split(".")) for found in _DOTTED.finditer(words)]
    return [*in_tables, *dotted]
