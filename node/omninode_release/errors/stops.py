"""Work that no signal may interrupt, between two lines of which a stop would leave half of it."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

STOPS = (signal.SIGTERM, signal.SIGHUP)
"""The signals that stop a command in order, beside that of Ctrl-C."""


@contextmanager
def collect_stops() -> Iterator[list[int]]:
    """Let no signal that stops a run interrupt the block; those that come are in the list."""
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield came
        return
    before = {}
    try:
        for each in (signal.SIGINT, *STOPS):
            handler = signal.getsignal(each)
            if callable(handler):  # not where it is ignored, or ends the process as a kill does
                before[each] = signal.signal(each, lambda number, _frame: came.append(number))
        yield came
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def hold_back_stops() -> Iterator[None]:
    """The same; the first that comes is heeded after the block."""
    came: list[int] = []
    try:
        with collect_stops() as came:
            yield
    finally:
        if came:
            signal.raise_signal(came[0])
