"""The store that has one run, or all of them, for commands that look at runs or give one up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ReleaseError
from omninode_release.models.request import ReleaseRequest
from omninode_release.release.requests.find_organisation import find_places, load_rules, recall
from omninode_release.release.store import Store

if TYPE_CHECKING:
    from omninode_release.release.environment import Environment


def open_store(environment: Environment, run_id: str | None = None) -> Store:
    """The state root, with the control repository where the run is kept in one, too.

    A run that is not here is looked for in the control repository of the configuration that is
    found from here, where one is. Raises STORAGE_FAILED, and CONFIG_INVALID for a run that was
    begun under ``state: git`` and whose configuration is gone.
    """
    plain = Store(environment.places_of_runs(), environment.clock)
    known = None if run_id is None else _is_shared(plain, run_id)
    if known is False:
        return plain
    from omninode_release.release.owners.control import reach_control  # noqa: PLC0415 - start-up
    from omninode_release.release.session import make_programs  # noqa: PLC0415

    request, environment = recall(ReleaseRequest(resume=run_id), environment)
    try:
        places = find_places(environment, request.omni_home, request.config)
        config = load_rules(environment, places, request.config).config
    except ReleaseError:
        if known:
            raise
        return plain
    control = reach_control(config, places, environment, make_programs(environment))
    if control is None:
        return plain
    return Store(places, environment.clock, environment.secrets, control)


def find_store(environment: Environment, run_id: str | None = None) -> Store:
    """The same for a command that only looks: a run that a process here is at is here.

    Where the control repository does not answer, a note says so and this machine has to do.
    """
    plain = Store(environment.places_of_runs(), environment.clock)
    if run_id is not None and plain.lock.find_pid(run_id) is not None:
        return plain
    try:
        return open_store(environment, run_id)
    except ReleaseError as error:
        found = f"what this machine has of {run_id}" if run_id else "the runs of this machine"
        environment.complain(f"note: there is no more here than {found}: {error.text}")
        return plain


def is_open(store: Store, run_id: str) -> bool:
    """True for a run that is not over, here or in the control repository, which has the say."""
    if store.control is not None:
        if store.control.branch.is_over(run_id):
            return False
        if store.lock.find_lease(run_id) or run_id in store.control.branch.list_runs():
            return True
    return store.has_state(run_id)


def _is_shared(store: Store, run_id: str) -> bool | None:
    """Whether a run was begun under ``state: git``; None where that is not known here."""
    try:
        return "state" in store.find(run_id).config_digest
    except ReleaseError:
        return None
