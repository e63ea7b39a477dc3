"""A clock on which only sleeping takes time, and a world that goes on meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from omninode_release.system.clock import FixedClock
from support.cli import MOMENT

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


class Hurried(FixedClock):
    """A clock whose sleeps are written down, and pass at once."""

    def __init__(self) -> None:
        super().__init__(MOMENT)
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


class Passing(Hurried):
    """Keeps what was slept; ``go_on`` is called after every sleep."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        return MOMENT + timedelta(seconds=int(self.monotonic()))

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.go_on()
