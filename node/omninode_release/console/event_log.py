"""The events of a run as JSON lines, for a command that follows it and for ``--events``.

An event is written for what changes something outside, for what is waited for and for what ends.
The steps between are told by the event after them, and a wait that goes on as it was is not told
again: six repositories in all their steps are fewer than sixty events.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from omninode_release.console.render import render_event
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import (
    PlanReady,
    Rehearsing,
    StepDone,
    StepFailed,
    StepStarted,
    Waiting,
    Working,
)
from omninode_release.models.event import RunEvent, TakenStep
from omninode_release.models.phase import Phase
from omninode_release.models.result import ResultStatus
from omninode_release.system.files import read_file
from omninode_release.text.next_commands import find_commands

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from omninode_release.events import Event
    from omninode_release.models.event import EndStatus
    from omninode_release.models.result import ModelSkillResult
    from omninode_release.system.clock import Clock
    from omninode_release.system.files import JsonLines, StreamLines
    from omninode_release.system.paths import Places

_TOLD = frozenset({Phase.COMMIT, Phase.PR, Phase.MERGE, Phase.TAG})
"""Phases whose end is an event of its own."""
_TOLD_NEXT = Phase.PUBLISH
"""RepoDone, which follows it, tells of it."""
_FIELDS = RunEvent.model_fields.keys() - {"number"}  # of a row among the rows, in some events
_SILENT_SECONDS = 60.0
"""After so long without an event a step is one by itself, whatever its phase."""
_TO_THE_SECOND = 19
"""Characters of a moment: an event's has nothing behind them but its zone."""
_STATUS: Mapping[ResultStatus, EndStatus] = {
    ResultStatus.SUCCESS: "completed",
    ResultStatus.PARTIAL: "partial",
    ResultStatus.FAILED: "failed",
    ResultStatus.DRY_RUN: "dry_run",
}


def list_waited_for(events: Iterable[Mapping[str, Any]], *, since: datetime | None) -> list[str]:
    """What a run waits for by its last word, of the process that is at it since ``since``."""
    [*_, last] = [{}, *filter(None, events)]
    if last.get("event") != "Waiting" or since is None:
        return []
    if str(last.get("at"))[:_TO_THE_SECOND] < since.isoformat()[:_TO_THE_SECOND]:
        return []
    # Above it stand the steps that became complete before; the time left was that of then.
    return [re.sub(r" \([^()]* left\)", "", line) for line in last.get("lines", ())[-1:]]


def count_events(places: Places, run_id: str) -> int:
    """How many events of a run are written down; a log that cannot be read counts for none."""
    return sum(map(_count_lines, places.list_everywhere(places.events(run_id))))


def _count_lines(log: Path) -> int:
    """Its lines; what only shows a run never keeps it from going on."""
    with suppress(OSError, ReleaseError):
        return read_file(log).count(b"\n")
    return 0


class EventLog:
    """Writes down each event as ``RunEvent`` has it."""

    def __init__(
        self,
        write: Callable[[Mapping[str, Any]], None],
        run_id: str,
        clock: Clock,
        *,
        written: int = 0,
    ) -> None:
        """``written`` is how many events of the run there are already."""
        self._write = write
        self._run_id = run_id
        self._clock = clock
        self._number = written
        self._held: list[StepDone] = []
        self._last = clock.monotonic()
        self._waited_for: str | None = None

    def __call__(self, event: Event) -> None:
        if _is_passing(event) or self._goes_on(event):
            return
        if isinstance(event, StepDone):
            self._held.append(event)
            if event.phase not in _TOLD and not self._is_long_silent(event.phase):
                return
        self._write_down(event)

    def _is_long_silent(self, phase: Phase) -> bool:
        quiet = self._clock.monotonic() - self._last
        return quiet >= _SILENT_SECONDS and phase is not _TOLD_NEXT

    def _goes_on(self, event: Event) -> bool:
        """True for a wait that is told already, and still is for the same."""
        before = self._waited_for
        self._waited_for = event.subject if isinstance(event, Waiting) else None
        return self._waited_for is not None and self._waited_for == before

    def close(self) -> None:
        """Write down the steps that no other event has told of."""
        if self._held:
            self._write_down(self._held[-1])

    def _write_down(self, event: Event) -> None:
        held, self._held = self._held, []
        shown = [*held, *([] if isinstance(event, StepDone) else [event])]
        value = RunEvent(
            event=type(event).__name__,
            run_id=self._run_id,
            number=self._number + 1,
            at=self._clock.now(),
            steps=tuple(map(_describe_step, held)),
            lines=tuple(line for each in shown for line in render_event(each)),
            **_describe(event),
        )
        self._write(value.model_dump(mode="json", exclude_defaults=True))
        self._number += 1
        self._last = self._clock.monotonic()


def _describe_step(done: StepDone) -> TakenStep:
    seconds = round(done.seconds, 3)
    return TakenStep(repo=done.repo, phase=done.phase, seconds=seconds, already=done.already)


def _is_passing(event: Event) -> bool:
    """True for what only one who watches wants to know."""
    return isinstance(event, StepStarted | Working) or (
        isinstance(event, Rehearsing) and event.number > 1
    )


def _describe(event: Event) -> dict[str, Any]:
    """The fields of ``RunEvent`` that the event fills: most have its names."""
    told = {name: value for name, value in event._asdict().items() if name in _FIELDS}
    if isinstance(event, PlanReady):
        return {"plan_hash": event.plan.plan_hash}
    if isinstance(event, StepFailed):
        error = event.error
        commands = tuple(find_commands(error.hint or ""))
        return told | {
            "error_code": error.code,
            "error": error.text,
            "last_output": error.last_output,
            "next": commands,
        }
    return {name: round(v, 3) if isinstance(v, float) else v for name, v in told.items()}


def _find_end_status(result: ModelSkillResult) -> EndStatus:
    """How a run stands that ended so; without a gate it never had a state, and was refused."""
    if result.status is ResultStatus.FAILED and result.gate is None:
        return "refused"
    return "interrupted" if result.error_code is ErrorCode.INTERRUPTED else _STATUS[result.status]


def write_end(lines: StreamLines | JsonLines, result: ModelSkillResult, exit_code: int) -> None:
    """Write the last event: how the run ended, as ``wait`` tells it."""
    end = RunEvent(
        event="Ended",
        run_id=result.run_id,
        exit_code=exit_code,
        status=_find_end_status(result),
        error_code=result.error_code,
        error=result.error,
        last_output=result.last_output,
        next=result.next,
    )
    with suppress(OSError, ValueError):  # the run has told of a stream that takes no more
        lines.write(end.model_dump(mode="json", exclude_defaults=True))
