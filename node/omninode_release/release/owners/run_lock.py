"""Who is at work on a run: one process of this machine, and with ``state: git`` one of all."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError, raise_storage_errors
from omninode_release.errors.stops import hold_back_stops
from omninode_release.system.files import make_private_folder
from omninode_release.system.lock import Holder, Lock
from omninode_release.system.presence import is_folder
from omninode_release.system.wait import NotYet, Pauses, poll

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.models.lease import Lease
    from omninode_release.release.owners.control import Control
    from omninode_release.system.clock import Clock
    from omninode_release.system.paths import Places

_LOCK_POLL_SECONDS = 0.2
_LOOK_SECONDS = 0.5
"""Who only looks at the lock has it for a moment of that time."""


@dataclass(frozen=True)
class RunLock:
    """The lock of a state root, and the leases of its control repository."""

    places: Places
    clock: Clock
    control: Control | None = None

    def find_pid(self, run_id: str) -> int | None:
        """The process that is at a run on this machine just now."""
        holder = self.find_holder(run_id)
        return None if holder is None else holder.pid

    def find_holder(self, run_id: str) -> Holder | None:
        """What that process has written about itself."""
        return next((each for each in self._find_holders(run_id) if each.is_running()), None)

    def list_runs_here(self) -> set[str]:
        """The names of all runs that a process of this machine is at just now."""
        holder = Lock(self.places.lock).read_holder()
        detached = self.places.states.glob("*.detached") if is_folder(self.places.states) else ()
        names = {path.stem for path in detached} | {holder.run_id if holder else ""}
        return {name for name in names if name and self.find_pid(name) is not None}

    def is_at_work(self, run_id: str) -> bool:
        """True while a process is at a run, here or on another machine that has these files."""
        found = self._find_holders(run_id)
        here = any(each.is_running() or each.is_elsewhere() for each in found)
        return here or self.find_lease(run_id) is not None

    def is_held_by_another(self, run_id: str) -> bool:
        """True while a process that has these files, other than this one, is at a run."""
        found = (each for each in self._find_holders(run_id) if each.pid != os.getpid())
        return any(each.is_running() or each.is_elsewhere() for each in found)

    def find_other_run(self) -> Holder | None:
        """The other process of this machine that keeps a run from beginning here."""
        lock = Lock(self.places.lock)
        holder = lock.read_holder()
        if holder is None or holder.pid == os.getpid() or not lock.is_held():
            return None
        return holder if holder.is_running() else None

    def find_lease(self, run_id: str) -> Lease | None:
        """Which process of another machine is at a run, as the control repository says."""
        return None if self.control is None else self.control.find_lease_elsewhere(run_id)

    def _find_holders(self, run_id: str) -> Iterator[Holder]:
        for lock in (Lock(self.places.lock), Lock(self.places.detached(run_id))):
            holder = lock.read_holder()
            if holder and holder.run_id == run_id and lock.is_held():
                yield holder

    @contextmanager
    def hold(self, run_id: str, *, wait_seconds: float) -> Iterator[Lock]:
        """Hold the run lock; wait for what a killed run left behind.

        With an empty ``run_id`` it is held for no run. Raises RUN_LOCKED, naming the holder, after
        ``wait_seconds``.
        """
        lock = Lock(self.places.lock)
        self._take(lock, run_id, wait_seconds)
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
            with hold_back_stops():
                if in_order:
                    # All is done by now. A disk that is full for this word makes no failure of
                    # that: the next run takes this one for killed, and looks for what it left.
                    with suppress(OSError):
                        lock.note_end()
                lock.release()

    def _take(self, lock: Lock, run_id: str, seconds: float) -> None:
        # Only there a signal is an orderly stop (man 7 signal, Python's signal module).
        is_main = threading.current_thread() is threading.main_thread()
        began = int(self.clock.now().timestamp() * 1e9)
        holder = Holder.here(run_id, stoppable=is_main, began_ns=began)

        def take() -> bool | NotYet:
            if lock.acquire(holder.after(lock.read_holder())):
                return True
            other = lock.read_holder()
            is_at_work = other is not None and other.exit_code is None and other.is_running()
            return False if is_at_work else NotYet()

        with raise_storage_errors(lock.path):
            make_private_folder(lock.path.parent)
            pauses = Pauses.every(_LOCK_POLL_SECONDS)
            taken = poll(take, self.clock, seconds=max(seconds, _LOOK_SECONDS), pauses=pauses)
        if taken is not True:
            raise _locked_error(lock)

    @contextmanager
    def _hold_lease(self, run_id: str) -> Iterator[None]:
        """Hold the run in the control repository, too.

        Raises RUN_LOCKED, naming who is at work on it elsewhere.
        """
        control = self.control
        if control is None or not run_id:
            yield
            return
        control.take(run_id)
        try:
            yield
        except (Exception, KeyboardInterrupt):
            control.let_go(run_id)
            raise
        control.let_go(run_id)


def _locked_error(lock: Lock) -> ReleaseError:
    holder = lock.read_holder()
    what = "was killed, and a program it started still runs"
    hint = "wait for that program to end, then try again"
    if holder is not None and holder.is_running():
        what, hint = "is running", "wait for it to end, then try again"
    if holder is not None and holder.is_running() and holder.run_id:
        wait, cancel = (f"omni-release {word} {holder.run_id}" for word in ("wait", "cancel"))
        hint = f"{wait} tells when it has ended, {cancel} makes it stop in order; then try again"
    return ReleaseError(
        ErrorCode.RUN_LOCKED,
        f"expected no other release under {lock.path.parent}, found {holder or 'an unknown run'},"
        f" which {what}.",
        hint=hint,
    )
