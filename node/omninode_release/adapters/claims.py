"""Claims on pull requests: files that tell every tool on this machine who acts on which.

A claim appears whole or not at all, is replaced only by its owner or when it is over, and is never
written over what cannot be read. Our own processes exclude each other by a lock while they look
and write; who does not know that lock is noticed by reading again what was written.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pydantic import ValidationError

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.claim import Claim
from omninode_release.models.forge import Slug
from omninode_release.system.clock import Clock
from omninode_release.system.files import atomic_create, atomic_write_shared
from omninode_release.system.lock import Holder, Lock
from omninode_release.system.process import runs_here
from omninode_release.system.wait import NotYet, Pauses, poll

_HEARTBEAT = timedelta(minutes=1)
_SILENT = timedelta(minutes=30)
_OLD = timedelta(hours=2)
_LOCK_POLL_SECONDS = 0.02
_LOCK_SECONDS = 30.0
_SECOND_LOOK_SECONDS = 0.2
"""A tool that does not write atomically gets so long to finish a line."""


class NoClaims:
    """For a forge that nobody else acts on."""

    def take(self, number: int, action: str) -> str | None:
        """Nobody else has it."""

    def keep(self, number: int, action: str) -> None:
        """Nothing to keep."""

    def release(self, number: int) -> None:
        """Nothing to release."""


@dataclass(frozen=True)
class ClaimFolder:
    """The claims one process of a run makes on pull requests of one repository."""

    folder: Path
    slug: Slug
    run_id: str
    instance: str
    clock: Clock
    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)

    def take(self, number: int, action: str) -> str | None:
        """Claim a pull request; who has it instead, when somebody has.

        A claim of this run is taken up again, one that is over is taken over: its process on this
        machine is dead, or nothing was heard of it for 30 minutes and it is older than two hours.
        Raises MERGE_FAILED for a claim that cannot be read.
        """
        with self._alone():
            found = self._read(number)
            if found is not None and not self._is_ours(found) and not self._is_over(found):
                return found.holder
            mine = self._claim(number, action, found)
            if not self._write(number, mine, new=found is None):
                return "somebody who claimed it just now"
            now = self._read(number)
        return None if now == mine else now.holder if now else "somebody who removed our claim"

    def keep(self, number: int, action: str) -> None:
        """Show that we are still at it. Raises MERGE_FAILED when somebody took it over."""
        found = self._read(number)
        now = self.clock.now()
        ours = found is not None and found.claimed_by_instance_id == self.instance
        if ours and found is not None and now - found.last_heartbeat_at < _HEARTBEAT:
            return
        other = self.take(number, action)
        if other is not None:
            raise ReleaseError(
                ErrorCode.MERGE_FAILED,
                f"expected to go on acting on {self._key(number)}, found it claimed by {other}.",
                hint=f"see what that did, then omni-release --resume {self.run_id}",
            )

    def release(self, number: int) -> None:
        """Let go of a claim of ours; another's, and one that cannot be read, stays."""
        with self._alone():
            found = self._read(number)
            if found is not None and found.claimed_by_instance_id == self.instance:
                self._path(number).unlink(missing_ok=True)

    # Whose it is.

    def _is_ours(self, claim: Claim) -> bool:
        """The run lock sees to it that no other process of this run is at work here."""
        return (claim.claimed_by_run, claim.claimed_by_host) == (self.run_id, self.host)

    def _is_over(self, claim: Claim) -> bool:
        if claim.claimed_by_host == self.host and not runs_here(claim.claimed_by_pid):
            return True
        now = self.clock.now()
        return now - claim.claimed_at > _OLD and now - claim.last_heartbeat_at > _SILENT

    # The file.

    def _claim(self, number: int, action: str, found: Claim | None) -> Claim:
        now = self.clock.now()
        again = found is not None and found.claimed_by_instance_id == self.instance
        return Claim(
            pr_key=self._key(number),
            claimed_by_run=self.run_id,
            claimed_by_host=self.host,
            claimed_by_instance_id=self.instance,
            claimed_by_pid=self.pid,
            claimed_at=found.claimed_at if found is not None and again else now,
            last_heartbeat_at=now,
            action=action,
        )

    def _write(self, number: int, claim: Claim, *, new: bool) -> bool:
        data = (claim.model_dump_json(indent=2) + "\n").encode()
        if new:
            return atomic_create(self._path(number), data)
        atomic_write_shared(self._path(number), data)
        return True

    def _read(self, number: int) -> Claim | None:
        """The claim; None where there is none. Raises MERGE_FAILED for one that cannot be read."""

        def read() -> Claim | NotYet | None:
            try:
                return Claim.model_validate_json(self._path(number).read_bytes())
            except FileNotFoundError:
                return None
            except (OSError, ValidationError) as error:
                return NotYet(str(error).splitlines()[0])

        pauses = Pauses.every(_SECOND_LOOK_SECONDS)
        claim = poll(read, self.clock, seconds=_LOCK_SECONDS, pauses=pauses, attempts=2)
        if isinstance(claim, NotYet):
            raise self._unreadable(number, claim.why)
        return claim

    def _unreadable(self, number: int, why: str) -> ReleaseError:
        path = self._path(number)
        return ReleaseError(
            ErrorCode.MERGE_FAILED,
            f"expected a claim on {self._key(number)} in {path}, found what cannot be read ({why})."
            " It is left as it was.",
            hint=f"make sure that nobody acts on that pull request, remove it (rm {path}), then"
            f" omni-release --resume {self.run_id}",
        )

    def _key(self, number: int) -> str:
        return f"{self.slug.path}#{number}"

    def _path(self, number: int) -> Path:
        return self.folder / f"{self.slug.owner}--{self.slug.name}--{number}.json"

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes of ours away for the few lines inside."""
        lock = Lock(self.folder / ".lock")
        taken = poll(
            lambda: self._locked(lock) or NotYet(),
            self.clock,
            seconds=_LOCK_SECONDS,
            pauses=Pauses.every(_LOCK_POLL_SECONDS),
        )
        if isinstance(taken, NotYet):
            raise ReleaseError(
                ErrorCode.MERGE_FAILED,
                f"expected {lock.path} to be free, found it held by {lock.read_holder()}.",
                hint=f"end that process, then omni-release --resume {self.run_id}",
            )
        try:
            yield
        except OSError as error:
            raise self._unkept(error) from error
        finally:
            lock.release()

    def _locked(self, lock: Lock) -> bool:
        try:
            return lock.acquire(Holder(self.pid, self.host, self.run_id))
        except OSError as error:
            raise self._unkept(error) from error

    def _unkept(self, error: OSError) -> ReleaseError:
        return ReleaseError(
            ErrorCode.MERGE_FAILED,
            f"expected to keep claims on pull requests in {self.folder}, found: {error.strerror}.",
            hint=f"make it a folder that can be written to, then omni-release --resume"
            f" {self.run_id}",
        )
