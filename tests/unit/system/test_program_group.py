"""A program ends with the wait for it, however that is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.errors import Terminated
from omninode_release.system import program, program_group
from omninode_release.system.lock import runs_here
from omninode_release.system.signals import orderly_stop
from support.orgs import programs
from support.patience import wait_for_file, wait_until

if TYPE_CHECKING:
    from pathlib import Path

_DEAF = "trap '' TERM; echo $$ > pid.new; mv pid.new pid; while :; do sleep 0.05; done"


def _run(script: str, folder: Path, *, seconds: float = 60.0, stdin: str | None = None) -> str:
    return programs()(("sh", "-c", script), cwd=folder, timeout=seconds, stdin=stdin).line


def _stop_when(file: Path) -> threading.Thread:
    """Send this process a signal, once the file is there."""

    def stop() -> None:
        wait_for_file(file)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=stop)
    thread.start()
    return thread


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_as_a_program_begins_leaves_none_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    begun: list[int] = []
    fork = subprocess._fork_exec  # type: ignore[attr-defined]

    def begin(*args: Any) -> int:
        begun.append(fork(*args))
        os.kill(os.getpid(), number)
        return begun[-1]

    monkeypatch.setattr(subprocess, "_fork_exec", begin)

    with orderly_stop(), pytest.raises(KeyboardInterrupt):
        _run("exec sleep 600", tmp_path)

    assert len(begun) == 1
    assert not runs_here(begun[0])


def test_what_a_program_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    (tmp_path / "deaf").write_text(_DEAF, encoding="utf-8")
    thread = _stop_when(tmp_path / "pid")
    with orderly_stop(), pytest.raises(Terminated):
        _run("sh deaf & wait", tmp_path)
    thread.join()

    left = int((tmp_path / "pid").read_text())
    wait_until(lambda: not _lives(left), lambda: f"{left} is left")


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_who_stops_twice_does_not_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second: signal.Signals
) -> None:
    monkeypatch.setattr(program_group, "_GRACE_SECONDS", 600.0)
    wait, asked = program.Program.wait, [second]

    def stop_again(ending: program.Program, timeout: float | None = None) -> int:
        if timeout == 600.0 and asked:
            os.kill(os.getpid(), asked.pop())
        return wait(ending, timeout)

    monkeypatch.setattr(program.Program, "wait", stop_again)
    thread = _stop_when(tmp_path / "pid")

    with orderly_stop(), pytest.raises(KeyboardInterrupt):
        _run(_DEAF, tmp_path)
    thread.join()

    assert not asked
    assert not runs_here(int((tmp_path / "pid").read_text()))


def test_a_program_that_ended_while_the_run_was_stopped_is_not_late(tmp_path: Path) -> None:
    stops = "kill -STOP $PPID; sleep 1.2; echo said; kill -CONT $PPID"

    assert _run(stops, tmp_path, seconds=0.6) == "said"


def test_the_time_for_which_the_run_was_stopped_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "_PART_SECONDS", 0.2)
    stops = "kill -STOP $PPID; sleep 1.5; kill -CONT $PPID; sleep 0.5; echo said"

    assert _run(stops, tmp_path, seconds=1.4).strip() == "said"


def test_what_a_program_reads_late_is_written_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "_PART_SECONDS", 0.2)

    assert _run("sleep 0.6; wc -c", tmp_path, stdin="x" * 300_000).strip() == "300000"


def _lives(pid: int) -> bool:
    """False also for one that only its parent has to take note of."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return sys.platform != "linux" and runs_here(pid)
