"""The one waiting loop: ask, rest a growing while, ask again, and stop at a deadline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from omninode_release.system.clock import Clock

_T = TypeVar("_T")


class NotYet(NamedTuple):
    """A probe's answer when it wants to be asked again."""

    why: str = ""
    after: float = 0.0
    """It is not asked before so many seconds have passed: a server's Retry-After."""


_HEARTBEAT_SECONDS = 300
_SOON_SECONDS = 5
"""A first look that is followed by another so soon is not told: mostly that one has the answer."""
_MOST_DOUBLINGS = 60
_SHARE = 0.1
"""Of the time waited for an event: the pause before the next look, so that the run is no more than
that late, and a wait ten times as long needs only 24 looks more."""


@dataclass(frozen=True)
class Pauses:
    """The seconds between one question and the next, doubling from ``first`` to ``longest``."""

    first: float
    longest: float
    share: float | None = None
    """The part of the time waited so far that a pause does not exceed, beyond twice ``first``."""
    jitter: Callable[[], float] = lambda: 1.0
    """Answers what a pause is multiplied by, so that many clients do not come back together."""

    @classmethod
    def every(cls, seconds: float) -> Pauses:
        """Pauses that do not grow."""
        return cls(seconds, seconds)

    @classmethod
    def for_event(cls, first: float, longest: float) -> Pauses:
        """Pauses of a wait for what others do, which may take seconds or an hour.

        Short at first, for what the run did itself shows soon; then a tenth of the time waited.
        """
        return cls(first, longest, share=_SHARE)

    def find_next(self, asked: int, waited: float) -> float:
        """The pause after so many questions, the first of which is so many seconds ago."""
        pause = self.first * (1 << min(asked - 1, _MOST_DOUBLINGS))
        if self.share is not None:
            pause = min(pause, max(2 * self.first, self.share * waited))
        return min(pause, self.longest) * self.jitter()


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
    ``report`` is told why the probe waits and how many seconds are left: from the second look on,
    or the first where the next is not soon; when that reason changes; and every five minutes.
    """
    began, asked = clock.monotonic(), 0
    told: tuple[str, float] | None = None
    while True:
        answer, asked = probe(), asked + 1
        if not isinstance(answer, NotYet) or asked == attempts:
            return answer
        now = clock.monotonic()
        left, rest = began + seconds - now, max(pauses.find_next(asked, now - began), answer.after)
        if left <= 0 or (only_within and rest > left):
            return answer
        is_passing = asked == 1 and rest < _SOON_SECONDS
        if report is not None and not is_passing and _is_news(answer.why, left, told):
            told = (answer.why, left)
            report(*told)
        clock.sleep(min(rest, left))


def _is_news(why: str, left: float, told: tuple[str, float] | None) -> bool:
    """True for another reason than the one told before, and for the same after a while."""
    return told is None or why != told[0] or told[1] - left >= _HEARTBEAT_SECONDS
