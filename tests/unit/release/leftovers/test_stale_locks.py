"""Which process may be at work on a lock file, where the system does not show all of each."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from omninode_release.release.leftovers import stale_locks
from omninode_release.release.leftovers.stale_locks import _find_user
from support.orgs import programs


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
    assert _find_user(lock, [lock.parent], programs()) == "git (pid 4711)"


def test_what_another_user_runs_makes_no_file_of_this_user(
    lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stale_locks, "_find_owner", {lock: os.getuid()}.get)

    assert _find_user(lock, [lock.parent], programs()) is None


def test_nothing_is_known_where_the_system_shows_no_processes(
    lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stale_locks, "_PROC", lock.parent / "none")

    assert _find_user(lock, [lock.parent], programs()) == "a process that this system does not show"


@pytest.fixture
def on_a_mac(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lock file on a system that shows its processes by lsof alone."""
    if shutil.which("lsof") is None:
        pytest.skip("there is no lsof here")
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(stale_locks, "_PROC", tmp_path / "none")
    file = tmp_path / "clone" / "main.lock"
    file.parent.mkdir()
    file.touch()
    return file


def test_a_mac_shows_what_no_process_is_at_work_on(on_a_mac: Path) -> None:
    assert _find_user(on_a_mac, [on_a_mac.parent], programs()) is None


def test_a_mac_shows_who_has_a_file_open(on_a_mac: Path) -> None:
    with on_a_mac.open() as _:
        user = _find_user(on_a_mac, [], programs())

    assert user is not None
    assert user.endswith(f" (pid {os.getpid()})")


def test_a_mac_shows_which_git_works_in_a_folder(on_a_mac: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        ("git", "hash-object", "--stdin"),  # noqa: S607 - waits for what it is given
        cwd=on_a_mac.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    ) as git:
        user = _find_user(on_a_mac, [tmp_path], programs())
        other = _find_user(on_a_mac, [tmp_path / "other"], programs())
        git.kill()

    assert (user, other) == (f"git (pid {git.pid})", None)


_ESCAPED = r"printf '%s\n' p1 cgit fcwd 'n/caf\xc3\xa9'"


@pytest.mark.parametrize(
    "lsof", ["exit 0", "echo no such device >&2; exit 1", "exit 2", "", _ESCAPED]
)
def test_nothing_is_known_where_lsof_tells_nothing(
    on_a_mac: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lsof: str
) -> None:
    program = tmp_path / "bin" / "lsof"
    program.parent.mkdir()
    if lsof:
        program.write_text(f"#!/bin/sh\n{lsof}\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    is_silent = lsof == "exit 0"  # it found none

    user = _find_user(on_a_mac, [tmp_path], programs())

    assert user == (None if is_silent else "a process that this system does not show")


def test_what_another_user_made_may_be_in_use_by_others(
    on_a_mac: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

    user = _find_user(on_a_mac, [], programs())

    assert user == "a process that this system does not show"
