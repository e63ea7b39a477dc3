"""Work that only reads, shared among the cores by copies of this process.

Python runs on one core, and with it a library that never lets go of the interpreter. A worker hands
back what it finds out and ends. What none of them answered, because it must not or because it died,
the caller does itself: a worker saves time, and nothing depends on it.
"""

from __future__ import annotations

import os
import pickle
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_MOST = 4
# Also those that a library started.
_THREADS = Path("/proc/self/task")
_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_T = TypeVar("_T")
_R = TypeVar("_R")


class _Worker(NamedTuple):
    pid: int
    answers: BinaryIO


def count_workers() -> int:
    """How many may work at once; none beside other threads, whose locks a copy would wait for."""
    try:
        threads = len([*_THREADS.iterdir()])
    except OSError:  # this is not Linux; macOS aborts such a copy
        return 0
    cores = len(os.sched_getaffinity(0))
    return min(cores, _MOST) if threads == 1 and cores > 1 else 0


def share(work: Callable[[_T], _R], things: Sequence[_T], *, workers: int) -> dict[int, _R]:
    """The answers of ``work`` by the place of their thing, as many as the workers gave."""
    if not workers:
        return {}
    crew: list[_Worker] = []
    with ThreadPoolExecutor(workers) as pool:
        try:
            with suppress(OSError), _undisturbed():  # there may be no room for one more
                crew += (
                    _start(work, things, range(first, len(things), workers))
                    for first in range(workers)
                )
            answers: Iterator[list[tuple[int, _R]]] = pool.map(_receive, crew)
            return dict(sorted(each for some in answers for each in some))
        finally:
            _end(crew)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let signals wait that stop a command, for good in a copy: the caller ends it.

    In the middle of copying, Python would print the stop and forget it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start(work: Callable[[_T], _R], things: Sequence[_T], places: Iterable[int]) -> _Worker:
    reading, writing = os.pipe()
    try:
        pid = os.fork()
    except OSError:
        os.close(reading)
        os.close(writing)
        raise
    if pid:
        os.close(writing)
        return _Worker(pid, os.fdopen(reading, "rb"))
    try:
        os.close(reading)
        with os.fdopen(writing, "wb") as answers:
            for at in places:
                answers.write(pickle.dumps((at, work(things[at]))))
    finally:  # whatever it is: nothing of the caller's is to run in the copy
        os._exit(0)


def _receive(worker: _Worker) -> list[tuple[int, _R]]:
    return [*_unpack(worker.answers)]


def _unpack(answers: BinaryIO) -> Iterator[tuple[int, _R]]:
    with answers, suppress(EOFError, pickle.UnpicklingError):  # of one that died, in the middle
        while True:
            yield pickle.load(answers)  # noqa: S301 - a copy of this process wrote it


def _end(crew: Iterable[_Worker]) -> None:
    for each in crew:
        os.kill(each.pid, signal.SIGKILL)
        os.waitpid(each.pid, 0)
