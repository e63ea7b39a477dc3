"""Lock files that programs of a killed run left, in clones and in the embedded forge.

A git that is killed leaves its lock files, and every later git refuses to write there. They are
this tool's to remove only where a run was killed since, and where no program is at work on them:
the run lock says that none of the killed run's is, and the system's list says it of all others.
"""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.adapters.lsof import list_gits, list_users
from omninode_release.errors import ReleaseError
from omninode_release.events import Note
from omninode_release.planning.clones.folders import is_clone
from omninode_release.system.presence import find_inside, is_file, is_same, is_there

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omninode_release.adapters.git import Git
    from omninode_release.events import Report
    from omninode_release.release.session import Session
    from omninode_release.system.process import Runner

_PROC = Path("/proc")
_NOT_SHOWN = "a process that this system does not show"


class _Place(NamedTuple):
    """A repository, its lock files, and the folders in which a git could be at work on it."""

    locks: list[Path]
    folders: tuple[Path, ...]


def remove_stale_locks(session: Session, *, since_ns: int) -> bool:
    """Remove what was left since that moment, in nanoseconds, and name it.

    False where one stays, for a program may be at work on it.
    """
    removed = [
        _remove(lock, _find_user(lock, place.folders, session.programs), session.report)
        for place in _list_places(session)
        for lock in place.locks
        if _is_since(lock, since_ns)
    ]
    return all(removed)


def _is_since(lock: Path, since_ns: int) -> bool:
    with contextlib.suppress(FileNotFoundError):  # its holder has let it go
        return lock.stat().st_mtime_ns >= since_ns
    return False


def _remove(lock: Path, user: str | None, report: Report) -> bool:
    if user is not None:
        report(Note(f"{lock} stays: {user} may be at work on it"))
        return False
    lock.unlink(missing_ok=True)
    report(Note(f"{lock} is removed: a git that was killed with an earlier run left it"))
    return True


def _list_places(session: Session) -> Iterator[_Place]:
    worktrees = session.places.worktrees / "release"
    for repo in session.config.graph.repos:
        git = session.scan().git(repo)
        with contextlib.suppress(ReleaseError):  # a clone that git cannot read: the scan says so
            if not is_clone(git.path):
                continue
            yield _Place(git.lock_files(worktrees), (git.path.resolve(), worktrees))
            origin = _find_origin(git) if session.config.forge == "local" else None
            if origin is not None:
                yield _Place(replace(git, path=origin).all_lock_files(), (origin,))


def _find_origin(git: Git) -> Path | None:
    """The embedded forge's repository; None for an origin that is none, which is told elsewhere."""
    path = git.path / (git.remote_url() or "").removeprefix("file://")
    return path.resolve() if is_file(path / "HEAD") else None


def _find_user(file: Path, folders: Sequence[Path], run: Runner) -> str | None:
    """Who has ``file`` open, or which git works in one of ``folders``; None where none has.

    A lock file need not be open while it holds: git commit closes its own and waits for hooks. A
    process that cannot be looked at counts as at work where it is of the user who made the file.
    Without /proc a Mac's lsof is asked; else nothing is known, and that is what is answered.
    """
    if not is_there(_PROC / "self"):
        if sys.platform == "darwin":
            return _find_user_by_lsof(file, folders, run)
        return _NOT_SHOWN
    owner = _find_owner(file)
    for process in _PROC.glob("[0-9]*"):
        if _uses(process, file) or _works_in(process, folders, owner):
            return f"{_read_name(process) or 'a process'} (pid {process.name})"
    return None


def _find_user_by_lsof(file: Path, folders: Sequence[Path], run: Runner) -> str | None:
    """It shows the processes of this user, and what another user made may be in use by others."""
    try:
        users, gits = list_users(run, file), list_gits(run)
    except ReleaseError:
        return _NOT_SHOWN
    if users is None or gits is None or _find_owner(file) not in {os.geteuid(), None}:
        return _NOT_SHOWN
    busy = [*users, *(git for git in gits if _is_in(git.path, folders))]
    return f"{busy[0].program} (pid {busy[0].pid})" if busy else None


def _is_in(path: Path, folders: Sequence[Path]) -> bool:
    return any(is_same(path, each) or find_inside(path, each) for each in folders)


def _uses(process: Path, file: Path) -> bool:
    try:
        return any(each.readlink() == file for each in (process / "fd").iterdir())
    except OSError:  # it has ended, or is another user's
        return False


def _works_in(process: Path, folders: Sequence[Path], owner: int | None) -> bool:
    if not _read_name(process).startswith("git"):
        return False
    try:
        here = (process / "cwd").readlink()
    except PermissionError:  # another user's: what it makes is that user's, too
        return _find_owner(process) == owner
    except OSError:
        return False
    return _is_in(here, folders)


def _find_owner(path: Path) -> int | None:
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_uid
    return None


def _read_name(process: Path) -> str:
    try:
        return (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
