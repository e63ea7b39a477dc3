"""Lock files that programs of a killed run left, in clones and in the embedded forge.

A git that is killed leaves its lock files, and every later git refuses to write there. They are
this tool's to remove only where a run was killed since, and where no program is at work on them:
the run lock says that none of the killed run's is, and the system's list says it of all others.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.errors import ReleaseError
from omninode_release.events import Note
from omninode_release.planning.clones import is_clone
from omninode_release.system.at_work import find_user

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omninode_release.adapters.git import Git
    from omninode_release.events import Report
    from omninode_release.release.session import Session


class _Place(NamedTuple):
    """A repository, its lock files, and the folders in which a git could be at work on it."""

    locks: list[Path]
    folders: tuple[Path, ...]


def remove_stale_locks(session: Session, *, since_ns: int) -> bool:
    """Remove what was left since that moment, in nanoseconds, and name it.

    False where one stays, for a program may be at work on it.
    """
    removed = [
        _remove(lock, place.folders, session.report)
        for place in _list_places(session)
        for lock in place.locks
        if _is_since(lock, since_ns)
    ]
    return all(removed)


def _is_since(lock: Path, since_ns: int) -> bool:
    with contextlib.suppress(FileNotFoundError):  # whoever had it has let it go
        return lock.stat().st_mtime_ns >= since_ns
    return False


def _remove(lock: Path, folders: tuple[Path, ...], report: Report) -> bool:
    user = find_user(lock, "git", folders)
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
    return path.resolve() if (path / "HEAD").is_file() else None
