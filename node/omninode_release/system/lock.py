"""A lock that is held by a descriptor, and who holds it."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from omninode_release.system.files import PRIVATE, open_file, read_file
from omninode_release.system.json_text import parse_json
from omninode_release.system.machine import find_host

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_HOLDER_BYTES = 512


@dataclass(frozen=True)
class Holder:
    """A process of a run, as it writes itself into a lock file."""

    pid: int
    host: str
    run_id: str
    """Empty for ``clean``, which is at work for none."""
    stoppable: bool | None = None
    """False when a signal would end more than the run (man 7 signal); None when it does not say."""
    began_ns: int | None = None
    """When it began, in nanoseconds; None in a file that an earlier version wrote."""
    exit_code: int | None = None
    """How it ended; None while it works, and when it was killed."""
    unclean_ns: int | None = None
    """Since when what was killed may have left something; None where that is cleaned up."""

    def after(self, earlier: Holder | None) -> Holder:
        """The same as the successor of one that may have been killed."""
        if earlier is None:
            return self
        killed = earlier.began_ns if earlier.exit_code is None else None
        return replace(self, unclean_ns=earlier.unclean_ns or killed)

    @classmethod
    def here(
        cls, run_id: str, *, stoppable: bool | None = None, began_ns: int | None = None
    ) -> Holder:
        """Name the process that calls."""
        return cls(os.getpid(), find_host(), run_id, stoppable, began_ns)

    def is_running(self) -> bool:
        """True when the process runs on this machine."""
        return not self.is_elsewhere() and runs_here(self.pid)

    def is_elsewhere(self) -> bool:
        """True for a process of another machine, which cannot be asked for here."""
        return self.host != find_host()

    def __str__(self) -> str:
        who = f"run {self.run_id}" if self.run_id else "omni-release clean"
        return f"{who}, pid {self.pid} on {self.host}"


class Lock:
    """An advisory lock on a file, held by descriptor: it ends with its last holder.

    Children inherit the descriptor, so the lock of a killed run lasts until its last program
    has ended (man 2 flock).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    def acquire(self, holder: Holder) -> bool:
        """Take the lock and write down who has it; False when another process has it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # For reading: children inherit it, and none is to write into the file through it.
            fd = self._open_locked(os.O_RDONLY)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno != errno.EBADF:
                raise
            fd = self._open_locked(os.O_RDWR)  # NFS locks what is open for writing (man 2 flock)
        self._fd = fd
        try:
            os.fchmod(fd, PRIVATE)
            self.write(holder)
        except OSError:
            self.release()
            raise
        return True

    def _open_locked(self, access: int) -> int:
        fd = open_file(self.path, access | os.O_CREAT | os.O_NOFOLLOW)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(fd)
            if error.errno == errno.EACCES:  # so some file systems say that it is locked
                raise BlockingIOError(errno.EWOULDBLOCK, str(error)) from error
            raise
        return fd

    def write(self, holder: Holder) -> None:
        """Write down who has the lock, or how its work ended; for its holder."""
        known = {name: value for name, value in asdict(holder).items() if value is not None}
        # Always the same length, so that no reader meets an empty file or half of two.
        fd = open_file(self.path, os.O_WRONLY | os.O_NOFOLLOW)
        try:
            os.pwrite(fd, json.dumps(known).encode().ljust(_HOLDER_BYTES), 0)
        finally:
            os.close(fd)

    def note_end(self) -> None:
        """Write down that its holder ends in order; without it, it was killed."""
        self._note(lambda holder: replace(holder, exit_code=0))

    def note_interruption(self) -> None:
        """Write down that programs of its holder were stopped, which may have left something."""
        self._note(lambda holder: replace(holder, unclean_ns=holder.unclean_ns or holder.began_ns))

    def note_cleaned(self) -> None:
        """Write down that nothing is left any more of what was killed before."""
        self._note(lambda holder: replace(holder, unclean_ns=None))

    def _note(self, change: Callable[[Holder], Holder]) -> None:
        holder = self.read_holder()
        if holder is not None:
            self.write(change(holder))

    def is_held(self) -> bool:
        """True when a process has the lock now; asks without taking it for longer than that."""
        try:
            fd = open_file(self.path, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return False
        return has_lock(fd)

    @property
    def fd(self) -> int:
        if self._fd is None:
            raise ValueError("the lock is not held")
        return self._fd

    def read_holder(self) -> Holder | None:
        """The process that wrote itself into the file last; None when that cannot be read."""
        try:
            return _parse(parse_json(read_file(self.path)))
        except (OSError, ValueError):
            return None

    def release(self) -> None:
        if self._fd is not None:
            # Unlocked by name: a daemon that a program left behind may hold a copy of it.
            fcntl.flock(self._fd, fcntl.LOCK_UN)
            os.close(self._fd)
            self._fd = None


def _parse(value: object) -> Holder | None:
    match value:
        # A pid of 0 or below is a group of processes, or all of them (man 2 kill).
        case {"pid": int(pid), "host": str(host), "run_id": str(run_id), **rest}:
            if pid is True or pid <= 0:
                return None
        case _:
            return None
    stoppable = rest.get("stoppable")
    numbers = (rest.get(name) for name in ("began_ns", "exit_code", "unclean_ns"))
    return Holder(
        pid,
        host,
        run_id,
        stoppable if isinstance(stoppable, bool) else None,
        *(each if isinstance(each, int) else None for each in numbers),
    )


def has_lock(fd: int) -> bool:
    """True when a process has locked the file, which is closed then."""
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(fd)
    return False


def runs_here(pid: int) -> bool:
    """True when there is a process of that number on this machine."""
    if pid <= 0:  # a group of processes, or all of them (man 2 kill)
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:  # a process of another user
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True
