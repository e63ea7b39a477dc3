"""Cargo.lock: the crates of the repository itself, whose versions BUMP changes.

``cargo build --locked`` fails where the lock has another version of them than their Cargo.toml.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.formats.toml_document import (
    list_at,
    reads_as,
    replace_values,
    try_parse_toml,
    value_at,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from omninode_release.text.formats.toml_document import KeyPath

CRATE = "Cargo.toml"
_LOCK = "Cargo.lock"
_PACKAGE, _WORKSPACE = ("package",), ("workspace", "package")


def find_cargo_lock(crate: str, paths: Collection[str]) -> str | None:
    """The lock that a Cargo.toml answers to: that of its folder, or of the nearest one above."""
    folder = crate.rpartition("/")[0]
    while folder and f"{folder}/{_LOCK}" not in paths:
        folder = folder.rpartition("/")[0]
    path = f"{folder}/{_LOCK}".lstrip("/")
    return path if path in paths else None


def list_crates_below(crate: str, paths: Iterable[str]) -> list[str]:
    """The Cargo.toml of what may be members of its workspace."""
    folder = crate.removesuffix(CRATE)
    return [each for each in paths if each.endswith(f"/{CRATE}") and each.startswith(folder)]


def find_released_crates(text: str, below: Iterable[str], new: str) -> Iterator[str]:
    """The crates that a Cargo.toml gives the version ``new``: its own, and those of a workspace."""
    parsed = try_parse_toml(text)
    if value_at(parsed, (*_PACKAGE, "version")) == new:
        yield str(value_at(parsed, (*_PACKAGE, "name")))
    is_shared = value_at(parsed, (*_WORKSPACE, "version")) == new
    for member in (parsed, *map(try_parse_toml, below)) if is_shared else ():
        if value_at(member, (*_PACKAGE, "version", "workspace")) is True:
            yield str(value_at(member, (*_PACKAGE, "name")))


def bump_crates(text: str, crates: Collection[str], new: str, *, where: str) -> str:
    """``text`` with ``new`` as the version of these crates, and every other byte as it was.

    What has a source is a crate of another by that name. Raises BUMP_FAILED for a lock that cargo
    did not write.
    """
    parsed = try_parse_toml(text)
    ours: dict[KeyPath, str] = {
        (*_PACKAGE, at, "version"): new
        for at, each in enumerate(list_at(parsed, _PACKAGE))
        if isinstance(each, dict) and "source" not in each and each.get("name") in crates
    }
    names = "|".join(map(re.escape, crates))
    entry = rf'(^name = "(?:{names})"\r?\nversion = ")[^"\n]*("\r?$(?!\r?\nsource ))'
    edited = re.sub(entry, rf"\g<1>{new}\g<2>", text, flags=re.MULTILINE)
    if not reads_as(edited, replace_values(parsed, ours)):
        raise ReleaseError(
            ErrorCode.BUMP_FAILED,
            f"expected {where} as cargo writes it, found another form of {', '.join(crates)}.",
            hint="cargo update --workspace on the base branch writes it anew",
        )
    return edited
