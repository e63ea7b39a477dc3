"""Which folders are clones, judged without asking git, which would follow what is in them."""

from __future__ import annotations

import os
from pathlib import Path

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.system.presence import is_file, is_folder, is_same, is_there


def list_clones(omni_home: Path) -> list[Path]:
    """The clones directly under a folder, submodules included. Raises CONFIG_INVALID.

    Only those with a ``.git``: any folder of files can look like a bare repository, and its
    configuration would be followed.
    """
    try:
        paths = sorted(omni_home.iterdir())
    except OSError as error:
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"expected a folder of clones at {omni_home}, found: {error.strerror}.",
            hint="pass --omni-home DIR or set OMNI_HOME",
        ) from error
    return [path for path in paths if is_clone(path) and is_there(path / ".git")]


def is_clone(path: Path) -> bool:
    """True for a repository of its own: neither a plain folder nor a linked worktree."""
    if _read_link(path):
        return "/worktrees/" not in _read_link(path)
    return is_folder(path / ".git") or (is_file(path / "HEAD") and is_folder(path / "objects"))


def find_strays(omni_home: Path) -> dict[str, str]:
    """Why folders directly under it are no clones that look like some, by name.

    They are linked worktrees of a clone that is not there: nothing of it is planned.
    """
    there = [path / ".git" for path in list_clones(omni_home)]
    links = {path: _read_link(path) for path in sorted(omni_home.iterdir())}
    homes = {
        path.name: _follow_link(path, link).partition("/worktrees/")[0]
        for path, link in links.items()
        if "/worktrees/" in link
    }
    return {
        name: f"{name} is a linked worktree of {home.removesuffix('/.git')}, and only a clone is"
        f" released: clone its repository into {omni_home}"
        for name, home in homes.items()
        if not any(is_same(Path(home), each) for each in there)
    }


def stands_alone(path: Path) -> bool:
    """True for a clone that belongs to no other, as a submodule's does to its superproject."""
    link = _read_link(path)
    if link:
        return "/modules/" not in link and "/worktrees/" not in link
    return is_file(path / ".git" / "HEAD")


def _read_link(path: Path) -> str:
    """Where the ``.git`` file of a linked worktree or a submodule points; empty for a folder."""
    inside = path / ".git"
    return inside.read_text(encoding="utf-8", errors="replace") if is_file(inside) else ""


def _follow_link(path: Path, link: str) -> str:
    """Where it leads to: from the folder on, where git was told so (worktree.useRelativePaths)."""
    return os.path.normpath(path.resolve() / link.removeprefix("gitdir:").strip())
