"""The files of one worktree: read and written as text, never outside it."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.system.files import atomic_write


@dataclass(frozen=True)
class Tree:
    """The files of one worktree; a path is relative and stays inside."""

    root: Path

    def read(self, path: str) -> str | None:
        """The file's text with its line ends as they are; None when there is no such file.

        Raises ReleaseError for a symbolic link or text that is not UTF-8: neither can be
        rewritten without loss.
        """
        file = self._inside(path)
        try:
            data = file.read_bytes()
        except FileNotFoundError:
            return None
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ReleaseError(
                ErrorCode.SCAN_FAILED, f"expected UTF-8 text, found byte {error.start} in {file}."
            ) from error

    def write(self, path: str, text: str) -> None:
        """Replace the file's text; its permission bits stay."""
        file = self._inside(path)
        mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else 0o644
        atomic_write(file, text.encode("utf-8"), mode=mode)

    def exists(self, path: str) -> bool:
        return self._inside(path).is_file()

    def _inside(self, path: str) -> Path:
        file = self.root / path
        if Path(path).is_absolute() or ".." in Path(path).parts:
            raise ReleaseError(ErrorCode.SCAN_FAILED, f"{path!r} leaves the worktree {self.root}.")
        if file.is_symlink():
            raise ReleaseError(
                ErrorCode.SCAN_FAILED, f"expected a file, found a symbolic link at {file}."
            )
        return file
