"""Where the time of a run went: spans of its steps, from the journal of the programs it ran."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby, zip_longest
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from omninode_release.models.phase import Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from omninode_release.models.state import RunState


class Kind(StrEnum):
    """What a share of a step's time went into."""

    GIT = "git"
    UV = "uv"
    HOOKS = "hooks"
    FORGE = "forge"
    CHECKS = "checks and queue"
    INDEX = "workflow and index"
    OTHER = "other programs"
    OWN = "omni-release"


_KIND_OF = {"git": Kind.GIT, "uv": Kind.UV, "pre-commit": Kind.HOOKS, "gh": Kind.FORGE}
_SECOND = timedelta(seconds=1)
"""What the stamps of journal and state are rounded down to."""
_AGREE = timedelta(seconds=1.2)
"""How far apart the stamps of one invocation may be: rounded, and written a little late."""
_WAITS = {Phase.MERGE: Kind.CHECKS, Phase.PUBLISH: Kind.INDEX}


@dataclass(frozen=True)
class Span:
    """One step of one repository while it was worked on without a pause."""

    repo: str
    phase: Phase
    start: datetime
    end: datetime
    shares: Mapping[Kind, float]
    """Seconds by what they went into."""
    failed: bool = False

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True)
class _Entry:
    """One program that ran, as the journal has it."""

    step: str
    end: datetime
    seconds: float
    program: str
    offset: float | None
    """Its end in seconds after the journal was opened; None where an earlier version wrote it."""

    @property
    def start(self) -> datetime:
        return self.end - timedelta(seconds=self.seconds)

    @property
    def opened(self) -> datetime:
        """When the journal was opened, at the earliest: ``end`` is a whole second, rounded down."""
        return self.end - timedelta(seconds=self.offset or 0)


def read_timeline(state: RunState, journal: Iterable[Mapping[str, Any]]) -> tuple[Span, ...]:
    """The spans of a run, oldest first; a line of the journal that a crash tore is passed over."""
    entries = [entry for line in journal if (entry := _read_entry(line)) is not None]
    return tuple(_read_spans(state, [*_refine(entries)]))


def _refine(entries: Iterable[_Entry]) -> Iterator[_Entry]:
    """The entries, each at its very moment.

    Those of one invocation agree on when it opened the journal, and all of them together say it
    finely. One that disagrees is of the next invocation, or of a clock that was set meanwhile.
    """
    together: list[_Entry] = []
    low = high = None
    for entry in entries:
        low, high = min(low or entry.opened, entry.opened), max(high or entry.opened, entry.opened)
        if high - low > _AGREE:
            yield from _place(together)
            together, low, high = [], entry.opened, entry.opened
        together.append(entry)
    yield from _place(together)


def _place(together: Sequence[_Entry]) -> Iterator[_Entry]:
    opened = max((each.opened for each in together), default=None)
    for each in together:
        if opened is None or each.offset is None:
            yield each
        else:
            yield replace(each, end=opened + timedelta(seconds=each.offset))


def _read_entry(line: Mapping[str, Any]) -> _Entry | None:
    match line:
        case {"at": str(at), "step": str(step), "seconds": int() | float() as seconds, **rest}:
            argv, began = rest.get("argv"), rest.get("began")
            program = PurePath(str(argv[0])).name if isinstance(argv, list) and argv else ""
            offset = began + float(seconds) if isinstance(began, int | float) else None
            try:
                return _Entry(step, datetime.fromisoformat(at), float(seconds), program, offset)
            except ValueError:
                return None
        case _:
            return None


def _read_spans(state: RunState, entries: Sequence[_Entry]) -> Iterator[Span]:
    groups = [list(group) for _, group in groupby(entries, key=lambda entry: entry.step)]
    for group, after in zip_longest(groups, groups[1:]):
        limit = after[0].start if after else None
        repo, _, name = group[0].step.partition("/")
        if repo in state.repos and name in set(Phase):
            yield _make_span(state, repo, Phase(name), group, limit)


def _make_span(
    state: RunState,
    repo: str,
    phase: Phase,
    entries: Sequence[_Entry],
    limit: datetime | None,
) -> Span:
    """One span, which is over when the next step runs a program."""
    start, last = entries[0].start, entries[-1].end
    # A step may wait without running a program: its record says when it was over.
    ends = [
        event
        for event in state.repos[repo].phase_history
        if event.phase is phase.leads_to
        and event.at + _SECOND > last
        and (not limit or event.at <= limit)
    ]
    end = max(last, ends[0].at) if ends else last
    shares: dict[Kind, float] = {}
    for entry in entries:
        kind = _KIND_OF.get(entry.program, Kind.OTHER)
        shares[kind] = shares.get(kind, 0) + entry.seconds
    rest = (end - start).total_seconds() - sum(shares.values())
    if rest > 0:
        shares[_WAITS.get(phase, Kind.OWN)] = rest
    return Span(repo, phase, start, end, shares, bool(ends) and ends[0].event == "FAILED")
