"""What one who watches a run sees of it at a moment: how far each repository is, and the step now.

``Board`` takes the events in and answers lines; nothing here knows a terminal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.events import (
    PlanReady,
    Rehearsing,
    RepoDone,
    RepoStarted,
    StepDone,
    StepFailed,
    StepStarted,
    Waiting,
    Working,
)
from omninode_release.models.plan import PlanStatus
from omninode_release.text.control_characters import plain
from omninode_release.text.durations import write_duration
from omninode_release.text.fold import fold_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from omninode_release.events import Event
    from omninode_release.models.plan import Plan
    from omninode_release.system.clock import Clock

_MARKS = {"released": "✓", "failed": "✗", "now": "▸", "planned": "·"}
_LEFT = {
    PlanStatus.RELEASE: ("planned", ""),
    PlanStatus.DONE: ("released", "released before"),
}
"""How a row of the plan begins: kind and step."""
_FEWEST_ROWS = 3
_BESIDE_A_NAME = 36
"""Columns for tier, mark and step: one long name must not push every row over two lines."""


class Line(NamedTuple):
    """A line of the board, and what it is about: a key of the marks, ``waiting`` or ``head``."""

    text: str
    kind: str


@dataclass
class _Row:
    """A repository that is released by the run."""

    repo: str
    tier: int
    versions: str
    kind: str = "planned"
    step: str = ""


@dataclass
class Board:
    """How a run stands, as its events tell it."""

    clock: Clock
    hide: Callable[[str], str] = str
    """Takes secrets out of a line."""
    rows: dict[str, _Row] = field(default_factory=dict)
    now: str = ""
    """What the run is at."""
    since: float = 0.0
    """When that began."""
    repo: str = ""
    """The repository that it is at."""
    waiting: Waiting | None = None
    until: float = 0.0
    """When what is waited for is given up, by the monotonic clock."""
    began: float | None = None
    run_id: str = ""

    def __call__(self, event: Event) -> None:  # noqa: C901 - one case each
        if not isinstance(event, Waiting):
            self.waiting = None
        match event:
            case PlanReady(plan=plan):
                self._plan(plan)
            case Working():
                self._begin(event.what)
            case Rehearsing():
                self._begin(f"rehearsing {event.number} of {event.of}: {event.repo}")
            case RepoStarted():
                self._enter(event.repo)
            case StepStarted():
                self.repo = event.repo
                self._begin(event.phase)
            case StepDone():
                self._row(event.repo).step = event.phase
            case StepFailed():
                self._end(event.repo, "failed", f"{event.phase} {event.error.code}")
            case RepoDone():
                self._end(event.repo, "released", f"released, {write_duration(event.seconds)}")
            case Waiting():
                self.waiting = event
                self.until = self.clock.monotonic() + event.seconds_left
            case _:
                pass

    def render(self, width: int, height: int) -> list[Line]:
        """The board in at most ``height`` lines: around what is worked on where it is longer."""
        head = [*self._render_head(width)]
        wait = [*self._render_waiting(width)]
        rows = [*self._render_rows(width)] if self.began is not None else []
        room = max(height - len(head) - len(wait), _FEWEST_ROWS)
        return [*head, *_cut(rows, room), *wait]

    # What the events change.

    def _plan(self, plan: Plan) -> None:
        self.run_id = plan.run_id
        self._begin("at the gate")
        self.rows = {
            row.repo: _Row(row.repo, row.tier, " → ".join(row.versions), *_LEFT[row.status])
            for row in plan.entries
            if row.status in _LEFT
        }

    def _begin(self, what: str) -> None:
        self.now, self.since = what, self.clock.monotonic()

    def _enter(self, repo: str) -> None:
        self.repo, self.now = repo, ""  # what came before, such as the gate, is over
        self._row(repo).kind = "now"
        self.began = self.clock.monotonic() if self.began is None else self.began

    def _end(self, repo: str, kind: str, step: str) -> None:
        row = self._row(repo)
        row.kind, row.step, self.now, self.repo = kind, step, "", ""

    def _row(self, repo: str) -> _Row:
        return self.rows.setdefault(repo, _Row(repo, 0, ""))

    # What is shown.

    def _render_head(self, width: int) -> Iterator[Line]:
        if self.began is None:
            head = f"{self.now or 'working'}  {self._age(self.since)}"
        else:
            done = sum(row.kind == "released" for row in self.rows.values())
            head = f"{self.run_id}: {done} of {len(self.rows)} released, {self._age(self.began)}"
            head += f"; {self.now}  {self._age(self.since)}" if self.now and not self.repo else ""
            yield Line("", "head")
        yield from (Line(each, "head") for each in self._fold(head, width))

    def _render_rows(self, width: int) -> Iterator[Line]:
        versions = max((len(row.versions) for row in self.rows.values()), default=0)
        names = max((len(row.repo) for row in self.rows.values()), default=0)
        names = min(names, max(width - versions - _BESIDE_A_NAME, 0))
        tier = 0
        for row in self.rows.values():
            label = f"Tier {row.tier}" if row.tier != tier else ""
            tier = row.tier
            at_work = row.kind == "now" and row.repo == self.repo and self.now
            step = f"{self.now} {self._age(self.since)}" if at_work else row.step
            text = (
                f"  {label:<8}{_MARKS[row.kind]} {row.repo:<{names}}"
                f"  {row.versions:<{versions}}  {step}"
            )
            yield from (Line(each, row.kind) for each in self._fold(text.rstrip(), width))

    def _render_waiting(self, width: int) -> Iterator[Line]:
        if self.waiting is None:
            return
        left = max(self.until - self.clock.monotonic(), 0.0)
        at = f"{self.clock.now() + timedelta(seconds=left):%H:%M} UTC"
        lines = [
            f"  waiting for {plain(self.waiting.subject)}",
            f"  until {at}, {write_duration(left)} left",
        ]
        lines += [f"  {plain(self.waiting.link)}"] if self.waiting.link else []
        for line in lines:
            yield from (Line(each, "waiting") for each in self._fold(line, width))

    def _fold(self, line: str, width: int) -> list[str]:
        return fold_line(self.hide(line), width)

    def _age(self, since: float) -> str:
        seconds = int(self.clock.monotonic() - since)
        return write_duration(seconds) if seconds >= 10 else f"{seconds} s"


def _cut(rows: list[Line], room: int) -> list[Line]:
    """Those around the one that is worked on, with how many are left out above and below."""
    if len(rows) <= room:
        return rows
    room -= 2
    ended = [at for at, row in enumerate(rows) if row.kind != "planned"]
    at = max(ended, default=0)
    start = min(max(at - room // 2, 0), len(rows) - room)
    above, below = start, len(rows) - start - room
    return [
        Line(f"          … {above} more above", "planned"),
        *rows[start : start + room],
        Line(f"          … {below} more below", "planned"),
    ]
