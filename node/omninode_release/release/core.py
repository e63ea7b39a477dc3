"""The one way into a release, for every caller: a request in, its outcome out."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from omninode_release.contract.schemas import check
from omninode_release.errors import ErrorCode
from omninode_release.release.ending import refuse
from omninode_release.release.environment import PLACES
from omninode_release.release.session import open_session

if TYPE_CHECKING:
    from omninode_release.models.request import ReleaseRequest
    from omninode_release.release.ending import Outcome
    from omninode_release.release.environment import Environment


def release(request: ReleaseRequest, environment: Environment, *, as_data: bool = False) -> Outcome:
    """Carry out ``request``; progress goes to the environment's stdout.

    ``as_data``: the result of a dry run holds the whole plan. Never raises: a failure, an
    interruption and a bug are outcomes.
    """
    session = None
    try:
        environment = _name_places(request, environment)
        session = open_session(request, environment)
        with contextlib.closing(session.report):
            # A dry run must not import what only a run needs (make bench).
            if request.dry_run:
                from omninode_release.release import dry_run  # noqa: PLC0415

                return dry_run.carry_out(session, as_data=as_data)
            from omninode_release.release import run  # noqa: PLC0415

            return run.carry_out(session)
    except (Exception, KeyboardInterrupt) as stopped:  # noqa: BLE001 - every end has a result
        return refuse(stopped, environment, session)


def answer(text: str, environment: Environment) -> Outcome:
    """Carry out the request that ``text`` holds in JSON; the result fits its schema."""
    from omninode_release.release.requests.request_json import read_request  # noqa: PLC0415 - start-up time

    try:
        outcome = release(read_request(text), environment, as_data=True)
        value = outcome.result.model_dump(mode="json")
        check("result", value, code=ErrorCode.OUTPUT_INVALID, where="the result")
    except (Exception, KeyboardInterrupt) as stopped:  # noqa: BLE001 - every end has a result
        return refuse(stopped, environment)
    return outcome


def _name_places(request: ReleaseRequest, environment: Environment) -> Environment:
    """The same for a request that did not come from a command line: its hints can be typed."""
    said = zip(PLACES.items(), (request.omni_home, request.config), strict=True)
    place = [
        word
        for (option, variable), path in said
        if path and str(path) != environment.variables.get(variable)
        for word in (option, str(environment.folder / path))
    ]
    return environment if environment.place else replace(environment, place=tuple(place))
