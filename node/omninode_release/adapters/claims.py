"""Claims on pull requests: files that tell every tool on this machine who acts on which.

A claim appears whole or not at all, is replaced only by its owner or when it is over, and is never
written over what cannot be read. Our own processes exclude each other by a lock while they look
and write; a tool that does not know that lock is noticed by reading again what was written.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import ValidationError

from omninode_release.errors import ErrorCode, ReleaseError, typed
from omninode_release.models.claim import Claim
from omninode_release.system.files import atomic_create, atomic_write_shared
from omninode_release.system.lock import Holder, Lock, runs_here
from omninode_release.system.machine import find_host
from omninode_release.system.wait import NotYet, Pauses, poll

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omninode_release.models.forge import Slug
    from omninode_release.system.clock import Clock

_HEARTBEAT = timedelta(minutes=1)
_SILENT = timedelta(minutes=30)
_OLD = timedelta(hours=2)
_LOCK_POLL_SECONDS = 0.02
_LOCK_SECONDS = 30.0
_SECOND_LOOK_SECONDS = 0.2
"""A tool that does not write atomically gets so long to finish a line."""


class NoClaims:
    """No claims, for a forge that only this tool acts on."""

    def take(self, number: int, action: str) -> str | None:
        """Answer that no one else has it."""

    def keep(self, number: int, action: str) -> None:
        """Do nothing."""

    def release(self, number: int) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class ClaimFolder:
    """The claims one process of a run makes on pull requests of one repository."""

    folder: Path
    slug: Slug
    run_id: str
    instance: str
    clock: Clock
    host: str = field(default_factory=find_host)
    pid: int = field(default_factory=os.getpid)

    def take(self, number: int, action: str) -> str | None:
        """Claim a pull request; answer who has it, when another process has.

        A claim of this run is taken up again, and a claim that is over is taken over: its process
        on this machine is dead, or it is older than two hours and silent for 30 minutes.
        Raises MERGE_FAILED for a claim that cannot be read.
        """
        with self._hold_lock():
            found = self._read(number)
            if found is not None and not self._is_ours(found) and not self._is_over(found):
                return found.holder
            mine = self._new_claim(number, action, found)
            if not self._write(number, mine, new=found is None):
                return "a tool that claimed it just now"
            now = self._read(number)
        return None if now == mine else now.holder if now else "a tool that removed our claim"

    def keep(self, number: int, action: str) -> None:
        """Renew a claim of ours. Raises MERGE_FAILED when another process took it over."""
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
        """Remove a claim of ours; another's, and one that cannot be read, stays."""
        with self._hold_lock():
            found = self._read(number)
            if found is not None and found.claimed_by_instance_id == self.instance:
                self._path(number).unlink(missing_ok=True)

    # Whose it is.

    def _is_ours(self, claim: Claim) -> bool:
        """True for every claim of this run: the run lock lets one process of it work here."""
        return (claim.claimed_by_run, claim.claimed_by_host) == (self.run_id, self.host)

    def _is_over(self, claim: Claim) -> bool:
        if claim.claimed_by_host == self.host and not runs_here(claim.claimed_by_pid):
            return True
        now = self.clock.now()
        return now - claim.claimed_at > _OLD and now - claim.last_heartbeat_at > _SILENT

    # The file.

    def _new_claim(self, number: int, action: str, found: Claim | None) -> Claim:
        now = self.clock.now()
        is_renewed = found is not None and found.claimed_by_instance_id == self.instance
        return Claim(
            pr_key=self._key(number),
            claimed_by_run=self.run_id,
            claimed_by_host=self.host,
            claimed_by_instance_id=self.instance,
            claimed_by_pid=self.pid,
            claimed_at=found.claimed_at if found is not None and is_renewed else now,
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
                return NotYet(str(error).partition("\n")[0])

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
            hint="make sure that no other tool acts on that pull request, remove the claim"
            f" ({typed(('rm', str(path)))}), then omni-release --resume {self.run_id}",
        )

    def _key(self, number: int) -> str:
        return f"{self.slug.path}#{number}"

    def _path(self, number: int) -> Path:
        return self.folder / f"{self.slug.owner}--{self.slug.name}--{number}.json"

    @contextlib.contextmanager
    def _hold_lock(self) -> Iterator[None]:
        """Hold the lock of the folder, so that other processes of ours wait."""
        lock, holder = Lock(self.folder / ".lock"), Holder(self.pid, self.host, self.run_id)
        try:
            taken = poll(
                lambda: lock.acquire(holder) or NotYet(),
                self.clock,
                seconds=_LOCK_SECONDS,
                pauses=Pauses.every(_LOCK_POLL_SECONDS),
            )
            if isinstance(taken, NotYet):
                raise ReleaseError(
                    ErrorCode.MERGE_FAILED,
                    f"expected {lock.path} to be free, found it held by"
                    f" {lock.read_holder() or 'an unknown process'}.",
                    hint=f"end that process, then omni-release --resume {self.run_id}",
                )
            yield
        except OSError as error:
            raise ReleaseError(
                ErrorCode.MERGE_FAILED,
                f"expected to keep claims on pull requests in {self.folder}, found:"
                f" {error.strerror}.",
                hint="make it a folder that can be written to, then omni-release --resume"
                f" {self.run_id}",
            ) from error
        finally:
            lock.release()
