"""A folder for one piece of work, gone when the work ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from omninode_release.system.lock import Lock, has_lock
from omninode_release.system.presence import is_there

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCK = ".lock"
_PREFIX = "omni-release-"
# uv takes settings, a project and the Python that it starts from the nearest of these, and anybody
# may put one into the system's temporary folder, above ours.
_NEAREST = ("uv.toml", "pyproject.toml", ".python-versions")


@contextmanager
def temporary_folder(name: str = "") -> Iterator[Path]:
    """A folder among the system's temporary ones, locked while the block runs and then removed.

    No settings from above reach into it. What cannot be removed, as files of another user, is left
    to ``list_temporary_folders``.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{name}"))
    try:
        with hold_folder(folder):
            for each in _NEAREST:
                (folder / each).touch()
            yield folder
    finally:
        clear(folder)


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Hold a folder, made where it is missing, while the block runs; wait for who has it.

    Raises OSError, which names the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    fd = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(folder)) from error
        yield
    finally:
        os.close(fd)


def list_temporary_folders() -> list[Path]:
    """Those of this user that nothing locks any more: what was at work in them was killed."""
    found = Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")
    return sorted(each for each in found if _is_own_folder(each) and is_free(each))


def list_scratch_folders(parent: Path) -> list[Path]:
    """The scratch folders in ``parent`` whose process was killed."""
    return [_folder_of(path) for path in sorted(parent.glob(f"*{_LOCK}")) if is_free(path)]


def remove_scratch_folder(folder: Path) -> None:
    _remove(folder.with_name(f"{folder.name}{_LOCK}"))


def is_free(path: Path) -> bool:
    """True for a file or folder that no process has locked. False where it is gone."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    return not has_lock(fd)


def _is_own_folder(path: Path) -> bool:
    """False where it is gone: a process that ends takes its own away."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


@contextmanager
def scratch_folder(parent: Path, name: str) -> Iterator[Path]:
    """A new folder in ``parent`` that only the user can enter; removed however the block ends.

    What a killed process has left there goes first: nothing holds the lock beside it any more.
    Raises OSError.
    """
    made = [each for each in (parent, *parent.parents) if not is_there(each)]
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
    """Remove a folder and its lock, by which others find the folder as long as it is there."""
    folder = _folder_of(lock)
    clear(folder)
    if not is_there(folder):
        lock.unlink(missing_ok=True)


def clear(folder: Path) -> None:
    """Remove a folder, as far as it can be: a container may have made files there as root.

    A link is left: where it leads is a person's.
    """
    with contextlib.suppress(RecursionError):  # it calls itself for each level
        shutil.rmtree(folder, ignore_errors=True)
    if is_there(folder) and not folder.is_symlink():
        _flatten(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _flatten(folder: Path) -> None:
    """Bring every folder below up into this one, and let them be changed.

    A path in a repository may be two thousand folders deep, and a program of one may have taken the
    right to write from a folder of its own.
    """
    waiting, names = [folder], map(f"{uuid4().hex}-{{}}".format, count())
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as found:
            below = [Path(one.path) for one in found]
            for each in (one for one in below if stat.S_ISDIR(one.lstat().st_mode)):
                with contextlib.suppress(OSError):
                    each.chmod(0o700)
                    here = each.parent == folder
                    waiting.append(each if here else each.rename(folder / next(names)))
