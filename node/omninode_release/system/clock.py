"""Time, passed in as a value: only the command line takes the machine's clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What a run asks about time."""

    def now(self) -> datetime:
        """The time to write down, in UTC and whole seconds."""

    def monotonic(self) -> float:
        """Seconds of a clock that never goes back, for deadlines."""

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
    """Gives one moment as the time for ever, so that a run repeats the same commit ids.

    Deadlines and sleeps stay real: a run waits for what is outside of it.
    """

    def __init__(self, moment: datetime) -> None:
        in_utc = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        self._moment = in_utc.replace(microsecond=0)

    def now(self) -> datetime:
        return self._moment
