"""What a run remembers of its surroundings, so that ``--resume RUN`` alone goes on with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.release.store import Store

if TYPE_CHECKING:
    from omninode_release.models.request import ReleaseRequest
    from omninode_release.release.environment import Environment

_BUILT_IN = "contract.yaml"


def recall(request: ReleaseRequest, environment: Environment) -> ReleaseRequest:
    """The request with the folder and the configuration of the run that it resumes.

    What the request says goes first. A configuration that the environment names goes before the
    remembered one, which may have been corrected elsewhere; the folder of a run cannot change.
    Raises STATE_CORRUPT where nothing else says the folder: its lack would be told instead.
    """
    if request.resume is None:
        return request
    try:
        state = Store(environment.places_of_runs(), environment.clock).load(request.resume)
    except ReleaseError as error:
        is_said = request.omni_home or environment.variables.get("OMNI_HOME")
        if error.code is ErrorCode.STATE_CORRUPT and not is_said:
            raise
        return request
    home, config = Path(state.omni_home), Path(state.gate.config_path if state.gate else "")
    is_own = config.name == _BUILT_IN  # of this version or another: it is found without a name
    named = request.config or environment.variables.get("OMNI_RELEASE_CONFIG")
    return replace(
        request,
        omni_home=request.omni_home or (home if home.is_dir() else None),
        config=config if not (named or is_own) and config.is_file() else request.config,
    )
