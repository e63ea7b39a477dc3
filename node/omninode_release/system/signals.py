"""Stopping in order: a signal becomes an exception, so that state is saved and programs end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from omninode_release.errors import Terminated


@contextmanager
def orderly_stop() -> Iterator[None]:
    """Turn SIGTERM into ``Terminated`` while the block runs.

    On another thread than the main one this does nothing: there, signals are the business of the
    program whose process it is.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
