"""State that outlives the machine: runs in a branch of a control repository (``state: git``).

    runs/RUN/state.json     the run's state, byte for byte as it stands in its owner's state root
    runs/RUN/lease.json     who is at work on it; not there while nobody is
    archive/RUN.json        the state of a run that is over

The local state root stays the working copy. The control repository has the say: a state is written
there before the next thing is done in the world, and what stands there is taken up.
"""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from pydantic import ValidationError

from omninode_release.adapters.git import find_git_remedy
from omninode_release.adapters.git.branch_files import Overtaken
from omninode_release.errors import CommandFailed, ErrorCode, ReleaseError, TimedOut
from omninode_release.events import Note
from omninode_release.models.lease import Lease
from omninode_release.release.state_file import parse_state
from omninode_release.system.files import encode_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.adapters.git.branch_files import BranchFiles
    from omninode_release.events import Report
    from omninode_release.models.state import RunState
    from omninode_release.system.account import Account
    from omninode_release.system.clock import Clock
    from omninode_release.system.process import Programs


@dataclass
class _Held:
    """What this process knows of the one run it is at work on."""

    lease: Lease | None = None
    folder: str | None = None
    """The content of its folder, as this process wrote it last."""
    failed: tuple[ErrorCode, str, str] | None = None
    """Why nothing more can be written: the rest of the run must not go on unrecorded."""


