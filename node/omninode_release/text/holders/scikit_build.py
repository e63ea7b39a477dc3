"""scikit-build-core: a file that a pattern reads (its documentation, "Dynamic metadata")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.text.formats.toml_document import list_at
from omninode_release.text.holders.patterns import find_by_pattern
from omninode_release.text.holders.ports import Held, as_path
from omninode_release.text.holders.python_source import find_first

if TYPE_CHECKING:
    from omninode_release.text.holders.ports import Source

_TABLE = ("tool", "scikit-build", "metadata", "version")
_TABLES = ("tool", "dynamic-metadata")
_BY_PATTERN = "scikit_build_core.metadata.regex"


def find(source: Source) -> Held | None:
    """The literal in the input of the table that asks the pattern for the version."""
    tables = (source.at(*_TABLE), *filter(_is_of_version, list_at(source.parsed, _TABLES)))
    asked = (each for each in tables if isinstance(each, dict))
    table = next((each for each in asked if each.get("provider") == _BY_PATTERN), None)
    if not source.is_dynamic or table is None:
        return None
    path = as_path(table.get("input")) or ""
    held = _read(table.get("regex"), path, source.read(path) or "")
    if held is None or table.get("result") is not None:
        said = f"in {path} (the input of {_BY_PATTERN})"
        raise source.unheld(said, "its pattern finds none that can be written")
    return held


def _is_of_version(table: object) -> bool:
    """Of scikit-build-core 1, which has a table for each field."""
    return isinstance(table, dict) and table.get("field") == "version"


def _read(pattern: object, path: str, text: str) -> Held | None:
    if pattern is None:
        found = find_first(text, ("__version__", "VERSION"))
        return Held.assigned(path, found) if found else None
    return find_by_pattern(str(pattern), "value", path, text)
