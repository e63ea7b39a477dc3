"""The files of one worktree: read and written as text, never outside it.

A repository's own content decides what stands at a path: a folder that is a symbolic link would
lead a write to wherever it points. Each component of a path is opened by itself and none of them
through a link, so that what was looked at is what is written (man 2 openat).
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.system.files import fsync, open_file, write_through

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_A_LINK = "a symbolic link is on the way to it"
_NO_FILE = "what stands there is no regular file"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


@dataclass(frozen=True)
class Tree:
    """The files of one worktree; a path is relative and stays inside."""

    root: Path
    folder: str = ""
    """The folder of it that paths begin at, as a path with ``/``."""

    def inside(self, folder: str) -> Tree:
        """The files of another folder of the worktree; empty for all of it."""
        return Tree(self.root, folder)

    def read(self, path: str) -> str | None:
        """The file's text with its line ends as they are; None when there is no such file.

        Raises ReleaseError for a symbolic link on the way, for what is no regular file and for text
        that is not UTF-8: none of them can be rewritten without loss.
        """
        try:
            with self._folder_of(path) as folder:
                fd = open_file(_name_of(path), os.O_RDONLY | os.O_NOFOLLOW, folder=folder)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self._refusal(path, error) from error
        with os.fdopen(fd, "rb") as file:
            data = file.read()
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ReleaseError(
                ErrorCode.SCAN_FAILED,
                f"expected UTF-8 text, found byte {error.start} in {self._at(path)}.",
            ) from error

    def write(self, path: str, text: str) -> None:
        """Replace the file's text; its permission bits stay. Missing folders are made."""
        try:
            with self._folder_of(path, make=True) as folder:
                _replace(_name_of(path), text.encode("utf-8"), folder)
        except OSError as error:
            raise self._refusal(path, error) from error

    def remove(self, path: str) -> None:
        """Remove the file, if it is there. Raises ReleaseError for a symbolic link on the way."""
        if self.exists(path):
            with self._folder_of(path) as folder:
                os.unlink(_name_of(path), dir_fd=folder)

    def exists(self, path: str) -> bool:
        """True when a regular file is there. Raises ReleaseError for a symbolic link on the way."""
        return self.read_mode(path) is not None

    def read_mode(self, path: str) -> int | None:
        """The permission bits of a regular file; None when there is no such file."""
        try:
            with self._folder_of(path) as folder:
                found = os.lstat(_name_of(path), dir_fd=folder).st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self._refusal(path, error) from error
        if stat.S_ISLNK(found):
            raise self._refusal(path, OSError(errno.ELOOP, _A_LINK))
        return stat.S_IMODE(found) if stat.S_ISREG(found) else None

    @contextmanager
    def _folder_of(self, path: str, *, make: bool = False) -> Iterator[int]:
        """A descriptor of the folder the file stands in, reached without following a link."""
        pure = PurePosixPath(self.folder, path)
        if pure.is_absolute() or ".." in pure.parts or not pure.name or "\0" in path:
            raise ReleaseError(ErrorCode.SCAN_FAILED, f"{path!r} leaves the worktree {self.root}.")
        folder = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for name in pure.parts[:-1]:
                if make:
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(name, dir_fd=folder)
                inner = _open_folder(name, folder)
                os.close(folder)
                folder = inner
            yield folder
        finally:
            os.close(folder)

    def _at(self, path: str) -> Path:
        return self.root / self.folder / path

    def _refusal(self, path: str, error: OSError) -> ReleaseError:
        why = f"expected to read and write {self._at(path)}, found: {error.strerror}"
        if error.errno == errno.ELOOP:
            why += "; what a link leads to is not the release's to change"
        return ReleaseError(ErrorCode.SCAN_FAILED, f"{why}.")


def _name_of(path: str) -> str:
    return PurePosixPath(path).name


def _open_folder(name: str, parent: int) -> int:
    """Open a folder that is no link. Linux says ENOTDIR of a link, as of a file."""
    try:
        return os.open(name, _FOLDER, dir_fd=parent)
    except NotADirectoryError:
        if stat.S_ISLNK(os.lstat(name, dir_fd=parent).st_mode):
            raise OSError(errno.ELOOP, _A_LINK) from None
        raise


def _replace(name: str, data: bytes, folder: int) -> None:
    """Put ``data`` in the place of a file as ``atomic_write`` does, inside of an open folder."""
    mode = 0o644
    with contextlib.suppress(FileNotFoundError):
        there = os.lstat(name, dir_fd=folder).st_mode
        if stat.S_ISLNK(there):
            raise OSError(errno.ELOOP, _A_LINK)
        if not stat.S_ISREG(there):
            raise OSError(errno.EINVAL, _NO_FILE)
        mode = stat.S_IMODE(there)
    temporary = f".{name}.tmp"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary, dir_fd=folder)
    fd = os.open(temporary, _NEW | os.O_CLOEXEC, 0o600, dir_fd=folder)
    try:
        write_through(fd, data, mode=mode)
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)
        raise
    fsync(folder)
