"""The end of a program and of everything it has started: its group of processes."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from omninode_release.errors.stops import hold_back_stops
from omninode_release.system.clock import SystemClock
from omninode_release.system.wait import NotYet, Pauses, poll

if TYPE_CHECKING:
    from collections.abc import Callable

_GRACE_SECONDS = 5.0
_REST_SECONDS = 1.0
"""The grace of what the program leaves behind when it ends."""
_LOOK_SECONDS = 0.02


def end_group(leader: int, wait: Callable[[float], bool]) -> None:
    """Ask a program and everything it started to end; kill what does not.

    ``wait`` waits for the program so many seconds, and answers whether it has ended. A signal that
    stops that wait is impatient: they are killed at once.
    """
    try:
        _signal_all(leader, signal.SIGTERM)
        if wait(_GRACE_SECONDS):
            pauses = Pauses.every(_LOOK_SECONDS)
            poll(lambda: _is_over(leader), SystemClock(), seconds=_REST_SECONDS, pauses=pauses)
    finally:
        with hold_back_stops():
            _signal_all(leader, signal.SIGKILL)
            wait(_GRACE_SECONDS)


def _is_over(leader: int) -> bool | NotYet:
    return not _signal_all(leader, 0) or NotYet()


def _signal_all(leader: int, number: int) -> bool:
    """Send a signal to the group; False where that is empty."""
    try:
        os.killpg(leader, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
