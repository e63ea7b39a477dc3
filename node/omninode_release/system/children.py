"""Work on several threads whose programs end with the thread that waits for it.

A signal reaches the main thread alone. What the others wait for are programs: these are ended, and
no more are started, so that an orderly stop takes no longer than with one thread.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from omninode_release.errors import Terminated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_T = TypeVar("_T")
_R = TypeVar("_R")


class Children:
    """The programs that run just now, for the one who may have to end them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends: dict[int, Callable[[], None]] = {}
        self._are_over = False

    @contextmanager
    def hold(self, pid: int, end: Callable[[], None]) -> Iterator[None]:
        """Count a program, which ``end`` ends, while the block runs.

        Raises Terminated where all are to end.
        """
        with self._lock:
            if self._are_over:
                raise Terminated
            self._ends[pid] = end
        try:
            yield
        finally:
            with self._lock:
                del self._ends[pid]

    def end_all(self) -> None:
        """End what runs, and whatever is started from now on."""
        with self._lock:
            self._are_over = True
            ends = [*self._ends.values()]
        for end in ends:
            end()


def work_together(
    work: Callable[[_T], _R], each: Sequence[_T], *, threads: int, children: Children
) -> list[_R]:
    """The answers of ``work``, in order; raises what the first of them raises.

    Programs that ``children`` knows of end with whatever stops the wait.
    """
    with ThreadPoolExecutor(threads) as pool:
        try:
            return [*pool.map(work, each)]
        except BaseException:
            children.end_all()
            pool.shutdown(wait=False, cancel_futures=True)  # leaving the block waits
            raise
