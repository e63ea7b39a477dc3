"""Programs that several threads run end with the wait for them."""

from __future__ import annotations

import os
import signal
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import CommandFailed, Terminated
from omninode_release.system.children import Children, work_together
from omninode_release.system.lock import runs_here
from omninode_release.system.process import Programs
from omninode_release.system.signals import orderly_stop
from support.patience import wait_for_file

if TYPE_CHECKING:
    from pathlib import Path

_TELLS_ITS_PID = "echo $$ > $0.new; mv $0.new $0; exec sleep 600"


def run(programs: Programs, folder: Path, name: str) -> None:
    argv = ("sh", "-c", _TELLS_ITS_PID, str(folder / name))
    programs(argv, cwd=folder, timeout=600)


def test_a_signal_ends_the_programs_of_every_thread(tmp_path: Path) -> None:
    programs = Programs(os.environ)
    names = ["one", "two", "three"]

    def stop() -> None:
        for name in names:
            wait_for_file(tmp_path / name)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=stop)
    thread.start()
    with orderly_stop(), pytest.raises(Terminated):
        work_together(partial(run, programs, tmp_path), names, threads=3)
    thread.join()

    pids = [int((tmp_path / name).read_text()) for name in names]
    assert [pid for pid in pids if runs_here(pid)] == []


@pytest.mark.parametrize("deep", [False, True], ids=["a thread", "a thread of a thread"])
def test_what_one_thread_raises_ends_the_others(tmp_path: Path, *, deep: bool) -> None:
    programs = Programs(os.environ)

    def work(name: str) -> None:
        if name == "fails":
            wait_for_file(tmp_path / "waits")
            raise ValueError(name)
        if deep:
            work_together(partial(run, programs, tmp_path), [name], threads=1)
        run(programs, tmp_path, name)

    with pytest.raises(ValueError, match="fails"):
        work_together(work, ["fails", "waits"], threads=2)

    assert not runs_here(int((tmp_path / "waits").read_text()))


def test_no_program_is_started_after_the_end() -> None:
    children = Children()
    children.end_all()

    with pytest.raises(Terminated), Children(within=children).hold(1, lambda: None):
        pytest.fail("it was begun")


def test_answers_stand_in_the_order_of_the_work(tmp_path: Path) -> None:
    """Whatever ends first: the second waits for the third."""

    def work(number: int) -> int:
        if number == 2:
            wait_for_file(tmp_path / "third")
        if number == 3:
            (tmp_path / "third").touch()
        return number

    assert work_together(work, [1, 2, 3], threads=2) == [1, 2, 3]


def test_a_program_that_fails_is_told_as_ever(tmp_path: Path) -> None:
    programs = Programs(os.environ)

    with pytest.raises(CommandFailed):
        programs(("sh", "-c", "exit 3"), cwd=tmp_path, timeout=60)
