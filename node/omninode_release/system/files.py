"""Files written whole or not at all, and files that grow by whole lines."""

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
from typing import TYPE_CHECKING, Any, TextIO

from omninode_release.system.presence import is_there

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from omninode_release.system.secrets import Secrets

PRIVATE = 0o600
"""The permissions of what a run writes down: no other account has to read it."""
PRIVATE_FOLDER = 0o700
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)
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


def open_for_adding(path: Path) -> TextIO:
    """Open a file of the user's at its end; it is made where there is none.

    Raises OSError at once for a named pipe that nothing reads: the open would wait for a reader.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
    fd = os.open(path, flags, 0o666)
    os.set_blocking(fd, True)  # as stdout is: a reader may take its time
    return os.fdopen(fd, "a", encoding="utf-8")


def measure(path: Path) -> int:
    """How many bytes a file has, or all files below a folder; what cannot be read counts for none.

    No link is followed.
    """
    size, waiting = 0, [path]
    while waiting:  # `os.walk` calls itself for each level, of which there may be thousands
        each = waiting.pop()
        with contextlib.suppress(OSError):
            found = each.lstat()
            size += found.st_size if stat.S_ISREG(found.st_mode) else 0
            if stat.S_ISDIR(found.st_mode):
                waiting += each.iterdir()
    return size


def open_file(path: Path | str, flags: int, *, folder: int | None = None) -> int:
    """Open a regular file and nothing else; raises OSError at once for what is none.

    Without waiting: a named pipe would be waited on until another process has opened it. ``folder``
    is the descriptor that a relative ``path`` starts from.
    """
    try:
        fd = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, PRIVATE, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP and flags & os.O_NOFOLLOW:
            error.strerror = "it is a symbolic link, not a file"
        raise
    found = os.fstat(fd).st_mode
    if stat.S_ISREG(found):
        return fd
    os.close(fd)
    kind = next((name for is_one, name in _KINDS if is_one(found)), "no regular file")
    raise OSError(errno.EINVAL, f"it is {kind}, not a file", str(path))


def read_file(path: Path) -> bytes:
    """The bytes of a regular file. Raises OSError, at once for a pipe, a device or a folder."""
    with os.fdopen(open_file(path, os.O_RDONLY), "rb") as file:
        return file.read()


def make_private_folder(folder: Path) -> None:
    """Make a folder of the run's own, or close one that is there, to all but the user.

    The folders above it are made so where they are missing, and else left as they are.
    """
    for each in reversed((folder, *folder.parents)):
        if not is_there(each):
            with contextlib.suppress(FileExistsError):  # another process was quicker
                each.mkdir(mode=PRIVATE_FOLDER)
                each.chmod(PRIVATE_FOLDER)  # the umask may have taken even from that
    there = folder.stat()
    if there.st_uid == os.geteuid() and stat.S_IMODE(there.st_mode) & 0o077:
        folder.chmod(PRIVATE_FOLDER)


def atomic_write(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Replace ``path`` by ``data``; a reader, or a crash, meets the old file or the new one whole.

    For a file with one writer: the temporary file beside it, ``.NAME.tmp``, has one name too, so
    the next write takes over what a crash leaves of it. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)  # never written into: it could be a link to another file
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, PRIVATE)
    _replace(path, data, fd, str(temporary), mode=mode)


def atomic_write_private(path: Path, data: bytes) -> None:
    """The same for what only the user may read, in a folder that only the user may enter."""
    make_private_folder(path.parent)
    atomic_write(path, data, mode=PRIVATE)


def atomic_write_shared(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Replace ``path`` as ``atomic_write`` does; of two processes writing at once the last wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fd, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    fcntl.flock(fd, fcntl.LOCK_EX)  # a file that no process holds was left by a killed one
    _replace(path, data, fd, temporary, mode=mode)


def atomic_write_private_shared(path: Path, data: bytes) -> None:
    """The same for what only the user may read, in a folder that only the user may enter."""
    make_private_folder(path.parent)
    atomic_write_shared(path, data, mode=PRIVATE)


def atomic_create(path: Path, data: bytes) -> bool:
    """Make ``path`` with ``data``; False when a file is there already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fd, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        write_through(fd, data, mode=0o644)
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        os.unlink(temporary)  # noqa: PTH108
    fsync_folder(path.parent)
    return True


def _replace(path: Path, data: bytes, fd: int, temporary: str, *, mode: int) -> None:
    try:
        write_through(fd, data, mode=mode)
        os.replace(temporary, path)  # noqa: PTH105 - the atomic step, by its own name
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)  # noqa: PTH108
        raise
    fsync_folder(path.parent)


def write_through(fd: int, data: bytes, *, mode: int) -> None:
    """Write a file that is open, its permission bits too, so that a crash keeps them."""
    with os.fdopen(fd, "wb") as file:
        file.write(data)
        file.flush()
        os.fchmod(file.fileno(), mode)
        fsync(file.fileno())


def open_to_append(path: Path) -> io.FileIO:
    """Open a file that grows by whole lines, the user's own; ends a line that a crash tore.

    Raises OSError for a symbolic link: what is added must not land in another file.
    """
    make_private_folder(path.parent)
    fd = open_file(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW)
    os.fchmod(fd, PRIVATE)
    file = io.FileIO(fd, "a+")
    file.seek(0, os.SEEK_END)
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

    It is made with its first line. It stays open, since a run writes hundreds of lines, and
    follows the file into the archive.
    """

    def __init__(self, path: Path, secrets: Secrets) -> None:
        self._path = path
        self._secrets = secrets
        self._file: io.FileIO | None = None
        self._lock = threading.Lock()

    def write(self, value: Mapping[str, Any]) -> None:
        text = json.dumps(self._secrets.hide_in(value), ensure_ascii=False) + "\n"
        with self._lock:
            if self._file is None:
                self._file = open_to_append(self._path)
            self._file.write(text.encode(errors="backslashreplace"))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class StreamLines:
    """The same on a stream that its caller opened and closes."""

    def __init__(self, stream: TextIO, secrets: Secrets) -> None:
        self._stream = stream
        self._secrets = secrets

    def write(self, value: Mapping[str, Any]) -> None:
        self._stream.write(json.dumps(self._secrets.hide_in(value)) + "\n")
        self._stream.flush()


def encode_json(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """Answer a JSON file's content, indented for people.

    A file name that is not UTF-8 comes as half characters; JSON writes those as escapes.
    """
    return _indent(value) + b"\n"


def indent_json(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """The value, or the model, as JSON for people."""
    return _indent(value).decode()


def _indent(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """By pydantic, since json takes ten times as long to indent, and a model is not copied."""
    # --help and the like print no JSON, and must not pay for it.
    from pydantic_core import to_json, to_jsonable_python  # noqa: PLC0415

    try:
        return to_json(value, indent=2, by_alias=False)
    except ValueError:  # half characters
        plain = to_jsonable_python(value, by_alias=False)
        return json.dumps(plain, indent=2, ensure_ascii=False).encode(errors="backslashreplace")
