"""uv's settings of a project: ``uv.toml``, or else the table ``[tool.uv]`` of its manifest."""

from __future__ import annotations

from typing import Any

from omninode_release.text.toml_document import try_parse_toml, value_at

SETTINGS_FILE = "uv.toml"
_CUTOFF = frozenset({"exclude-newer", "exclude-newer-package"})


def read_uv_settings(manifest: str | None, settings: str | None) -> dict[str, Any]:
    """The settings in force: uv reads no table of the manifest where there is a ``uv.toml``.

    Empty where there are none, or none that can be read: uv says so itself.
    """
    own = settings is None
    table = value_at(try_parse_toml(manifest), ("tool", "uv")) if own else try_parse_toml(settings)
    return table if isinstance(table, dict) else {}


def declares_cutoff(manifest: str | None, settings: str | None) -> bool:
    """True when the project itself keeps out what is newer than something."""
    return not _CUTOFF.isdisjoint(read_uv_settings(manifest, settings))
