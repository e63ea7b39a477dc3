"""What a run reports while it works; a console, a log or Slack subscribes to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from omninode_release.errors import ReleaseError
    from omninode_release.models.outputs import Output
    from omninode_release.models.phase import Phase
    from omninode_release.models.plan import Plan


class PlanReady(NamedTuple):
    plan: Plan
    facts_of: Literal["clones", "remotes"]


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
    output: Output
    seconds: float
    already: bool
    """The effect was there before; nothing was done."""


class StepFailed(NamedTuple):
    repo: str
    phase: Phase
    error: ReleaseError


class RepoDone(NamedTuple):
    repo: str
    new_version: str
    published: bool
    """The index has it; otherwise nobody waited to see it there."""


class Waiting(NamedTuple):
    what: str
    seconds_left: float


class Note(NamedTuple):
    """Something a person should know that is not an error."""

    text: str


Event = (
    PlanReady
    | GatePassed
    | RepoStarted
    | StepStarted
    | StepDone
    | StepFailed
    | RepoDone
    | Waiting
    | Note
)
Report = Callable[[Event], None]


def both(first: Report, second: Report) -> Report:
    """Tell two of every event."""

    def report(event: Event) -> None:
        first(event)
        second(event)

    return report
