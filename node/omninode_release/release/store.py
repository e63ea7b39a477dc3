"""What is kept of runs: the states of those that are not over, and the archive of the others.

The state is written after every step, whole and atomically, so the file is always some true
moment of the run. Loading asks the schema first: a file that does not fit is reported and left
as it is.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError, raise_storage_errors
from omninode_release.models.state import find_standing
from omninode_release.release.owners.run_lock import RunLock
from omninode_release.release.owners.worktree_owner import has_lost_run
from omninode_release.release.state_file import StateWriter, move_state, read_state
from omninode_release.system.files import (
    JsonLines,
    append,
    atomic_write_private,
    make_private_folder,
    read_file,
)
from omninode_release.system.presence import is_file, is_folder, is_there
from omninode_release.system.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omninode_release.models.state import RunStanding, RunState
    from omninode_release.release.owners.control import Control
    from omninode_release.system.clock import Clock
    from omninode_release.system.lock import Lock
    from omninode_release.system.paths import Places
    from omninode_release.system.process import JournalEntry


@dataclass(frozen=True)
class Store:
    """The runs of one state root, and of its control repository."""

    places: Places
    clock: Clock
    secrets: Secrets = field(default_factory=Secrets)
    """What nothing that is written down has in it; for those who write."""
    control: Control | None = None
    """Where runs are kept beside the state root (``state: git``), for those who change them."""

    @cached_property
    def _writer(self) -> StateWriter:
        return StateWriter(self.secrets)

    def save(self, state: RunState) -> None:
        text, path = self._writer.write(state), self.places.state(state.run_id)
        again = f"omni-release --resume {state.run_id}" if is_file(path) else None
        with raise_storage_errors(path, resume=again):
            atomic_write_private(path, text)
        if self.control is not None:
            self.control.keep(state.run_id, text)

    def has_state(self, run_id: str) -> bool:
        return is_file(self.places.state(run_id))

    def is_archived(self, run_id: str) -> bool:
        return is_file(self.places.archive / f"{run_id}.json")

    def is_taken(self, run_id: str) -> bool:
        """True for the name of a run that is over, or whose state is lost: no run resumes it."""
        if self.control is not None:
            return self.control.branch.is_over(run_id) or self.is_archived(run_id)
        return self.is_archived(run_id) or has_lost_run(self.places, run_id)

    def load(self, run_id: str) -> RunState:
        """The active state of ``run_id``. Raises STATE_NOT_FOUND or STATE_CORRUPT."""
        there = self._find_there(run_id)
        if there is not None:
            return there
        path = self.places.state(run_id)
        if not is_file(path):
            where = f"expected a state file {path}, found none"
            if self.is_archived(run_id):
                where = f"it is complete or given up; its state is in {self.places.archive}"
            elif self.control is not None and self.control.branch.is_over(run_id):
                where = f"it is complete or given up, as {self.control.branch.name} says"
            raise ReleaseError(
                ErrorCode.STATE_NOT_FOUND,
                f"there is no unfinished run {run_id}: {where}.",
                hint="omni-release status lists the runs; a fresh run starts without --resume",
            )
        return read_state(path, run_id)

    def list_states(self) -> Iterator[Path]:
        """Every active state file, by name."""
        if is_folder(self.places.states):
            yield from sorted(
                p for p in self.places.states.glob("*.json") if not p.name.startswith(".")
            )

    def list_runs(self) -> list[str]:
        """The names of all runs that are not over, here or in the control repository."""
        here = [path.stem for path in self.list_states()]
        if self.control is None:
            return here
        over = filter(self.control.branch.is_over, here)
        return sorted({*here, *self.control.branch.list_runs()} - {*over})

    def archive(self, state: RunState) -> None:
        """Move a run that is over out of the way of the next: ``state``, journal and events."""
        data = self._writer.write(state)
        if self.control is not None:  # first, for it has the say: what it does not take stays open
            self.control.put_away(state.run_id, data)
        with raise_storage_errors(self.places.archive):
            _move_files(self.places, state.run_id)
            archived = self.places.archive / f"{state.run_id}.json"
            if read_file(archived) != data:  # only now: what is given up by halves could be resumed
                atomic_write_private(archived, data)

    def _bring(self, control: Control, run_id: str) -> None:
        """Take what the control repository has of a run for what is here. Raises STATE_CORRUPT.

        A state is written there before the next thing is done in the world: what is here and not
        there has had no effect. A run that is not there at all stays as it is here.
        """
        path, is_over = self.places.state(run_id), control.branch.is_over(run_id)
        state = control.branch.find_state(run_id, over=is_over)
        if state is None:
            return
        data = self._writer.write(move_state(state, self.places))
        with raise_storage_errors(path):
            atomic_write_private(path, data)
            if is_over:
                _move_files(self.places, run_id)

    def _find_there(self, run_id: str, *, over: bool = False) -> RunState | None:
        """What the control repository has of a run that this process is not at work on."""
        if self.control is None or self.control.holds(run_id):
            return None
        state = self.control.branch.find_state(run_id, over=over)
        return None if state is None else move_state(state, self.places)

    def look(self, run_id: str) -> tuple[RunState, RunStanding]:
        """A run as it stands, active or archived. Raises STATE_NOT_FOUND or STATE_CORRUPT.

        A run writes down how it ends before it lets go of its lock: that is looked at first, and
        once more for a run that has begun meanwhile.
        """
        at_work = self.lock.is_at_work(run_id)
        state = self.find(run_id)
        return state, find_standing(state, is_at_work=at_work or self.lock.is_at_work(run_id))

    def find(self, run_id: str) -> RunState:
        """The state of a run, active or archived. Raises STATE_NOT_FOUND or STATE_CORRUPT."""
        over = self._find_there(run_id, over=True)
        if over is not None:
            return over
        if self.is_archived(run_id) and not self.has_state(run_id):
            return read_state(self.places.archive / f"{run_id}.json", run_id)
        return self.load(run_id)

    # One process at a time.

    @property
    def lock(self) -> RunLock:
        """Who is at work on a run."""
        return RunLock(self.places, self.clock, self.control)

    @contextmanager
    def hold(self, run_id: str, *, wait_seconds: float) -> Iterator[Lock]:
        """Hold the run lock, and have what the control repository knows of the run.

        Raises RUN_LOCKED, naming the holder, after ``wait_seconds``.
        """
        with self.lock.hold(run_id, wait_seconds=wait_seconds) as lock:
            if self.control is not None and run_id:
                self._bring(self.control, run_id)
            yield lock


def _move_files(places: Places, run_id: str) -> None:
    make_private_folder(places.archive)
    # The state last: a run killed between them is finished by archiving it again, and what
    # that adds to a log is added to the archived one.
    for log in (places.journal(run_id), places.events(run_id)):
        archived = places.archive / log.name
        if is_there(log) and is_there(archived):
            append(archived, read_file(log))
            log.unlink()
        elif is_there(log):
            os.replace(log, archived)  # noqa: PTH105 - atomic
    path = places.state(run_id)
    os.replace(path, places.archive / path.name)  # noqa: PTH105 - atomic


class Journal(JsonLines):
    """Every program a run starts, how it ended, and when: seconds after the journal was opened."""

    def __init__(self, path: Path, clock: Clock, secrets: Secrets) -> None:
        super().__init__(path, secrets)
        self._clock = clock
        self._opened = clock.monotonic()

    def __call__(self, entry: JournalEntry) -> None:
        line = {
            "at": self._clock.now().isoformat(),
            "step": entry.step,
            "argv": list(entry.argv),
            "cwd": entry.cwd,
            "exit_code": entry.returncode,
            "began": round(entry.began - self._opened, 4),
            "seconds": round(entry.seconds, 4),
        }
        self.write(line | ({"note": entry.note} if entry.note else {}))
