"""A folder for one piece of work, gone when the work ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from omninode_release.system.lock import Lock

_LOCK = ".lock"


@contextmanager
def scratch_folder(parent: Path, name: str) -> Iterator[Path]:
    """A new folder in ``parent`` that only the user can enter; removed however the block ends.

    What a killed process has left there goes first: nothing holds the lock beside it any more.
    Raises OSError.
    """
    made = [each for each in (parent, *parent.parents) if not each.exists()]
    parent.mkdir(parents=True, exist_ok=True)
    for path in parent.glob(f"*{_LOCK}"):
        if not Lock(path).is_held():
            _remove(path)
    # Locked before it has the name by which others look for what was left.
    fd, unnamed = tempfile.mkstemp(dir=parent, prefix=f"{name}.")
    fcntl.flock(fd, fcntl.LOCK_EX)
    lock = Path(unnamed).rename(f"{unnamed}{_LOCK}")
    try:
        folder = _folder_of(lock)
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        _remove(lock)
        os.close(fd)
        with contextlib.suppress(OSError):
            for each in made:
                each.rmdir()


def _folder_of(lock: Path) -> Path:
    return lock.with_name(lock.name.removesuffix(_LOCK))


def _remove(lock: Path) -> None:
    shutil.rmtree(_folder_of(lock), ignore_errors=True)
    lock.unlink(missing_ok=True)
