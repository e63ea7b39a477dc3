"""``omni-release cancel RUN_ID``: stop a run in an orderly way, so that it can be resumed."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING, Any

from omninode_release.commands import options
from omninode_release.errors import ErrorCode, ReleaseError, typed
from omninode_release.release.find_store import find_store
from omninode_release.system.wait import NotYet, Pauses, poll
from omninode_release.text.next_commands import find_resume

if TYPE_CHECKING:
    from omninode_release.release.environment import Environment
    from omninode_release.release.store import Store
    from omninode_release.system.clock import Clock

_STOPS_WITHIN_SECONDS = 60.0
_POLL_SECONDS = 0.1


def _cancel(environment: Environment, run_id: str, *, as_json: bool) -> int:
    """Stop a run. Raises RUN_LOCKED when it does not stop."""
    store = find_store(environment, run_id)
    holder = store.lock.find_holder(run_id)
    owner = store.lock.find_lease(run_id)
    if holder is None and owner is not None:
        raise ReleaseError(
            ErrorCode.RUN_LOCKED,
            f"expected a run of this machine, found {run_id}, which is carried out by {owner}.",
            hint=f"omni-release cancel {run_id} on {owner.host}; no signal reaches it from here",
        )
    if holder is None:
        status = store.look(run_id)[1]
        value = {"run_id": run_id, "stopped": False, "status": status, "next": []}
        said = f"{run_id} is not running; it is {status}."
        options.tell(environment, value, said, as_json=as_json)
        return 0
    pid = holder.pid
    if holder.stoppable is False:
        raise ReleaseError(
            ErrorCode.RUN_LOCKED,
            f"{run_id} is carried out inside another program (pid {pid}), which a signal would end"
            " as a whole.",
            hint="stop it there",
        )
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGCONT)  # one that Ctrl-Z has stopped heeds no other signal
    _wait_for_end(store, environment.clock, run_id, pid)
    value, lines = _describe_rest(store, run_id)
    options.tell(environment, value, *lines, as_json=as_json)
    return 0


def _wait_for_end(store: Store, clock: Clock, run_id: str, pid: int) -> None:
    stopped = poll(
        lambda: store.lock.find_pid(run_id) is None or NotYet(),
        clock,
        seconds=_STOPS_WITHIN_SECONDS,
        pauses=Pauses.every(_POLL_SECONDS),
    )
    if isinstance(stopped, NotYet):
        raise ReleaseError(
            ErrorCode.RUN_LOCKED,
            f"asked {run_id} (pid {pid}) to stop {_STOPS_WITHIN_SECONDS:g} s ago, and it still"
            " runs.",
            hint=f"omni-release status {run_id}; everything done so far is recorded",
        )


def _describe_rest(store: Store, run_id: str) -> tuple[dict[str, Any], list[str]]:
    """What is left of a run that was asked to stop, for a caller and for a person."""
    value: dict[str, Any] = {"run_id": run_id, "stopped": True, "status": None, "next": []}
    if store.has_state(run_id):
        state, standing = store.look(run_id)
        resume = find_resume(state)
        value |= {"status": standing, "next": [resume]}
        return value, [f"{run_id} has stopped.", f"Next: {typed(resume)}"]
    if store.is_archived(run_id):
        value |= {"stopped": False, "status": store.look(run_id)[1]}
        return value, [f"{run_id} had ended already."]
    return value, [f"{run_id} has stopped before anything was done."]


command = options.command(
    "cancel",
    _cancel,
    options.run_id(),
    options.as_json("Print run id, status and what to go on with."),
    help="Stop a run; --resume goes on with it where it stopped.",
)
