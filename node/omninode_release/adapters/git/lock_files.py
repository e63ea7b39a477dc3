"""The lock files that a git leaves which is killed: each refuses every git that comes after it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from omninode_release.adapters.git.program import REMOTE, GitProgram
from omninode_release.system.presence import find_inside, is_file, is_folder

if TYPE_CHECKING:
    from pathlib import Path

_REFTABLE = "reftable/tables.list.lock"
_SHARED = ("packed-refs.lock", "shallow.lock", "config.lock", _REFTABLE)
_OURS = (
    f"refs/remotes/{REMOTE}",
    "refs/omni-release",
    "refs/heads/release",
    "refs/heads/after-release",
    "refs/tags",
)


class LockFiles(GitProgram):
    """Lock files, by where a release writes."""

    def lock_files(self, worktrees: Path) -> list[Path]:
        """Those of a clone: in its refs that a run moves, and in the worktrees below a folder."""
        common = self._common_folder()
        found = [common / name for name in _SHARED]
        for refs in _OURS:
            found += _find(common / refs, "**/*.lock")
        for kept in _find(common / "worktrees", "*/gitdir"):
            # From its own folder on, where git was told so (worktree.useRelativePaths).
            tree = kept.parent / os.fsdecode(kept.read_bytes()).strip()
            if find_inside(tree, worktrees):
                found += [*kept.parent.glob("*.lock"), kept.parent / _REFTABLE]
        return _list_files(found)

    def all_lock_files(self) -> list[Path]:
        """Those of a bare repository that the embedded forge keeps: all of its refs."""
        common = self._common_folder()
        shared = (common / name for name in (*_SHARED, "HEAD.lock"))
        return _list_files([*shared, *_find(common / "refs", "**/*.lock")])

    def _common_folder(self) -> Path:
        return self.path / self.ask("rev-parse", "--git-common-dir").line


def _find(folder: Path, pattern: str) -> list[Path]:
    return [*folder.glob(pattern)] if is_folder(folder) else []


def _list_files(paths: list[Path]) -> list[Path]:
    return sorted(path for path in paths if is_file(path) and not path.is_symlink())
