"""Stopping in order: a signal becomes an exception, so that state is saved and programs end."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from omninode_release.errors import Terminated
from omninode_release.errors.stops import STOPS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


@contextmanager
def orderly_stop() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into ``Terminated`` while the block runs.

    A terminal that closes may say so twice, by the kernel and by its shell: the second SIGHUP does
    not disturb the orderly stop. A signal that is ignored, as under nohup, stays so. On another
    thread than the main one this does nothing: there, signals are the business of the program whose
    process it is.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame: FrameType | None) -> NoReturn:
        if number == signal.SIGHUP:
            signal.signal(number, signal.SIG_IGN)
        raise Terminated

    heeded = [each for each in STOPS if signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, stop) for each in heeded}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
