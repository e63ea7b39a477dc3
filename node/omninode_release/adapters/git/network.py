"""Git over a network: what is asked again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from omninode_release.adapters.git.remedies import is_passing
from omninode_release.errors import ProgramFailed
from omninode_release.system.wait import NotYet, Pauses, poll

if TYPE_CHECKING:
    from collections.abc import Callable

    from omninode_release.errors import ReleaseError
    from omninode_release.models.config_parts import Polling
    from omninode_release.system.clock import Clock

_T = TypeVar("_T")


@dataclass(frozen=True)
class Patience:
    """How often git is tried again over a network, and with which pauses."""

    clock: Clock
    polling: Polling
    attempts: int = 5
    seconds: float = 300.0
    """After which it is not tried again, however many attempts are left."""

    def persist(self, act: Callable[[], _T], landed: Callable[[], _T | None] | None = None) -> _T:
        """What ``act`` answers, tried again while the connection fails or another git is at work.

        ``landed`` is asked after every failure whether it was done all the same. Raises the last
        failure.
        """
        failures: list[ReleaseError] = []

        def attempt() -> _T | NotYet:
            try:
                return act()
            except ProgramFailed as error:
                found = landed() if landed else None
                if found is not None:
                    return found
                failures.append(error)
                if not is_passing(error):
                    raise
                return NotYet(error.message)

        pauses = Pauses(self.polling.min_seconds, self.polling.max_seconds)
        answer = poll(
            attempt, self.clock, seconds=self.seconds, pauses=pauses, attempts=self.attempts
        )
        if isinstance(answer, NotYet):
            raise failures[-1]
        return answer
