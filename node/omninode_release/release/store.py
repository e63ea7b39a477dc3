"""What a run writes down: state, archive and result; and the lock that guards them.

The state is written after every step, whole and atomically, so the file is always some true
moment of the run. Loading asks the schema first: a file that does not fit is reported and left
as it is.
"""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omninode_release.contract.schemas import check
from omninode_release.errors import ErrorCode, ReleaseError, storage_error
from omninode_release.models.state import find_standing
from omninode_release.release.state_file import move_state, read_state
from omninode_release.system.files import (
    PRIVATE,
    append,
    atomic_write_private,
    atomic_write_shared,
    encode_json,
    make_private_folder,
    read_file,
)
from omninode_release.system.lock import Holder, Lock
from omninode_release.system.secrets import Secrets
from omninode_release.system.wait import NotYet, Pauses, poll

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omninode_release.models.lease import Lease
    from omninode_release.models.result import ModelSkillResult
    from omninode_release.models.state import RunStanding, RunState
    from omninode_release.release.control import Control
    from omninode_release.system.clock import Clock
    from omninode_release.system.paths import Places

_LOCK_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Store:
    """The state root of one user."""

    places: Places
    clock: Clock
    secrets: Secrets = field(default_factory=Secrets)
    """What nothing that is written down has in it; for those who write."""
    control: Control | None = None
    """Where runs are kept beside the state root (``state: git``), for those who change them."""

    # State.

    def save(self, state: RunState) -> None:
        text, path = self._encode(state), self.places.state(state.run_id)
        with _writing(path, resume=f"omni-release --resume {state.run_id}"):
            atomic_write_private(path, text)
        if self.control is not None:
            self.control.keep(state.run_id, text)

    def has_state(self, run_id: str) -> bool:
        return self.places.state(run_id).is_file()

    def is_archived(self, run_id: str) -> bool:
        return (self.places.archive / f"{run_id}.json").is_file()

    def is_taken(self, run_id: str) -> bool:
        """True for the name of a run that is over, here or in the control repository."""
        there = self.control is not None and self.control.is_over(run_id)
        return there or self.is_archived(run_id)

    def load(self, run_id: str) -> RunState:
        """The active state of ``run_id``. Raises STATE_NOT_FOUND or STATE_CORRUPT."""
        there = self._find_there(run_id)
        if there is not None:
            return there
        path = self.places.state(run_id)
        if not path.is_file():
            where = f"expected a state file {path}, found none"
            if self.is_archived(run_id):
                where = f"it is complete or given up; its state is in {self.places.archive}"
            raise ReleaseError(
                ErrorCode.STATE_NOT_FOUND,
                f"there is no unfinished run {run_id}: {where}.",
                hint="omni-release status lists the runs; a fresh run starts without --resume",
            )
        return read_state(path, run_id)

    def list_states(self) -> Iterator[Path]:
        """Every active state file, by name."""
        if self.places.states.is_dir():
            yield from sorted(
                p for p in self.places.states.glob("*.json") if not p.name.startswith(".")
            )

    def list_runs(self) -> list[str]:
        """The names of all runs that are not over, here or in the control repository."""
        here = [path.stem for path in self.list_states()]
        if self.control is None:
            return here
        over = filter(self.control.is_over, here)
        return sorted({*here, *self.control.list_runs()} - {*over})

    def archive(self, state: RunState) -> None:
        """Move a finished run's state, journal and events out of the way of the next run."""
        with _writing(self.places.archive):
            self._archive(state)
        if self.control is not None:
            self.control.put_away(state.run_id, self._encode(state))

    def _archive(self, state: RunState) -> None:
        make_private_folder(self.places.archive)
        # The state last: a run killed between them is finished by archiving it again, and what
        # that adds to a log is added to the archived one.
        for log in (self.places.journal(state.run_id), self.places.events(state.run_id)):
            archived = self.places.archive / log.name
            if log.exists() and archived.exists():
                append(archived, read_file(log))
                log.unlink()
            elif log.exists():
                os.replace(log, archived)  # noqa: PTH105 - atomic
        path = self.places.state(state.run_id)
        os.replace(path, self.places.archive / path.name)  # noqa: PTH105 - atomic

    def _encode(self, state: RunState) -> bytes:
        return encode_json(self.secrets.hide_in(state.model_dump(mode="json")))

    def _bring(self, control: Control, run_id: str) -> None:
        """Take what the control repository has of a run for what is here. Raises STATE_CORRUPT.

        A state is written there before the next thing is done in the world: what is here and not
        there has had no effect. A run that is not there at all stays as it is here.
        """
        path, is_over = self.places.state(run_id), control.is_over(run_id)
        state = control.find_state(run_id, over=is_over)
        if state is None:
            return
        data = self._encode(move_state(state, self.places))
        with _writing(path):
            atomic_write_private(self.places.archive / path.name if is_over else path, data)
            if is_over:
                path.unlink(missing_ok=True)

    def _find_there(self, run_id: str, *, over: bool = False) -> RunState | None:
        """What the control repository has of a run that this process is not at work on."""
        if self.control is None or self.control.holds(run_id):
            return None
        state = self.control.find_state(run_id, over=over)
        return None if state is None else move_state(state, self.places)

    def count_events(self, run_id: str) -> int:
        """How many events of a run are written down; a log that cannot be read counts for none."""
        return sum(map(_count_lines, self.list_events(run_id)))

    def list_events(self, run_id: str) -> tuple[Path, ...]:
        """Where the events of a run may be: a killed run may have left them in two places."""
        path = self.places.events(run_id)
        return self.places.archive / path.name, path

    # Result.

    def write_result(self, context_id: str, result: ModelSkillResult, *, validate: bool) -> None:
        """Write the result file; a dry run leaves the schema to pydantic (start-up time)."""
        path = self.places.result(context_id)
        if validate:
            value = result.model_dump(mode="json")
            check("result", value, code=ErrorCode.OUTPUT_INVALID, where=str(path))
        make_private_folder(path.parent)
        data = f"{result.write_json()}\n".encode(errors="backslashreplace")
        atomic_write_shared(path, data, mode=PRIVATE)  # a dry run takes no lock

    # The lock.

    def find_pid(self, run_id: str) -> int | None:
        """The process that is at a run on this machine just now."""
        holder = self.find_holder(run_id)
        return None if holder is None else holder.pid

    def find_holder(self, run_id: str) -> Holder | None:
        """What that process has written about itself."""
        return next((each for each in self._find_holders(run_id) if each.is_running()), None)

    def is_at_work(self, run_id: str) -> bool:
        """True while a process is at a run, here or on another machine that has these files."""
        found = self._find_holders(run_id)
        here = any(each.is_running() or each.is_elsewhere() for each in found)
        return here or self.find_lease(run_id) is not None

    def find_lease(self, run_id: str) -> Lease | None:
        """Which process of another machine is at a run, as the control repository says."""
        return None if self.control is None else self.control.find_lease_elsewhere(run_id)

    def _find_holders(self, run_id: str) -> Iterator[Holder]:
        for lock in (Lock(self.places.lock), Lock(self.places.detached(run_id))):
            holder = lock.read_holder()
            if holder and holder.run_id == run_id and lock.is_held():
                yield holder

    def look(self, run_id: str) -> tuple[RunState, RunStanding]:
        """A run as it stands, active or archived. Raises STATE_NOT_FOUND or STATE_CORRUPT.

        A run writes down how it ends before it lets go of its lock: that is looked at first, and
        once more for a run that has begun meanwhile.
        """
        at_work = self.is_at_work(run_id)
        state = self.find(run_id)
        return state, find_standing(state, is_at_work=at_work or self.is_at_work(run_id))

    def find(self, run_id: str) -> RunState:
        """The state of a run, active or archived. Raises STATE_NOT_FOUND or STATE_CORRUPT."""
        over = self._find_there(run_id, over=True)
        if over is not None:
            return over
        if self.is_archived(run_id) and not self.has_state(run_id):
            return read_state(self.places.archive / f"{run_id}.json", run_id)
        return self.load(run_id)

    @contextlib.contextmanager
    def hold_lock(self, run_id: str, *, wait_seconds: float) -> Iterator[Lock]:
        """Hold the run lock; wait for what a killed run left behind.

        Raises RUN_LOCKED, naming the holder, after ``wait_seconds``.
        """
        lock = Lock(self.places.lock)
        # Only there a signal is an orderly stop (man 7 signal, Python's signal module).
        is_main = threading.current_thread() is threading.main_thread()
        began = int(self.clock.now().timestamp() * 1e9)
        holder = Holder.here(run_id, stoppable=is_main, began_ns=began)

        def take() -> bool | NotYet:
            if lock.acquire(holder.after(lock.read_holder())):
                return True
            other = lock.read_holder()
            return False if other is not None and other.is_running() else NotYet()

        with _writing(lock.path):
            make_private_folder(lock.path.parent)
            pauses = Pauses.every(_LOCK_POLL_SECONDS)
            taken = poll(take, self.clock, seconds=wait_seconds, pauses=pauses)
        if taken is not True:
            raise _locked_error(lock)
        in_order = True
        try:
            with self._hold_lease(run_id):
                yield lock
        except (Exception, KeyboardInterrupt):
            raise
        except BaseException:
            in_order = False  # what nothing catches ends it as a kill does
            raise
        finally:
            if in_order:
                lock.note_end()
            lock.release()

    @contextlib.contextmanager
    def _hold_lease(self, run_id: str) -> Iterator[None]:
        """Hold the run in the control repository, too, and have its state here.

        Raises RUN_LOCKED, naming who is at work on it elsewhere.
        """
        control = self.control
        if control is None:
            yield
            return
        control.take(run_id)
        try:
            self._bring(control, run_id)
            yield
        except (Exception, KeyboardInterrupt):
            control.let_go(run_id)
            raise
        control.let_go(run_id)


@contextlib.contextmanager
def _writing(path: Path, *, resume: str | None = None) -> Iterator[None]:
    """Raise STORAGE_FAILED where the operating system does not let ``path`` be written."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, path, resume=resume) from error


def _locked_error(lock: Lock) -> ReleaseError:
    holder = lock.read_holder()
    is_running = holder is not None and holder.is_running()
    what = "is running" if is_running else "was killed, and a program it started still runs"
    return ReleaseError(
        ErrorCode.RUN_LOCKED,
        f"expected no other release under {lock.path.parent}, found {holder or 'an unknown run'},"
        f" which {what}.",
        hint="wait for it to end, then try again",
    )


def _count_lines(log: Path) -> int:
    """Its lines; what only shows a run never keeps it from going on."""
    with contextlib.suppress(OSError, ReleaseError):
        return read_file(log).count(b"\n")
    return 0