@dataclass(frozen=True)
class Control:
    """The runs of one control repository."""

    files: BranchFiles
    url: str
    clock: Clock
    account: Account
    state_root: str
    report: Report
    take_over: bool = False
    """A person says that whoever holds the run is dead."""
    _held: _Held = field(default_factory=_Held)

    def at(self, programs: Programs, report: Report) -> Control:
        """The same with programs that a journal and a lock know."""
        git = replace(self.files.git, run=programs.at("state"))
        return replace(self, files=replace(self.files, git=git), report=report)

    def fetch(self) -> None:
        """See what is there. Raises STORAGE_FAILED."""
        with self._reaching("be read"):
            self.files.open(self.url)
            self.files.fetch()

    # As it was fetched last.

    def find_state(self, run_id: str, *, over: bool = False) -> RunState | None:
        """The state of a run that is not over, or of one that is. Raises STATE_CORRUPT."""
        path = _over(run_id) if over else _state(run_id)
        data = self.files.read(path)
        return None if data is None else parse_state(data, run_id, partial(self._corrupt, path))

    def is_over(self, run_id: str) -> bool:
        """True for the name of a run that is over."""
        return self.files.read(_over(run_id)) is not None

    def find_lease_elsewhere(self, run_id: str) -> Lease | None:
        """Who is at work on a run, where that is on another machine."""
        lease = self.find_lease(run_id)
        return None if lease is None or self._is_here(lease) else lease

    def list_runs(self) -> list[str]:
        """The names of all runs that are not over."""
        paths = (each.split("/") for each in self.files.list_files())
        return [each[1] for each in paths if each[0] == "runs" and each[2:] == ["state.json"]]

    def holds(self, run_id: str) -> bool:
        """True while this process is at work on a run."""
        return self._held.lease is not None and self._held.lease.run_id == run_id

    def _corrupt(self, path: str, why: str) -> ReleaseError:
        return ReleaseError(
            ErrorCode.STATE_CORRUPT,
            f"{path} on {self.name} cannot be used: {why}. It is left as it was.",
            hint=f"{self.files.type_log(path)} shows who wrote it;"
            " commit an earlier one there again",
        )

    def find_lease(self, run_id: str) -> Lease | None:
        """Who is at work on a run. Raises STORAGE_FAILED where that cannot be read."""
        data = self.files.read(_lease(run_id))
        if data is None:
            return None
        try:
            return Lease.model_validate_json(data)
        except ValidationError as error:
            raise ReleaseError(
                ErrorCode.STORAGE_FAILED,
                f"expected {_lease(run_id)} on {self.name} to say who is at work on {run_id}, found"
                f" what cannot be read ({error.errors(include_url=False)[0]['msg']}).",
                hint=f"delete that file on the branch {self.files.branch} by an ordinary commit,"
                " once nobody is at work on the run",
            ) from None

    @property
    def name(self) -> str:
        return f"the branch {self.files.branch} of {self.url}"

    # One process at a time.

    def take(self, run_id: str) -> None:
        """Become the one who is at work on a run. Raises RUN_LOCKED and STORAGE_FAILED."""
        self.fetch()
        now = self.clock.now()
        there = self.find_lease(run_id)
        if there is not None and not self._may_follow(there):
            raise self._locked_error(run_id, there)
        self._held.folder = self.files.folder(_folder(run_id))
        self._held.lease = Lease(
            run_id=run_id,
            host=socket.gethostname(),
            pid=os.getpid(),
            user=str(self.account),
            state_root=self.state_root,
            instance=uuid4().hex,
            since=now,
            renewed=now,
        )
        try:
            self._write({}, f"{run_id}: taken up")
        except BaseException:
            self._held.lease = None
            raise

    def keep(self, run_id: str, state: bytes) -> None:
        """Write the state of the run that is held. Raises RUN_LOCKED and STORAGE_FAILED."""
        self._write({_state(run_id): state}, run_id)

    def put_away(self, run_id: str, state: bytes) -> None:
        """Write the state of the run that is held, which is over now. Raises as ``keep`` does."""
        gone = {_state(run_id): None, _lease(run_id): None}
        self._write({**gone, _over(run_id): state}, f"{run_id}: over")
        self._held.lease = None

    def let_go(self, run_id: str) -> None:
        """Say that nobody is at work on the run any more; trouble with that is only told.

        Tried also after a state could not be written: what was written last is what a resume goes
        on from.
        """
        held = self._held
        is_lost = held.failed is not None and held.failed[0] is ErrorCode.RUN_LOCKED
        if held.lease is None or is_lost:
            return
        held.failed = None
        try:
            self._write({_lease(run_id): None}, f"{run_id}: let go")
        except ReleaseError as error:
            said = f"it is not said on {self.name} that nobody is at work on {run_id} any more"
            self.report(Note(f"{said}: {error.text}; another machine needs --take-over"))
        held.lease = None

    def _may_follow(self, other: Lease) -> bool:
        """True where the owner has ended for certain, or a person says so.

        Whoever shares a state root and a machine with us would have its lock, which we hold.
        """
        return self._is_here(other) or self.take_over

    def _is_here(self, other: Lease) -> bool:
        return (other.state_root, other.host) == (self.state_root, socket.gethostname())

    def _write(self, changes: dict[str, bytes | None], message: str) -> None:
        held = self._held
        if held.failed is not None:
            code, text, hint = held.failed
            raise ReleaseError(code, text, hint=hint)
        if held.lease is None:
            raise ValueError("the run is not held")
        run_id, now = held.lease.run_id, self.clock.now()
        held.lease = held.lease.model_copy(update={"renewed": now})
        lease: dict[str, bytes | None] = {
            _lease(run_id): encode_json(held.lease.model_dump(mode="json"))
        }
        try:
            with self._reaching("be written", resume=f"omni-release --resume {run_id}"):
                about, expected = _folder(run_id), held.folder
                held.folder = self.files.change(
                    lease | changes, message, about=about, expected=expected, at=now
                )
        except Overtaken:
            there = self.find_lease(run_id)
            if there is not None and there.instance == held.lease.instance:
                # Ours, by a push that was interrupted after the remote had taken it.
                held.folder = self.files.folder(_folder(run_id))
                self._write(changes, message)
                return
            error = self._locked_error(run_id, there)
            held.failed = (error.code, error.message, error.hint or "")
            raise error from None
        except ReleaseError as error:
            held.failed = (error.code, error.message, error.hint or "")
            raise

    @contextmanager
    def _reaching(self, what: str, *, resume: str | None = None) -> Iterator[None]:
        """Raise STORAGE_FAILED where git cannot reach or change the branch."""
        try:
            yield
        except (CommandFailed, TimedOut) as error:
            said = error.last_words if isinstance(error, CommandFailed) else error.message
            remedy = find_git_remedy(error) or "see that the control repository can be reached"
            raise ReleaseError(
                ErrorCode.STORAGE_FAILED,
                f"expected {self.name} to {what} (state of the release configuration), found:"
                f" {said.rstrip('.')}.",
                hint=f"{remedy}, then {resume}" if resume else remedy,
                detail=error.detail,
            ) from error

    def _locked_error(self, run_id: str, other: Lease | None) -> ReleaseError:
        option = "--resume" if self.files.read(_state(run_id)) else "--run-id"
        return ReleaseError(
            ErrorCode.RUN_LOCKED,
            f"expected nobody else at work on {run_id} on {self.name}, found"
            f" {other or 'that somebody has changed it meanwhile'}.",
            hint="wait for it to end; it cannot be asked from here, so only once you know that it"
            f" is dead: omni-release {option} {run_id} --take-over",
        )


def _folder(run_id: str) -> str:
    return f"runs/{run_id}"


def _state(run_id: str) -> str:
    return f"runs/{run_id}/state.json"


def _lease(run_id: str) -> str:
    return f"runs/{run_id}/lease.json"


def _over(run_id: str) -> str:
    return f"archive/{run_id}.json"
