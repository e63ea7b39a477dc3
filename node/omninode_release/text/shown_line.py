"""Which line of a manifest shows what a refusal speaks of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omninode_release.text.edges import find_edge_line, find_edges
from omninode_release.text.toml_document import find_key_line, try_parse_toml, value_at

if TYPE_CHECKING:
    from omninode_release.text.toml_document import KeyPath

_DOTTED = re.compile(r"\b(?:project|tool|build-system)(?:\.[\w-]+)+")
_IN_TABLE = re.compile(r"\[(?P<table>[\w.-]+)\] (?:has the |has no )?(?P<key>\w+)")
_PLURAL = {"classifier": "classifiers"}


def find_shown_line(manifest: str, words: str) -> int | None:
    """The line, counted from 1, of the requirement or key that ``words`` name first.

    None where they name nothing that the manifest has.
    """
    parsed = try_parse_toml(manifest)
    for edge in find_edges(parsed):
        if repr(edge.raw) in words and (line := find_edge_line(manifest, edge)):
            return line
    for path in _name_keys(words):
        if value_at(parsed, path) is not None and (line := find_key_line(manifest, path)):
            return line
    return None


def _name_keys(words: str) -> list[KeyPath]:
    """The keys that are written out, such as ``tool.uv.package`` or ``[project] dynamic``."""
    in_tables: list[KeyPath] = [
        (*found["table"].split("."), _PLURAL.get(found["key"], found["key"]))
        for found in _IN_TABLE.finditer(words)
    ]
    dotted: list[KeyPath] = [tuple(found[0].split(".")) for found in _DOTTED.finditer(words)]
    return [*in_tables, *dotted]
