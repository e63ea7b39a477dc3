"""Files: atomic writes, the run lock, worktree files, and where everything lives."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import io
import json
import os
import stat
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omninode_release.errors import ErrorCode, ReleaseError

_HOLDER_BYTES = 512
_F_FULLFSYNC = 51  # macOS: fsync alone leaves data in the drive's cache (man 2 fcntl)


def fsync(fd: int) -> None:
    """Make what was written to ``fd`` survive a power cut."""
    if sys.platform == "darwin":
        with contextlib.suppress(OSError):
            fcntl.fcntl(fd, _F_FULLFSYNC)
            return
    os.fsync(fd)


def fsync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` survive a power cut."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        fsync(fd)
    finally:
        os.close(fd)


def atomic_write(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Replace ``path`` by ``data`` so that a reader, or a crash, meets the old or the new whole.

    For a file with one writer: the temporary file beside it, ``.NAME.tmp``, has one name too, so
    what a crash leaves of it is taken over by the next write. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    _replace(path, data, fd, str(temporary), mode=mode)


def atomic_write_shared(path: Path, data: bytes) -> None:
    """``atomic_write`` for a file that two processes may write at once; the last one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fd, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    _replace(path, data, fd, temporary, mode=0o644)


def atomic_create(path: Path, data: bytes) -> bool:
    """Make ``path`` with ``data``, whole or not at all; False when something is there already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fd, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        os.unlink(temporary)  # noqa: PTH108
    fsync_folder(path.parent)
    return True


def _replace(path: Path, data: bytes, fd: int, temporary: str, *, mode: int) -> None:
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            fsync(file.fileno())
        os.replace(temporary, path)  # noqa: PTH105 - the atomic step, by its own name
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)  # noqa: PTH108
        raise
    fsync_folder(path.parent)


def open_to_append(path: Path) -> io.FileIO:
    """Open a file that grows by whole lines; a line that a crash tore is ended first."""
    file = io.FileIO(path, "a+")
    if file.tell() > 0:
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b"\n":
            file.write(b"\n")
    return file


def append(path: Path, lines: bytes) -> None:
    """Add lines to a file in one write."""
    with open_to_append(path) as file:
        file.write(lines)


class JsonLines:
    """A file that grows by one JSON value a line while a run works; its threads share it.

    It stays open, and follows the file into the archive: a run writes hundreds of lines. It is
    made with its first line.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: io.FileIO | None = None
        self._lock = threading.Lock()

    def write(self, value: Mapping[str, Any]) -> None:
        text = json.dumps(value, ensure_ascii=False) + "\n"
        with self._lock:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = open_to_append(self._path)
            self._file.write(text.encode(errors="backslashreplace"))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def as_json(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """A JSON file's content, indented for people.

    The name of a file that is not UTF-8 comes as half characters; JSON writes those as escapes.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    return text.encode(errors="backslashreplace")


def write_json(path: Path, value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Write ``value`` atomically; for a file with one writer."""
    atomic_write(path, as_json(value))


class Lock:
    """An advisory lock on a file, held by descriptor: it ends with its last holder.

    Children inherit the descriptor, so the lock of a killed run lasts until its last program
    has ended (man 2 flock).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    def acquire(self, holder: Mapping[str, Any]) -> bool:
        """Take the lock and write down who has it; False when somebody else does."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(fd)
            if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
                return False
            raise
        self._fd = fd
        try:
            self.write(holder)
        except OSError:
            self.release()
            raise
        return True

    def write(self, holder: Mapping[str, Any]) -> None:
        """Write down who has the lock, or what became of him; for its holder."""
        # Always the same length, so that no reader meets an empty file or half of two.
        os.pwrite(self.fd, json.dumps(dict(holder)).encode().ljust(_HOLDER_BYTES), 0)

    def is_held(self) -> bool:
        """Whether somebody has the lock now; asks without taking it for longer than that."""
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(fd)
        return False

    @property
    def fd(self) -> int:
        if self._fd is None:
            raise ValueError("the lock is not held")
        return self._fd

    def holder(self) -> dict[str, Any]:
        """Who wrote himself into the lock file last; empty when that cannot be read."""
        try:
            value = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}

    def release(self) -> None:
        if self._fd is not None:
            # Unlocked by name: a daemon that a program left behind may hold a copy of it.
            fcntl.flock(self._fd, fcntl.LOCK_UN)
            os.close(self._fd)
            self._fd = None


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


@dataclass(frozen=True)
class Places:
    """Where a run keeps what it keeps."""

    root: Path
    """ONEX_STATE_DIR, CLAUDE_CONFIG_DIR or ~/.claude."""
    omni_home: Path
    worktrees: Path

    @property
    def states(self) -> Path:
        return self.root / "state" / "release"

    def state(self, run_id: str) -> Path:
        return self.states / f"{run_id}.json"

    def journal(self, run_id: str) -> Path:
        return self.states / f"{run_id}.journal.jsonl"

    def events(self, run_id: str) -> Path:
        return self.states / f"{run_id}.events.jsonl"

    def detached(self, run_id: str) -> Path:
        """Who carries a run out in the background, locked while he does."""
        return self.states / f"{run_id}.detached"

    def output(self, run_id: str) -> Path:
        """What a run in the background prints."""
        return self.states / f"{run_id}.output.log"

    @property
    def archive(self) -> Path:
        return self.states / "archive"

    @property
    def lock(self) -> Path:
        return self.states / ".lock"

    def result(self, context_id: str) -> Path:
        return self.root / "skill-results" / context_id / "release.json"

    @property
    def claims(self) -> Path:
        return self.root / "pr-queue" / "claims"

    def worktree(self, run_id: str, repo: str) -> Path:
        return self.worktrees / "release" / run_id / repo
