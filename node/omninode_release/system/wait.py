"""The one waiting loop: ask, rest a growing while, ask again, and stop at a deadline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from omninode_release.system.clock import Clock

_T = TypeVar("_T")


class NotYet(NamedTuple):
    """A probe's answer when it wants to be asked again."""

    why: str = ""
    after: float = 0.0
    """It is not asked before so many seconds have passed: a server's Retry-After."""


_HEARTBEAT_SECONDS = 300


@dataclass(frozen=True)
class Pauses:
    """The seconds between one question and the next, growing from ``first`` to ``longest``."""

    first: float
    longest: float
    growth: float = 1.5
    jitter: Callable[[], float] = lambda: 1.0
    """Answers what a pause is multiplied by, so that many clients do not come back together."""

    @classmethod
    def every(cls, seconds: float) -> Pauses:
        """Pauses that do not grow."""
        return cls(seconds, seconds)

    def __iter__(self) -> Iterator[float]:
        pause = self.first
        while True:
            pause = min(pause, self.longest)
            yield pause * self.jitter()
            pause *= self.growth


def poll(
    probe: Callable[[], _T | NotYet],
    clock: Clock,
    *,
    seconds: float,
    pauses: Pauses,
    attempts: int | None = None,
    only_within: bool = False,
    report: Callable[[str, float], None] | None = None,
) -> _T | NotYet:
    """Ask ``probe`` until it answers; its last NotYet once ``seconds`` or ``attempts`` are used up.

    The probe is asked at once, and a last time at the very deadline. With ``only_within`` there is
    no such last time: the wait ends when the next question would come after the deadline.
    ``report`` is told why the probe waits and how many seconds are left, when that reason changes
    and every five minutes.
    """
    deadline, rests, asked = clock.monotonic() + seconds, iter(pauses), 0
    told: tuple[str, float] | None = None
    while True:
        answer, asked = probe(), asked + 1
        if not isinstance(answer, NotYet) or asked == attempts:
            return answer
        left, rest = deadline - clock.monotonic(), max(next(rests), answer.after)
        if left <= 0 or (only_within and rest > left):
            return answer
        if report is not None and _is_news(answer.why, left, told):
            told = (answer.why, left)
            report(*told)
        clock.sleep(min(rest, left))


def _is_news(why: str, left: float, told: tuple[str, float] | None) -> bool:
    """True for another reason than the one told before, and for the same after a while."""
    return told is None or why != told[0] or told[1] - left >= _HEARTBEAT_SECONDS
