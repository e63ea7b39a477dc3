"""An event as a program reads it: a line of ``wait --json``, ``--events`` and a run's event log."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from omninode_release.errors import ErrorCode
from omninode_release.models.field_types import (
    Commands,
    LastOutput,
    Moment,
    PlanHash,
    Problem,
    PullUrl,
    Repo,
    RunId,
    RunUrl,
    Sha,
    Version,
)
from omninode_release.models.model import Model
from omninode_release.models.phase import Phase
from omninode_release.models.state import RunStanding

EventName = Literal[
    "PlanReady",
    "Rehearsing",
    "GatePassed",
    "RepoStarted",
    "StepDone",
    "StepFailed",
    "RepoDone",
    "Verified",
    "Waiting",
    "Note",
    "StillRunning",
    "Ended",
]
EndStatus = Literal[RunStanding, "refused", "dry_run"]


class TakenStep(Model):
    """A step that is complete."""

    repo: Repo
    """The repository."""
    phase: Phase
    """The phase that is complete."""
    seconds: float
    """How long it took."""
    already: bool = False
    """Its effect was there before this run asked for it."""


class RunEvent(Model):
    """Something that happened in a run; a field that says nothing of it is left out."""

    event: EventName
    """Its name; ``StillRunning`` and ``Ended`` are the last words of a ``wait``."""
    run_id: RunId
    """The run."""
    number: Annotated[int, Field(examples=[12])] | None = None
    """Its place among the run's events, from 1; of all but the last words of a ``wait``."""
    at: Moment | None = None
    """When; of the same."""
    repo: Repo | None = None
    """The repository it is about."""
    phase: Phase | None = None
    """The phase it is about."""
    steps: tuple[TakenStep, ...] = ()
    """Every step that has become complete since the event before it."""
    old_version: Version | None = None
    """The version before this run."""
    new_version: Version | None = None
    """The version this run releases."""
    plan_hash: PlanHash | None = None
    """The plan that was shown or approved."""
    link: PullUrl | RunUrl | None = None
    """Where what it is about can be looked at."""
    sha: Sha | None = None
    """The commit that the step left."""
    seconds: float | None = None
    """How long it took."""
    seconds_left: float | None = None
    """How long it is waited for yet, at most."""
    error_code: ErrorCode | None = None
    """The code of ``error``."""
    error: Problem | None = None
    """Why it stopped, and what to type next."""
    last_output: LastOutput | None = None
    """What the program printed last that it stopped by."""
    next: Commands = ()
    """Commands to go on with."""
    lines: Annotated[
        tuple[str, ...],
        Field(examples=[["  PR         https://github.com/o/omnibase_core/pull/42"]]),
    ] = ()
    """The same as a person reads it."""
    after: Annotated[int, Field(examples=[12])] | None = None
    """For ``wait --after``: the number of the last event that was printed."""
    pid: Annotated[int, Field(examples=[4711])] | None = None
    """The process that carries the run out."""
    exit_code: Annotated[int, Field(examples=[0])] | None = None
    """What the run ended with."""
    status: EndStatus | None = None
    """How it ended, as ``omni-release status`` says it; ``refused``: this call began nothing."""
    log: Annotated[str, Field(examples=["/home/me/.claude/state/release/r1.out"])] | None = None
    """Where a run in the background prints to; of one that was refused before it had a state."""
    said: Annotated[tuple[str, ...], Field(examples=[["INVALID_GATE_TOKEN: …"]])] = ()
    """The last lines there."""
