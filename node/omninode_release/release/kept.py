"""The store that has one run, for commands that look at it or give it up."""

from __future__ import annotations

from omninode_release.errors import ReleaseError
from omninode_release.models.request import ReleaseRequest
from omninode_release.release.environment import Environment
from omninode_release.release.find_organisation import find_places, load_rules
from omninode_release.release.reach_control import reach_control
from omninode_release.release.recall import recall
from omninode_release.release.session import make_programs
from omninode_release.release.store import Store


def open_store(environment: Environment, run_id: str) -> Store:
    """The state root, with the control repository where the run is kept in one, too.

    A run that is not here is looked for in the control repository of the configuration that is
    found from here, where one is. Raises STORAGE_FAILED, and CONFIG_INVALID for a run that was
    begun under ``state: git`` and whose configuration is gone.
    """
    plain = Store(environment.places_of_runs(), environment.clock)
    known = _is_shared(plain, run_id)
    if known is False:
        return plain
    request = recall(ReleaseRequest(resume=run_id), environment)
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


def _is_shared(store: Store, run_id: str) -> bool | None:
    """Whether a run was begun under ``state: git``; None where that is not known here."""
    try:
        return "state" in store.find(run_id).config_digest
    except ReleaseError:
        return None
