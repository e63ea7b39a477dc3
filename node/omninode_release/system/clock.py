"""Time as a value that is passed in: nothing below the command line asks the machine for it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the tool wants to know about time."""

    def now(self) -> datetime:
        """The time to write down, in UTC and whole seconds."""
        ...

    def monotonic(self) -> float:
        """Seconds of a clock that never goes back, for deadlines."""
        ...

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - the one place

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)  # noqa: TID251 - the one place


class FixedClock(SystemClock):
    """Writes down one moment for ever, so that a run can be repeated commit id for commit id.

    Deadlines and sleeps stay real: what a run waits for is outside of it.
    """

    def __init__(self, moment: datetime) -> None:
        self._moment = moment.astimezone(UTC).replace(microsecond=0)

    def now(self) -> datetime:
        return self._moment
