"""Which process may be at work on a lock file, where the system does not show all of each."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from omninode_release.release import stale_locks
from omninode_release.release.stale_locks import _find_user


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lock file of this user, on a system with one git whose folder may not be read."""
    process = tmp_path / "proc" / "4711"
    process.mkdir(parents=True)
    (tmp_path / "proc" / "self").mkdir()
    (process / "comm").write_text("git\n", encoding="utf-8")

    def refuse(path: Path) -> Path:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "readlink", refuse)
    monkeypatch.setattr(stale_locks, "_PROC", tmp_path / "proc")
    file = tmp_path / "main.lock"
    file.touch()
    return file


def test_a_git_of_the_same_user_may_be_at_work(lock: Path) -> None:
    assert _find_user(lock, [lock.parent]) == "git (pid 4711)"


def test_what_another_user_runs_makes_no_file_of_this_user(
    lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stale_locks, "_find_owner", {lock: os.getuid()}.get)

    assert _find_user(lock, [lock.parent]) is None


def test_nothing_is_known_where_the_system_shows_no_processes(
    lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stale_locks, "_PROC", lock.parent / "none")

    assert _find_user(lock, [lock.parent]) == "a process that this system does not show"
