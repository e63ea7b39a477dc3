"""What a run reports while it works; a console, a log or Slack subscribes to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from omninode_release.errors import ReleaseError
from omninode_release.models.outputs import Output
from omninode_release.models.phase import Phase
from omninode_release.models.plan import Plan


@dataclass(frozen=True)
class PlanReady:
    plan: Plan
    facts_of: Literal["clones", "remotes"]


@dataclass(frozen=True)
class RepoStarted:
    repo: str
    number: int
    of: int
    old_version: str
    new_version: str


@dataclass(frozen=True)
class StepStarted:
    repo: str
    phase: Phase


@dataclass(frozen=True)
class StepDone:
    repo: str
    phase: Phase
    output: Output
    seconds: float
    already: bool
    """The effect was there before; nothing was done."""


@dataclass(frozen=True)
class StepFailed:
    repo: str
    phase: Phase
    error: ReleaseError


@dataclass(frozen=True)
class RepoDone:
    repo: str
    new_version: str
    published: bool
    """The index has it; otherwise nobody waited to see it there."""


@dataclass(frozen=True)
class Waiting:
    what: str
    seconds_left: float


@dataclass(frozen=True)
class Note:
    """Something a person should know that is not an error."""

    text: str


Event = PlanReady | RepoStarted | StepStarted | StepDone | StepFailed | RepoDone | Waiting | Note
Report = Callable[[Event], None]
