"""The one way into a release, for every caller: a request in, its result out."""

from __future__ import annotations

import traceback
from importlib import import_module

from omninode_release.contract.schemas import check
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.request import ReleaseRequest
from omninode_release.models.result import ModelSkillResult
from omninode_release.release.ending import Outcome, refuse
from omninode_release.release.environment import Environment
from omninode_release.release.request_json import read_request
from omninode_release.release.session import open_session


def release(request: ReleaseRequest, environment: Environment) -> ModelSkillResult:
    """Carry out ``request`` and answer its result; progress goes to the environment's stdout.

    Never raises for a release that fails: the result says so.
    """
    return carry_out(request, environment).result


def carry_out(request: ReleaseRequest, environment: Environment) -> Outcome:
    """The same for a caller that wants the exit code and the error, too."""
    try:
        session = open_session(request, environment)
        # Found by name: a dry run must not import what only a run needs (make bench).
        name = "dry_run" if request.dry_run else "run"
        outcome: Outcome = import_module(f"omninode_release.release.{name}").carry_out(session)
    except ReleaseError as error:
        return refuse(error, environment.clock.now())
    except Exception as bug:  # noqa: BLE001 - a caller is owed a result, also by a bug
        return refuse(_explain_bug(bug, environment), environment.clock.now())
    return outcome


def answer(text: str, environment: Environment) -> Outcome:
    """Carry out the request that ``text`` holds in JSON; the result fits its schema."""
    try:
        request = read_request(text)
    except ReleaseError as error:
        return refuse(error, environment.clock.now())
    outcome = carry_out(request, environment)
    try:
        value = outcome.result.model_dump(mode="json")
        check("result", value, code=ErrorCode.OUTPUT_INVALID, where="the result")
    except ReleaseError as error:
        return refuse(error, environment.clock.now())
    return outcome


def _explain_bug(bug: Exception, environment: Environment) -> ReleaseError:
    """What failed before there was a run to record it in; its traceback goes to stderr."""
    environment.complain("".join(traceback.format_exception(bug)).rstrip())
    return ReleaseError(
        ErrorCode.INTERNAL_ERROR,
        f"{type(bug).__name__}: {bug}. This is a bug; the traceback is on stderr.",
        hint="report it with the traceback",
    )
