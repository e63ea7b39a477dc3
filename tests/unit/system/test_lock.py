"""Who holds a lock, as it stands in the file that other versions read, too."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from omninode_release.system import lock
from omninode_release.system.lock import Holder, Lock

if TYPE_CHECKING:
    from pathlib import Path


def test_a_holder_stands_in_the_file_with_what_is_known_of_it(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "states" / ".lock")
    holder = Holder.here("pair", stoppable=True)

    assert lock.acquire(holder)

    text = lock.path.read_text(encoding="utf-8")
    assert len(text) == 512
    assert list(json.loads(text).items()) == [
        ("pid", os.getpid()),
        ("host", socket.gethostname()),
        ("run_id", "pair"),
        ("stoppable", True),
    ]
    assert lock.read_holder() == holder
    assert holder.is_running()


def test_a_lock_has_one_holder(tmp_path: Path) -> None:
    lock, other = Lock(tmp_path / ".lock"), Lock(tmp_path / ".lock")
    assert not lock.is_held()

    assert lock.acquire(Holder.here("pair"))

    assert other.is_held()
    assert not other.acquire(Holder.here("other"))
    lock.release()
    assert not other.is_held()
    assert other.acquire(Holder.here("other"))
    other.release()


def test_a_file_that_may_not_be_opened_is_no_lock_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, _flags: int) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(lock, "open_file", refuse)

    with pytest.raises(PermissionError):
        Lock(tmp_path / "lock").acquire(Holder.here("run-1"))


def test_a_lock_that_a_file_system_says_to_be_denied_is_that_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_fd: int, _how: int) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(fcntl, "flock", refuse)

    assert not Lock(tmp_path / "lock").acquire(Holder.here("run-1"))


def test_what_became_of_the_holder_is_left_in_the_file(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "pair.detached")
    holder = Holder.here("pair", began_ns=7)
    lock.acquire(holder)

    lock.write(replace(holder, exit_code=3))
    lock.release()

    assert lock.read_holder() == Holder(os.getpid(), socket.gethostname(), "pair", None, 7, 3)


def test_a_process_of_another_machine_does_not_run_here() -> None:
    assert not Holder(os.getpid(), "another-host", "pair").is_running()


@pytest.mark.parametrize(
    "content", [b"", b" " * 512, b"{", b"[]", b'{"pid": 1}', b'{"pid": "1", "host": "a"}', b"\xff",
     *(b'{"pid": %s, "host": "a", "run_id": "pair"}' % pid for pid in (b"-1", b"0", b"true"))],
)  # fmt: skip
def test_a_holder_that_cannot_be_read_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".lock").write_bytes(content)

    assert Lock(tmp_path / ".lock").read_holder() is None
    assert Lock(tmp_path / "none").read_holder() is None


def test_what_a_later_version_adds_is_passed_over(tmp_path: Path) -> None:
    holder = {"pid": 1, "host": "a", "run_id": "pair", "exit_code": "odd", "mood": "good"}
    (tmp_path / ".lock").write_text(json.dumps(holder), encoding="utf-8")

    assert Lock(tmp_path / ".lock").read_holder() == Holder(1, "a", "pair")


def test_nothing_can_be_written_through_what_children_inherit(tmp_path: Path) -> None:
    lock = Lock(tmp_path / ".lock")
    lock.acquire(Holder.here("pair"))

    with pytest.raises(OSError, match="Bad file descriptor"):
        os.write(lock.fd, b"{}")

    assert lock.read_holder() == Holder.here("pair")
    lock.release()
