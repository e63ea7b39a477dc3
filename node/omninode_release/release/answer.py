"""A release that is asked for in JSON: read, carried out, and its result held to its schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.contract.schemas import check
from omninode_release.errors import ErrorCode
from omninode_release.release.core import release
from omninode_release.release.ending import refuse
from omninode_release.release.request_json import read_request

if TYPE_CHECKING:
    from omninode_release.release.ending import Outcome
    from omninode_release.release.environment import Environment


def answer(text: str, environment: Environment) -> Outcome:
    """Carry out the request that ``text`` holds in JSON; the result fits its schema."""
    try:
        outcome = release(read_request(text), environment, as_data=True)
        value = outcome.result.model_dump(mode="json")
        check("result", value, code=ErrorCode.OUTPUT_INVALID, where="the result")
    except (Exception, KeyboardInterrupt) as stopped:  # noqa: BLE001 - every end has a result
        return refuse(stopped, environment)
    return outcome
