"""A deadline over the whole of something that has none: a library's request, a parser."""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


def within(seconds: float, work: Callable[[], _T]) -> _T:
    """What ``work`` answers, or raises. Raises TimeoutError when ``seconds`` were not enough.

    A time limit on sockets counts anew with each byte, and a parser has none. A thread does the
    work; one that is late is left to itself, since nothing can end it, and goes with the process.
    """
    ended: SimpleQueue[tuple[_T | None, BaseException | None]] = SimpleQueue()

    def carry_out() -> None:
        try:
            ended.put((work(), None))
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            ended.put((None, error))

    threading.Thread(target=carry_out, daemon=True, name="within").start()
    try:
        answer, error = ended.get(timeout=min(seconds, threading.TIMEOUT_MAX))
    except Empty:
        raise TimeoutError(f"not done within {seconds:g} s") from None
    if error is not None:
        raise error
    return answer  # type: ignore[return-value] # None only where that is the answer
