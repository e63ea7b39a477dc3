"""Which clones under omni_home hold a package: the repositories of a computed graph."""

from __future__ import annotations

import re
import shlex
from tomllib import TOMLDecodeError
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError, typed_git
from omninode_release.models.command_words import COMMANDS
from omninode_release.models.names import is_repo_name
from omninode_release.planning.clones.base_branch import find_local_base
from omninode_release.planning.clones.folders import find_strays, is_clone, list_clones
from omninode_release.system.children import work_together
from omninode_release.text.formats.toml_document import parse_toml
from omninode_release.text.manifests.manifest import MANIFEST, OLDER

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.adapters.git import Git
    from omninode_release.planning.scan import Scan

_PARALLEL = 8


def find_packages(scan: Scan) -> tuple[str, ...]:
    """The repositories directly under omni_home that hold a package, by name.

    A clone that cannot be read counts: its row of the plan says what is wrong with it. Raises
    CONFIG_INVALID where there is none, or one whose folder cannot be a repository's name.
    """
    ignored, placed = scan.config.graph.ignore, scan.config.packages
    held = {*map(scan.config.clone_of, placed)}
    there = {*list_repositories(scan.omni_home)} - held
    names = sorted(name for name in {*there, *placed} if name not in ignored)
    found = work_together(
        lambda name: name in placed or _holds_package(scan, name), names, threads=_PARALLEL
    )
    packages = tuple(name for name, holds in zip(names, found, strict=True) if holds)
    _require_some(packages, scan)
    _require_names(packages, scan.omni_home)
    return packages


def list_repositories(omni_home: Path) -> list[str]:
    """The names of the clones directly under a folder; a bare ``NAME.git`` is called NAME.

    The folder may be a clone itself: its own ``.git`` is none of those under it.
    """
    names = {path.name.removesuffix(".git") for path in list_clones(omni_home)}
    return sorted(names - {""})


def _holds_package(scan: Scan, name: str) -> bool:
    git = scan.git(name)
    try:
        refs = git.refs("refs/remotes/origin/", "refs/heads/")
        if not refs and not git.refs("refs/"):
            return False  # an empty repository
        base = find_local_base(git, refs, scan.config.said_base(name))
        files = git.files([(base.sha, name) for name in (MANIFEST, *OLDER)])
    except ReleaseError:
        return True
    text = files.pop((base.sha, MANIFEST), b"").decode("utf-8", errors="replace")
    return bool(files) or declares_package(text)


def declares_package(text: str) -> bool:
    """True for a manifest of a package, and for one that cannot be read."""
    try:
        parsed = parse_toml(text)
    except TOMLDecodeError:
        return True
    tool = parsed.get("tool")
    return (
        "project" in parsed
        or "build-system" in parsed
        or (isinstance(tool, dict) and "poetry" in tool)
    )


def _require_some(packages: tuple[str, ...], scan: Scan) -> None:
    if packages:
        return
    omni_home = scan.omni_home
    hint = "pass --omni-home DIR or set OMNI_HOME to the folder that holds the clones"
    if is_clone(omni_home):
        hint = f"it is a clone itself: pass --omni-home {omni_home.parent}"
    inside = [(name, path) for name in list_repositories(omni_home)
              for path in _find_manifests(scan.git(name))[:1]]  # fmt: skip
    if inside:
        name, path = inside[0]
        place = f"{{NAME: {{repository: {name}, path: {path}}}}}"
        hint = (
            f"write packages: {place} into the release configuration; omni-release init writes one"
            " for the folders whose packages it can name; where it has moved since,"
            f" {typed_git(scan.git(name).path, 'fetch', 'origin')} lets the clone know"
        )
    shown = "".join(f"; {name} has one in {path}" for name, path in inside)
    shown += "".join(f"; {why}" for why in find_strays(omni_home).values())
    raise ReleaseError(
        ErrorCode.CONFIG_INVALID,
        f"expected clones of Python packages directly under {omni_home}, found none{shown}.",
        hint=hint,
    )


def _find_manifests(git: Git) -> list[str]:
    """The folders in which a package may stand, the highest first."""
    try:
        base = find_local_base(git, git.refs("refs/remotes/origin/", "refs/heads/"))
        paths = [path.rpartition("/") for path in git.paths(base.sha)]
    except ReleaseError:
        return []
    names = (MANIFEST, "setup.py")
    return sorted(
        {folder for folder, _, name in paths if folder and name in names},
        key=lambda folder: (folder.count("/"), folder),
    )


def _require_names(packages: tuple[str, ...], omni_home: Path) -> None:
    words = [name for name in packages if name in COMMANDS]
    odd = [name for name in packages if not is_repo_name(name)]
    if not words and not odd:
        return
    moves = [
        shlex.join(("mv", str(omni_home / name), str(omni_home / _rename(name)))) for name in odd
    ]
    ways = [*moves, *([f"add {', '.join(words)} to graph.ignore"] if words else [])]
    raise ReleaseError(
        ErrorCode.CONFIG_INVALID,
        f"expected folders that can name a repository, found {', '.join([*words, *odd])}: a command"
        " word of omni-release, or not letters, digits, '_', '-' and single dots between them.",
        hint="; ".join(ways),
    )


def _rename(name: str) -> str:
    """The name with a hyphen for whatever a repository's name may not have."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-_") or "renamed"
