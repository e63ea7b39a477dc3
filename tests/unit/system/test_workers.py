"""Workers save time, and nothing depends on them: what they leave, the caller does."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from omninode_release.system import workers

if TYPE_CHECKING:
    from pathlib import Path

_DEATHS = {
    "raises": "raise ValueError",
    "is killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "leaves": "sys.exit(0)",
    "has no word for it": "return lambda: None",
}


def _run(code: str) -> str:
    """In a process of its own: one with other threads is not to be copied."""
    head = "import os, signal, sys\nfrom omninode_release.system.workers import share\n"
    argv = (sys.executable, "-c", f"{head}{code}\nprint(got)")
    done = subprocess.run(argv, capture_output=True, check=True, text=True, timeout=120)
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("number", [1, 2, 3, 9])
def test_the_answers_come_by_their_places(number: int) -> None:
    said = _run(f"got = share(lambda each: each.upper(), ['a', 'b', 'c'], workers={number})")

    assert said == "{0: 'A', 1: 'B', 2: 'C'}\n"


def test_answers_of_any_size_come_whole() -> None:
    code = "got = share(lambda each: 'x' * each, [3_000_000] * 6, workers=2)"
    assert _run(f"{code}\ngot = [len(each) for each in got.values()]") == f"{[3_000_000] * 6}\n"


@pytest.mark.parametrize("death", _DEATHS.values(), ids=_DEATHS)
def test_what_a_worker_dies_of_is_left_to_the_caller(death: str) -> None:
    work = f"def work(each):\n    if each == 3:\n        {death}\n    return -each\n"

    said = _run(f"{work}got = share(work, range(6), workers=2)\ngot = [*got.items()]")

    found = dict(ast.literal_eval(said))
    assert found.items() >= {0: 0, 2: -2, 4: -4}.items()
    assert found.keys().isdisjoint({3, 5})


def test_an_interruption_ends_the_workers() -> None:
    work = (
        "def work(each):\n"
        "    if each == 0:\n"
        "        os.kill(os.getppid(), signal.SIGINT)\n"
        "    while True:\n"
        "        signal.pause()\n"
    )
    told = (
        "try:\n    share(work, range(2), workers=2)\n"
        "except KeyboardInterrupt:\n    got = 'interrupted'\n"
        "try:\n    os.waitpid(-1, os.WNOHANG)\n"
        "except ChildProcessError:\n    got += ', and nothing runs'\n"
    )

    assert _run(work + told) == "interrupted, and nothing runs\n"


def test_a_process_that_cannot_be_copied_once_more_has_fewer_workers() -> None:
    code = (
        "copy, made = os.fork, []\n"
        "def fork():\n"
        "    if made:\n"
        "        raise BlockingIOError\n"
        "    made.append(1)\n"
        "    return copy()\n"
        "os.fork = fork\n"
        "got = share(lambda each: each, range(5), workers=2)\n"
    )
    assert _run(code) == "{0: 0, 2: 2, 4: 4}\n"


def test_there_are_none_beside_other_threads_nor_on_one_core(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(workers, "_THREADS", tmp_path)
    (tmp_path / "1").mkdir()
    numbers = []
    for cores in (1, 2, 3, 64):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, n=cores: {*range(n)}, raising=False)
        numbers.append(workers.count_workers())
    assert numbers == [0, 2, 3, 4]

    (tmp_path / "2").mkdir()
    assert workers.count_workers() == 0

    monkeypatch.setattr(workers, "_THREADS", tmp_path / "not there")
    assert workers.count_workers() == 0
