"""scikit-build-core: a file that a pattern reads (its documentation, "Dynamic metadata")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.text.holders.patterns import find_by_pattern
from omninode_release.text.holders.ports import Held, as_path
from omninode_release.text.holders.python_source import find_first

if TYPE_CHECKING:
    from omninode_release.text.holders.ports import Source

_TABLE = ("tool", "scikit-build", "metadata", "version")
_BY_PATTERN = "scikit_build_core.metadata.regex"


def find(source: Source) -> Held | None:
    """The literal in the input of ``[tool.scikit-build.metadata.version]``."""
    if not source.is_dynamic or source.at(*_TABLE, "provider") != _BY_PATTERN:
        return None
    path = as_path(source.at(*_TABLE, "input")) or ""
    held = _read(source.at(*_TABLE, "regex"), path, source.read(path) or "")
    if held is None or source.at(*_TABLE, "result") is not None:
        said = f"in {path} ([tool.scikit-build] metadata.version.input)"
        raise source.unheld(said, "its pattern finds none that can be written")
    return held


def _read(pattern: object, path: str, text: str) -> Held | None:
    if pattern is None:
        found = find_first(text, ("__version__", "VERSION"))
        return Held.assigned(path, found) if found else None
    return find_by_pattern(str(pattern), "value", path, text)
