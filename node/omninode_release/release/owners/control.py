"""One process at a time at a run whose state outlives the machine (``state: git``).

The local state root stays the working copy. The control repository has the say: a state is written
there before the next thing is done in the world, and what stands there is taken up.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from omninode_release.adapters.git import Git, Patience
from omninode_release.adapters.git.branch_files import BranchFiles, Overtaken
from omninode_release.errors import ErrorCode, ReleaseError, typed
from omninode_release.events import Note, Subscribers
from omninode_release.models.config_parts import GitState
from omninode_release.models.lease import Lease
from omninode_release.release.owners.control_branch import (
    ControlBranch,
    folder_path,
    lease_path,
    over_path,
    state_path,
)
from omninode_release.system.files import (
    atomic_create,
    encode_json,
    make_private_folder,
    read_file,
)
from omninode_release.system.machine import find_host
from omninode_release.system.presence import is_same, is_there

if TYPE_CHECKING:
    from omninode_release.events import Report
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.release.environment import Environment
    from omninode_release.system.account import Account
    from omninode_release.system.clock import Clock
    from omninode_release.system.paths import Places
    from omninode_release.system.process import Programs


@dataclass
class _Held:
    """What this process knows of the one run it is at work on."""

    lease: Lease | None = None
    folder: str | None = None
    """The content of its folder, as this process wrote it last."""
    has_state: bool = False
    """True once this process has a state of it."""
    is_over: bool = False
    """True once it is put away: what fails on this machine after that is of no other's concern."""
    failed: tuple[ErrorCode, str, str] | None = None
    """Why nothing more can be written: the rest of the run must not go on unrecorded."""


