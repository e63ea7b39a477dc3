"""Whether the uv that is installed is one that a repository accepts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.check import ask
from omninode_release.text.manifest import MANIFEST
from omninode_release.text.uv_settings import SETTINGS_FILE, read_uv_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from omninode_release.adapters.git import Git
    from omninode_release.models.check import Check
    from omninode_release.models.plan import RepoPlan


def check_uv(git: Git, row: RepoPlan, find_version: Callable[[], str]) -> Iterator[Check]:
    """The check of a repository that asks for certain versions of uv; of others there is none.

    ``find_version`` answers the line that uv prints of itself.
    """
    base = row.base_sha or ""
    files = git.files([(base, MANIFEST), (base, SETTINGS_FILE)])
    texts = {path: data.decode("utf-8", errors="replace") for (_, path), data in files.items()}
    manifest, settings = texts.get(MANIFEST), texts.get(SETTINGS_FILE)
    wanted = read_uv_settings(manifest, settings).get("required-version")
    if isinstance(wanted, str):
        where = f"{row.repo}/{SETTINGS_FILE if settings is not None else MANIFEST}"
        yield ask(row.repo, "uv", lambda: _require(wanted, where, row, find_version()))


def _require(wanted: str, where: str, row: RepoPlan, line: str) -> str:
    """What is wanted and there. Raises TOOL_MISSING where uv would refuse to start."""
    found = re.search(r"\d+(\.\d+)+", line)
    if found is None or not _admits(wanted, found[0]):
        raise ReleaseError(
            ErrorCode.TOOL_MISSING,
            f"expected uv {wanted} (required-version in {where}), found"
            f" {found[0] if found else line}.",
            hint=f"install a uv that it accepts, or change required-version on {row.base_branch}",
        )
    return f"{found[0]}, {wanted} is required"


def _admits(wanted: str, version: str) -> bool:
    """True when uv would start; a bare version means exactly that one."""
    specifier = wanted if wanted[:1] in "<>=!~" else f"=={wanted}"
    try:
        return SpecifierSet(specifier).contains(version, prereleases=True)
    except InvalidSpecifier:
        return True  # uv says what is wrong with it
