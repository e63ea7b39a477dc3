"""pdm-backend: ``__version__`` of a file (backend.pdm-project.org, "Dynamic project version")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.text.holders.ports import as_path

if TYPE_CHECKING:
    from omninode_release.text.holders.ports import Held, Source


def find(source: Source) -> Held | None:
    """The literal in the file of ``[tool.pdm.version]``."""
    table = source.at("tool", "pdm", "version")
    if not isinstance(table, dict):
        return None
    path = as_path(table.get("path") or table.get("from"))
    kind = table.get("source")
    if kind not in (None, "file") or path is None:
        raise source.unheld("in the file of [tool.pdm.version]", f"its source is {kind!r}")
    said = f"in {path} ([tool.pdm.version])"
    if source.read(path) is None:
        raise source.unheld(said, "there is no such text")
    return source.read_dunder_version(path, said)
