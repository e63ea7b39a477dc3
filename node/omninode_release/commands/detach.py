"""Starting a run in the background, in a process of its own (``background``)."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.release.record import RunRecord
from omninode_release.release.requests.request_json import write_request
from omninode_release.system.lock import Lock
from omninode_release.system.process import start_detached
from omninode_release.system.wait import NotYet, Pauses, poll

if TYPE_CHECKING:
    from omninode_release.models.request import ReleaseRequest
    from omninode_release.release.session import Session

_BEGINS_WITHIN_SECONDS = 60.0
"""A busy machine takes its time, and what begins later than that begins unknown to its caller."""
_POLL_SECONDS = 0.02


def detach(session: Session, asked: ReleaseRequest) -> dict[str, Any]:
    """Start the session's run in the background; answer run id, process id, log and result.

    ``asked`` is the request as it was made: the process reads a plan's file for itself.

    Raises RUN_LOCKED when this run is in the background already, and STATE_NOT_FOUND or
    STATE_CORRUPT when there is none to go on with.
    """
    run_id, places, clock = session.run_id, session.places, session.clock
    file, output = places.detached(run_id), places.output(run_id)
    lock = Lock(file)
    earlier = lock.read_holder()
    if lock.is_held():
        raise _already_running_error(run_id, lock)
    record = RunRecord(session, state=session.store.load(run_id) if asked.resume else None)
    request = asked if asked.resume else replace(asked, run_id=run_id)
    # What stands in the current folder, a clone perhaps, is no module of ours (-P).
    module = (sys.executable, "-P", "-m", "omninode_release.commands.background")
    argv = (*module, str(file), run_id, write_request(request), *session.environment.place)
    pid = start_detached(argv, session.environment.variables, output)

    def begins() -> bool | NotYet:
        if _holder_pid(lock) == pid:
            return True
        has_failed = _has_ended(pid) and _holder_pid(lock) != pid
        return False if has_failed else NotYet()

    pauses = Pauses.every(_POLL_SECONDS)
    begun = poll(begins, clock, seconds=_BEGINS_WITHIN_SECONDS, pauses=pauses)
    if begun is False and (lock.is_held() or lock.read_holder() != earlier):
        raise _already_running_error(run_id, lock)  # another call came first, and may be over
    if begun is not True:
        raise ReleaseError(
            ErrorCode.INTERNAL_ERROR,
            f"the run {run_id} was started in the background and did not report.",
            hint=f"read {output}",
        )
    result = places.result(record.context_id)
    return {"run_id": run_id, "pid": pid, "log": str(output), "result": str(result)}


def _has_ended(pid: int) -> bool:
    """True when the program is over that was started."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _holder_pid(lock: Lock) -> int | None:
    holder = lock.read_holder()
    return holder.pid if holder else None


def _already_running_error(run_id: str, lock: Lock) -> ReleaseError:
    return ReleaseError(
        ErrorCode.RUN_LOCKED,
        f"the run {run_id} is in the background already (pid {_holder_pid(lock)}).",
        hint=f"omni-release wait {run_id}",
    )
