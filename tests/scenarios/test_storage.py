"""Disks that are full and folders that are not ours: an error with the place, and no bug."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.adapters.local.index import LocalIndex
from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from omninode_release.system import files
from omninode_release.system.lock import Holder, Lock
from support.cli import run_cli, state_home
from support.endings import (
    APPROVED,
    RUN,
    assert_released_once,
    break_phase,
    release,
    resume,
    state_of,
    state_path,
)
from support.failures import fails, provoked, provokes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from omninode_release.commands.demo_org import Org


def _fill(monkeypatch: pytest.MonkeyPatch, *, after: int, writes: int = 10_000) -> None:
    """Let the disk be full for some writes of whole files."""
    seen, whole = 0, files._replace

    def full(path: Path, data: bytes, fd: int, temporary: str, *, mode: int) -> None:
        nonlocal seen
        seen += 1
        if after < seen <= after + writes:
            os.close(fd)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        whole(path, data, fd, temporary, mode=mode)

    monkeypatch.setattr(files, "_replace", full)


@provokes(ErrorCode.STORAGE_FAILED)
def test_a_folder_that_cannot_be_made_is_named_before_anything_happens(small_org: Org) -> None:
    state_home(small_org).write_text("a file", encoding="utf-8")

    failure_code, said = _refused(small_org)

    assert failure_code == 1
    assert f"{state_home(small_org)}" in said
    assert "bug" not in said
    provoked(ErrorCode.STORAGE_FAILED)


def _refused(org: Org) -> tuple[int, str]:
    ran = run_cli(org, "--run-id", RUN, *APPROVED)
    assert ran.err.splitlines()[0].startswith("STORAGE_FAILED: "), ran.err
    return ran.code, ran.err


def test_a_disk_that_is_full_at_the_first_word_stops_the_run_before_its_gate(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(monkeypatch, after=0)

    code, said = _refused(small_org)

    assert code == 1
    assert f"expected to read and write {state_path(small_org)}" in said
    assert f"(ls -ld {state_path(small_org).parent}, df" in said
    assert "No space left on device" in said
    assert "--resume" not in said  # there is nothing to go on with
    assert "bug" not in said


@pytest.mark.parametrize("after", [3, 8, 20])
def test_a_disk_that_fills_up_during_a_run_is_told_and_the_run_resumed(
    small_org: Org, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    with monkeypatch.context() as patch:
        _fill(patch, after=after)
        ran = release(small_org)

    assert ran.err.splitlines()[0].startswith("STORAGE_FAILED: "), ran.err
    assert ran.code in {1, 3}
    assert "No space left on device" in ran.err
    assert "bug" not in ran.err
    again = resume(small_org)
    assert (again.code, again.err) == (0, "")
    assert_released_once(small_org)


def test_a_disk_that_is_full_for_its_last_word_is_no_failure_of_a_run(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(lock: Lock) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(lock.path))

    monkeypatch.setattr(Lock, "note_end", full)

    ran = release(small_org)

    assert (ran.code, ran.err) == (0, "")
    assert_released_once(small_org)
    lock = Lock(state_path(small_org).parent / ".lock")
    assert lock.acquire(Holder.here(RUN))
    lock.release()


def test_a_drive_without_locks_is_told_as_what_it_is(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_fd: int, _operation: int) -> None:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    monkeypatch.setattr(fcntl, "flock", refuse)

    ran = release(small_org)

    assert ran.code == 1
    assert "STORAGE_FAILED: expected to read and write " in ran.err
    assert f"Next: move it to a disk of this machine: the one there (df {small_org.root}" in ran.err
    assert ran.err.rstrip().endswith("lacks locks or links")


@pytest.mark.usefixtures("only_steps", "no_hooks")
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS])
def test_a_drive_whose_folders_have_no_locks_is_told_as_what_it_is(
    small_org: Org, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    lock = fcntl.flock

    def refuse(fd: int, operation: int) -> None:
        if operation == fcntl.LOCK_EX and stat.S_ISDIR(os.fstat(fd).st_mode):
            raise OSError(number, os.strerror(number))
        lock(fd, operation)

    monkeypatch.setattr(fcntl, "flock", refuse)

    ran = release(small_org, "alpha")

    assert ran.code == 1
    assert ran.err.startswith("STORAGE_FAILED: ")
    assert f"{small_org.remote('alpha').with_suffix('.forge')}/pulls" in ran.err
    assert "lacks locks or links" in ran.err


def test_a_disk_that_is_full_for_a_moment_fails_the_step_and_is_recorded(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        _fill(patch, after=5, writes=1)
        ran = release(small_org)

    assert ran.err.splitlines()[0].startswith("STORAGE_FAILED: ")
    assert state_of(small_org)["error_code"] == "STORAGE_FAILED"
    assert resume(small_org).code == 0


def test_an_index_that_cannot_be_written_to_fails_its_step(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small_org.index

    def refuse(path: Path, data: bytes) -> None:
        del data
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    with monkeypatch.context() as patch:
        patch.setattr("omninode_release.adapters.local.index.atomic_write", refuse)
        at = ("alpha", Phase.PUBLISH)
        failure = fails(small_org, ErrorCode.STORAGE_FAILED, at=at, also={"alpha publish run"})

    failure.says(str(folder), "Read-only file system")
    token = f"1740312612.000100:{failure.result['run_id']}"
    again = run_cli(small_org, "--resume", failure.result["run_id"], "--gate-attestation", token)
    assert (again.code, again.err) == (0, "")


def test_an_index_that_cannot_be_read_is_named_before_the_gate(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(index: LocalIndex) -> Iterator[Any]:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(index.folder))

    monkeypatch.setattr(LocalIndex, "_files", refuse)

    failure = fails(small_org, ErrorCode.STORAGE_FAILED, state="none")

    failure.says(f"expected to read and write {small_org.index}", "Permission denied")


# What stands where a file of ours should.

_PLANTED: dict[str, Callable[[Path], object]] = {
    "a link": lambda path: path.symlink_to(path.parent.parent / "elsewhere"),
    "a named pipe": os.mkfifo,
    "a folder": lambda path: path.mkdir(),
}


@pytest.mark.parametrize("plant", _PLANTED.values(), ids=_PLANTED)
@pytest.mark.parametrize("name", [".lock", f"{RUN}.journal.jsonl", f"{RUN}.events.jsonl"])
def test_nothing_is_written_through_what_was_planted(
    small_org: Org, name: str, plant: Callable[[Path], object]
) -> None:
    states = state_path(small_org).parent
    states.mkdir(parents=True)
    elsewhere = states.parent / "elsewhere"
    elsewhere.write_text("mine", encoding="utf-8")
    plant(states / name)

    ran = run_cli(small_org, "alpha", "--run-id", RUN, *APPROVED)

    assert elsewhere.read_text(encoding="utf-8") == "mine"
    assert "bug" not in ran.err
    if name == ".lock":
        assert ran.err.startswith("STORAGE_FAILED: "), ran.err
        assert str(states / name) in ran.err
    else:
        assert ran.code == 0, ran.err
        assert str(states / name) in ran.out


def test_a_result_and_a_state_take_the_place_of_a_link(small_org: Org) -> None:
    states, result = state_path(small_org).parent, state_home(small_org) / "skill-results" / RUN
    elsewhere = small_org.root / "elsewhere"
    elsewhere.write_text("mine", encoding="utf-8")
    for path in (result / "release.json", states / f".{RUN}.json.tmp"):
        path.parent.mkdir(parents=True)
        path.symlink_to(elsewhere)

    assert release(small_org).code == 0

    assert elsewhere.read_text(encoding="utf-8") == "mine"
    assert not (result / "release.json").is_symlink()


# With the last one of these only root can write into a folder that it has made.
@pytest.fixture(params=[0o000, 0o022, 0o077, *([0o277] if os.geteuid() == 0 else [])])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def _token(run: str) -> tuple[str, str]:
    return "--gate-attestation", f"1740312612.000100:{run}"


def test_what_a_run_writes_down_is_the_users_own(
    small_org: Org, umask: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    del umask
    root = state_home(small_org)
    ran = run_cli(small_org, "alpha", "--run-id", RUN, stdin="")
    assert ran.err.startswith("GATE_FAILED")
    assert run_cli(small_org, "alpha", "--run-id", RUN, *APPROVED).code == 0

    with monkeypatch.context() as patch:
        break_phase(patch, Phase.WORKTREE, after_effect=False, error=ValueError("a bug"))
        assert "This is a bug" in run_cli(small_org, "beta", "--run-id", "bug", *_token("bug")).err
    begun = run_cli(small_org, "alpha", "--run-id", "away", "--detach", *_token("away"))
    assert begun.code == 0, begun.err
    run_cli(small_org, "wait", "away")

    found = [each for part in ("state", "skill-results") for each in (root / part).rglob("*")]

    names = {".lock", f"{RUN}.json", "release.json", "archive", "bug.log", "away.output.log"}
    assert {path.name for path in found} >= names
    for path in found:
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def test_a_folder_that_all_could_read_is_closed(small_org: Org) -> None:
    states = state_path(small_org).parent
    states.mkdir(parents=True, mode=0o755)
    states.chmod(0o755)

    assert release(small_org).code == 0

    assert stat.S_IMODE(states.stat().st_mode) == 0o700
