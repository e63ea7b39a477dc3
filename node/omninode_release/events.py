"""What a run reports while it works; a console, a log or Slack subscribes to it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, ParamSpec

if TYPE_CHECKING:
    from omninode_release.errors import ReleaseError
    from omninode_release.models.phase import Phase
    from omninode_release.models.plan import Plan
    from omninode_release.models.verification import Verification


_P = ParamSpec("_P")
_logger = logging.getLogger(__name__)


class PlanReady(NamedTuple):
    plan: Plan
    rules: str = ""
    """Those of the gate, where a person is asked about the plan right below it on a terminal."""


class Working(NamedTuple):
    """What the run is at just now; for the one who watches it, and not kept."""

    what: str


class Rehearsing(NamedTuple):
    repo: str
    number: int
    of: int


class GatePassed(NamedTuple):
    by: str
    """Who let the plan through, and by which means."""
    plan_hash: str


class RepoStarted(NamedTuple):
    repo: str
    number: int
    of: int
    old_version: str
    new_version: str


class StepStarted(NamedTuple):
    repo: str
    phase: Phase


class StepDone(NamedTuple):
    repo: str
    phase: Phase
    summary: str
    """What the phase leaves, in one line."""
    seconds: float
    already: bool
    """True when the effect was there before this run asked for it."""
    link: str | None = None
    """Where what the phase made can be looked at."""
    sha: str | None = None
    """The commit it left."""
    shared: bool = False
    """True when other packages of the repository are released in between."""


class StepFailed(NamedTuple):
    repo: str
    phase: Phase
    error: ReleaseError


class RepoDone(NamedTuple):
    repo: str
    old_version: str
    new_version: str
    published: bool
    """The index has it; otherwise the run did not wait to see it there."""
    publishes: bool
    """False where its tag is all there is of its release."""
    link: str | None
    """The workflow run that published."""
    sha: str | None
    """The commit that is tagged."""
    seconds: float
    """How long this invocation was at it."""


class Verified(NamedTuple):
    """The published packages were looked at together, or could not be."""

    found: Verification
    python: str | None
    """The version of the Python they were installed with; None where none was chosen."""
    seconds: float


class Waiting(NamedTuple):
    what: str
    seconds_left: float
    repo: str | None = None
    link: str | None = None
    """Where it can be looked at."""

    @property
    def subject(self) -> str:
        """What is waited for, with the repository it concerns."""
        return f"{self.repo}: {self.what}" if self.repo else self.what


class Note(NamedTuple):
    """Something a person should know that is not an error."""

    text: str


Event = (
    PlanReady
    | Working
    | Rehearsing
    | GatePassed
    | RepoStarted
    | StepStarted
    | StepDone
    | StepFailed
    | RepoDone
    | Verified
    | Waiting
    | Note
)
Report = Callable[[Event], None]


class Subscribers:
    """A report that tells every subscriber, and that no subscriber can make fail.

    What only shows or logs never decides how a run ends. The first failure of a subscriber is told
    to the others; the subscriber goes on getting events, since the next one may be fine.
    """

    def __init__(self, *subscribers: Report) -> None:
        self._subscribers = subscribers
        self._broken: list[Report] = []

    def __call__(self, event: Event) -> None:
        for subscriber in self._subscribers:
            error = _tell(subscriber, event)
            if error is not None and subscriber not in self._broken:
                self._broken.append(subscriber)
                for other in self._subscribers:
                    if other not in self._broken:
                        _tell(other, _incomplete(error))

    def also(self, subscriber: Report) -> Subscribers:
        """The same with one more."""
        return Subscribers(*self._subscribers, subscriber)

    def close(self) -> None:
        """Let each subscriber that has an end come to it."""
        for subscriber in self._subscribers:
            shielded(getattr(subscriber, "close", lambda: None))()


def _tell(subscriber: Report, event: Event) -> Exception | None:
    """Hand an event on; what it failed with."""
    try:
        subscriber(event)
    except Exception as error:
        _logger.debug("%s failed", subscriber, exc_info=True)
        return error
    return None


def shielded(listener: Callable[_P, None], report: Report | None = None) -> Callable[_P, None]:
    """``listener`` for something other than events; its first failure is a note in ``report``."""
    failed = False

    def listen(*args: _P.args, **kwargs: _P.kwargs) -> None:
        nonlocal failed
        try:
            listener(*args, **kwargs)
        except Exception as error:
            _logger.debug("%s failed", listener, exc_info=True)
            if report is not None and not failed:
                failed = True  # before it is told: telling may start a program
                report(_incomplete(error))

    return listen


def _incomplete(error: Exception) -> Note:
    return Note(f"not everything is shown or logged: {type(error).__name__}: {error}")
