"""pdm-backend: ``__version__`` of a file (backend.pdm-project.org, "Dynamic project version")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.text.holders.ports import Held, as_path
from omninode_release.text.holders.python_source import find_assigned

if TYPE_CHECKING:
    from omninode_release.text.holders.ports import Source


def find(source: Source) -> Held | None:
    """The literal in the file of ``[tool.pdm.version]``."""
    table = source.at("tool", "pdm", "version")
    if not isinstance(table, dict):
        return None
    path = as_path(table.get("path") or table.get("from"))
    if table.get("source") not in {None, "file"} or path is None:
        raise source.unheld(
            "in the file of [tool.pdm.version]", f"its source is {table.get('source')!r}"
        )
    text = source.read(path)
    found = find_assigned(text or "", ("__version__",))
    if len(found) != 1:
        raise source.unheld(
            f"in {path} ([tool.pdm.version])",
            f"it assigns {len(found)} of them plainly to __version__"
            if text is not None
            else "there is no such text",
        )
    return Held.assigned(path, found[0])
