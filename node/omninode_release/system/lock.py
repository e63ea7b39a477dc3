"""A lock that is held by a descriptor, and who holds it."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_HOLDER_BYTES = 512


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
