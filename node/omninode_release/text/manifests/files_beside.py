"""The files beside a manifest that a package tells its version and requirements in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ProgramFailed, ReleaseError
from omninode_release.text.manifests.manifest import (
    MANIFEST,
    read_manifest,
    read_requirements,
    read_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def read_beside(
    manifest: str, read: Callable[[str], bytes | None], *, needs_only: bool = False
) -> dict[str, str]:
    """Path to text of these files; with ``needs_only`` of those that tell requirements."""
    found: dict[str, str | None] = {}

    def read_once(path: str) -> str | None:
        if path not in found:
            found[path] = read_text(read, path)
        return found[path]

    # One that tells its version and its requirements is asked once.
    for look in (read_requirements,) if needs_only else (read_manifest, read_requirements):
        try:
            look(manifest, where=MANIFEST, read=read_once)
            break
        except ProgramFailed:
            raise
        except ReleaseError:
            continue
    return {path: text for path, text in found.items() if text is not None}
