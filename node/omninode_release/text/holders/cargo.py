"""maturin: the version of the crate (maturin.rs, "Metadata")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.text.formats.toml_document import try_parse_toml, value_at
from omninode_release.text.holders.ports import Held, as_path

if TYPE_CHECKING:
    from omninode_release.text.holders.ports import Source

_CRATE = ("package", "version")
_WORKSPACE = ("workspace", "package", "version")


def find(source: Source) -> Held | None:
    """The literal in the Cargo.toml that maturin builds, or in that of its workspace."""
    if source.backend != "maturin":
        return None
    path = as_path(source.at("tool", "maturin", "manifest-path")) or "Cargo.toml"
    shared = (path, _CRATE), (path, _WORKSPACE), ("Cargo.toml", _WORKSPACE)
    for place, key in shared:
        literal = value_at(try_parse_toml(source.read(place)), key)
        if isinstance(literal, str):
            return Held(literal, f"{'.'.join(key)} of {place}", place, key=key)
    raise source.unheld(f"in {path}, for maturin", "it has none in [package]")
