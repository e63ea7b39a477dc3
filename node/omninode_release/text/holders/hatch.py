"""Hatch: a Python file, or any that a pattern reads (hatch.pypa.io, "Versioning")."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omninode_release.text.holders.attributes import find_attribute
from omninode_release.text.holders.patterns import find_by_pattern
from omninode_release.text.holders.ports import Held, as_path
from omninode_release.text.holders.python_source import find_first

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omninode_release.text.holders.ports import Source

# hatchling's own, less its `v?`: what is written is the bare version.
_NAMES = ("__version__", "VERSION", "version", "__VERSION__", "Version")
_SOURCES = (None, "regex", "code")
_JSON = re.compile(r'"version"\s*:\s*"(?P<literal>[^"\\]+)"')


def find(source: Source) -> Held | None:
    """The literal in the file of ``[tool.hatch.version]``."""
    table = source.at("tool", "hatch", "version")
    if not isinstance(table, dict) or not source.is_dynamic:
        return None
    kind, path = table.get("source"), as_path(table.get("path"))
    if kind == "nodejs":  # hatch-nodejs-version
        return _read_package_json(source, path or "package.json")
    if kind not in _SOURCES or path is None:
        raise source.unheld("in the file of [tool.hatch.version] path", f"its source is {kind!r}")
    text = source.read(path)
    if text is None:
        raise source.unheld(f"in {path} ([tool.hatch.version] path)", "there is no such text")
    held = _read_code(source, table, path) if kind == "code" else _read(table, path, text)
    if held is None:
        said = "its pattern finds none" if table.get("pattern") else "it has none at the top"
        raise source.unheld(f"in {path} ([tool.hatch.version] path)", said)
    return held


def _read_package_json(source: Source, path: str) -> Held:
    """Its version, where no other value in it could be taken for that."""
    text = source.read(path) or ""
    found = [*_JSON.finditer(text)]
    if len(found) != 1:
        said = f"in {path} ([tool.hatch.version] source)"
        raise source.unheld(said, f"{len(found)} of its values are called version")
    return Held(found[0]["literal"], path, path, span=found[0].span("literal"))


def _read_code(source: Source, table: Mapping[str, object], path: str) -> Held | None:
    """What the module at a path has where hatchling would run it."""
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    name = str(table.get("expression") or "__version__")
    return find_attribute(source, module, name, ("", "src"))[1] if name.isidentifier() else None


def _read(table: Mapping[str, object], path: str, text: str) -> Held | None:
    pattern = table.get("pattern")
    if isinstance(pattern, str) and pattern:
        return find_by_pattern(pattern, "version", path, text)
    found = find_first(text, _NAMES)
    return None if found is None else Held.assigned(path, found)