@dataclass(frozen=True)
class Control:
    """What this process does with a run of a control repository."""

    branch: ControlBranch
    clock: Clock
    account: Account
    state_root: str
    report: Report
    begins: tuple[str, ...] = ()
    """What a person types again as long as the run has no state to resume; empty once it has."""
    gives_up: bool = False
    """What is done with the run is to give it up."""
    take_over: bool = False
    """A person says that the run's holder is dead."""
    _held: _Held = field(default_factory=_Held)

    def at(self, programs: Programs, report: Report) -> Control:
        """The same with programs that a journal and a lock know."""
        files = self.branch.files
        files = replace(files, git=replace(files.git, run=programs.at("state")))
        return replace(self, branch=replace(self.branch, files=files), report=report)

    def find_lease_elsewhere(self, run_id: str) -> Lease | None:
        """Who is at work on a run, where that is on another machine."""
        lease = self.branch.find_lease(run_id)
        return None if lease is None or self._is_here(lease) else lease

    def holds(self, run_id: str) -> bool:
        """True while this process is at work on a run."""
        return self._held.lease is not None and self._held.lease.run_id == run_id

    def take(self, run_id: str) -> None:
        """Become the one who is at work on a run. Raises RUN_LOCKED and STORAGE_FAILED."""
        self.branch.fetch()
        now = self.clock.now()
        there = self.branch.find_lease(run_id)
        # A process with our state root on our machine would have its lock, which we hold.
        if there is not None and not (self._is_here(there) or self.take_over):
            raise self._locked_error(run_id, there)
        self._held.folder = self.branch.files.folder(folder_path(run_id))
        self._held.lease = Lease(
            run_id=run_id,
            host=find_host(),
            pid=os.getpid(),
            user=str(self.account),
            state_root=self.state_root,
            instance=uuid4().hex,
            since=now,
            renewed=now,
        )
        try:
            self._write({}, f"{run_id}: taken up")
        except KeyboardInterrupt:  # the remote may have it
            self.let_go(run_id)
            raise
        except BaseException:
            self._held.lease = None
            raise

    def keep(self, run_id: str, state: bytes) -> None:
        """Write the state of the run that is held. Raises RUN_LOCKED and STORAGE_FAILED."""
        self._held.has_state = True
        if not self._held.is_over:
            self._write({state_path(run_id): state}, run_id)

    def put_away(self, run_id: str, state: bytes) -> None:
        """Write the state of the run that is held, which is over now. Raises as ``keep`` does."""
        gone = {state_path(run_id): None, lease_path(run_id): None}
        self._write({**gone, over_path(run_id): state}, f"{run_id}: over")
        self._held.lease, self._held.is_over = None, True

    @property
    def is_over(self) -> bool:
        """True once this process has put its run away."""
        return self._held.is_over

    def let_go(self, run_id: str) -> None:
        """Say that no process is at work on the run any more; trouble with that is only told.

        Tried also after a state could not be written: what was written last is what a resume goes
        on from.
        """
        held = self._held
        is_lost = held.failed is not None and held.failed[0] is ErrorCode.RUN_LOCKED
        if held.lease is None or is_lost:
            return
        held.failed = None
        try:
            self._write({lease_path(run_id): None}, f"{run_id}: let go")
        except ReleaseError as error:
            is_gone = error.code is ErrorCode.RUN_LOCKED and self.branch.find_lease(run_id) is None
            if not is_gone:  # it may be by the last push, of which no answer came
                self._tell_of_lease(run_id, f": {error.text}")
        except KeyboardInterrupt:
            self._tell_of_lease(run_id, "")
            raise
        finally:
            held.lease = None

    def _tell_of_lease(self, run_id: str, why: str) -> None:
        said = f"that no process is at work on {run_id} any more{why}"
        where = f"it is not said on {self.branch.name}"
        self.report(Note(f"{where} {said}; another machine needs --take-over"))

    def _is_here(self, other: Lease) -> bool:
        is_ours = is_same(Path(other.state_root), Path(self.state_root))
        return is_ours and other.host == find_host()

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
            lease_path(run_id): encode_json(held.lease.model_dump(mode="json"))
        }
        try:
            with self.branch.reach("be written", resume=self._type_again(run_id)):
                about, expected = folder_path(run_id), held.folder
                held.folder = self.branch.files.change(
                    lease | changes, message, about=about, expected=expected, at=now
                )
        except Overtaken:
            there = self.branch.find_lease(run_id)
            if there is not None and there.instance == held.lease.instance:
                # Ours, by a push that was interrupted after the remote had taken it.
                held.folder = self.branch.files.folder(folder_path(run_id))
                self._write(changes, message)
                return
            error = self._locked_error(run_id, there)
            held.failed = (error.code, error.message, error.hint or "")
            raise error from None
        except ReleaseError as error:
            held.failed = (error.code, error.message, error.hint or "")
            raise

    def _locked_error(self, run_id: str, other: Lease | None) -> ReleaseError:
        return ReleaseError(
            ErrorCode.RUN_LOCKED,
            f"expected no other process at work on {run_id} on {self.branch.name}, found"
            f" {other or 'that another has changed it meanwhile'}.",
            hint="wait for it to end; it cannot be asked from here, so only once you know that it"
            f" is dead: {self._type_again(run_id)} --take-over",
        )

    def _type_again(self, run_id: str) -> str:
        """What a person types to do the same again."""
        if self.gives_up:
            return typed(("omni-release", "abandon", run_id))
        has_state = self._held.has_state or self.branch.files.read(state_path(run_id)) is not None
        resume = ("omni-release", "--resume", run_id)
        return typed(resume if has_state or not self.begins else self.begins)


def reach_control(
    config: ReleaseConfig,
    places: Places,
    environment: Environment,
    programs: Programs,
    *,
    offline: bool = False,
) -> Control | None:
    """The control repository of ``state: git``, fetched; None where the state stays here.

    Raises STORAGE_FAILED where it does not answer; ``offline`` does not ask it.
    """
    place = config.state
    if not isinstance(place, GitState):
        return None
    url = _find_address(place.git, places.omni_home)
    folder = places.states / "control"
    mirror = folder / f"{sha256(url.encode()).hexdigest()[:12]}.git"
    make_private_folder(mirror)
    patience = Patience(environment.clock, config.polling)
    git = Git(mirror, programs.at("state"), config.timeouts.git_seconds, patience)
    control = Control(
        branch=ControlBranch(
            BranchFiles(git, place.branch, "omni-release <omni-release@localhost>"), url
        ),
        clock=environment.clock,
        account=environment.account,
        state_root=_name_root(folder / "state-root"),
        report=Subscribers(),
    )
    if not offline:
        control.branch.fetch()
    return control


def _find_address(written: str, omni_home: Path) -> str:
    """Where a repository is: a path is relative to the folder with the clones, as git sees one."""
    is_remote = "://" in written or ":" in written.partition("/")[0]
    return written if is_remote else os.path.normpath(omni_home / written)


def _name_root(file: Path) -> str:
    """What tells this state root from every other, made when it is first asked for."""
    if not is_there(file):
        atomic_create(file, uuid4().hex.encode())
    return read_file(file).decode()
