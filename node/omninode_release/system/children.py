"""Work on several threads whose programs end with the thread that waits for it.

A signal reaches the main thread alone. What the others wait for are programs: these are ended, and
no more are started, so that an orderly stop takes no longer than with one thread.
"""

from __future__ import annotations

import threading
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

from omninode_release.errors import Terminated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from contextlib import AbstractContextManager

_T = TypeVar("_T")
_R = TypeVar("_R")


class Children:
    """The programs that run just now, for the one who may have to end them.

    Those of threads that were begun by one of ``within`` are counted there, too.
    """

    def __init__(self, within: Children | None = None) -> None:
        self._within = within
        self._lock = threading.Lock()
        self._ends: dict[int, Callable[[], None]] = {}
        self._are_over = False

    @contextmanager
    def hold(self, pid: int, end: Callable[[], None]) -> Iterator[None]:
        """Count a program, which ``end`` ends, while the block runs.

        Raises Terminated where all are to end.
        """
        with ExitStack() as held:
            if self._within is not None:
                held.enter_context(self._within.hold(pid, end))
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


_HEED_SECONDS = 0.5
"""A signal that comes just before a wait begins is heeded at its end: Python looks no sooner."""
_OF_THIS_THREAD: ContextVar[Children | None] = ContextVar("children", default=None)
"""None on the main thread, which a signal reaches."""


def hold_program(pid: int, end: Callable[[], None]) -> AbstractContextManager[None]:
    """Let the one who waits for this thread end its program. Raises Terminated."""
    children = _OF_THIS_THREAD.get()
    return children.hold(pid, end) if children else nullcontext()


def work_together(work: Callable[[_T], _R], each: Iterable[_T], *, threads: int) -> list[_R]:
    """The answers of ``work``, in order; raises what the first of them raises.

    Programs that run meanwhile end with whatever stops the wait.
    """
    children = Children(within=_OF_THIS_THREAD.get())
    with ThreadPoolExecutor(threads, initializer=_OF_THIS_THREAD.set, initargs=(children,)) as pool:
        try:
            return _wait_for([pool.submit(work, one) for one in each])
        except BaseException:
            children.end_all()
            pool.shutdown(wait=False, cancel_futures=True)  # leaving the block waits
            raise


def _wait_for(answers: list[Future[_R]]) -> list[_R]:
    while True:
        done, waiting = wait(answers, timeout=_HEED_SECONDS, return_when=FIRST_EXCEPTION)
        found = [each.result() for each in answers if each in done]  # raises what one raised
        if not waiting:
            return found
