"""A plan file that a request names, read strictly."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from omninode_release.contract.load import changed_keys
from omninode_release.errors import ErrorCode, ReleaseError, typed
from omninode_release.errors.excerpt import show
from omninode_release.models.names import is_repo_name
from omninode_release.models.plan_file import PlanFile
from omninode_release.models.run_id import is_run_id
from omninode_release.release.state_file import find_odd_names, fit_model
from omninode_release.system.files import read_file
from omninode_release.text.formats.sealed_json import read_sealed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omninode_release.release.requests.policy import Rules

_MARKS = (b'"plan_hash"', b'"entries"', b'"config_digest"')
"""What tells a plan, also a damaged one, from other files."""


def read_plan_file(path: Path, rules: Rules) -> PlanFile:
    """The plan in a file, for the organisation and configuration that it was made for.

    Raises USAGE_ERROR for a file that is not as it was written, and CONFIG_INVALID for a plan of
    another organisation or configuration.
    """
    again = _offer_new(path)
    try:
        given = fit_model("plan", read_sealed(read_file(path)), PlanFile, _find_faults)
    except OSError as error:
        raise _unusable(path, error.strerror or str(error), again) from error
    except ValueError as error:
        raise _unusable(path, str(error), again) from error
    _require_fit(given, rules, path, again)
    return given


def _offer_new(path: Path) -> str:
    """How to have a new plan: in the same file where that was one, for it is written over."""
    with contextlib.suppress(OSError):
        data = read_file(path)
        if sum(mark in data for mark in _MARKS) > 1:  # one of them may be what is damaged
            return f"{typed(['omni-release', 'plan', '--out', str(path)])} writes a new one"
    return "omni-release plan --out FILE writes one"


def _find_faults(given: PlanFile) -> Iterator[str]:
    if not is_run_id(given.run_id):
        yield f"run_id: expected the name of a run, found {show(given.run_id)}"
    for name in (*given.targets, *(row.repo for row in given.entries)):
        if not is_repo_name(name):
            yield f"expected names of repositories, found {show(name)}"
    if {row.repo for row in given.entries} != set(given.targets) or not given.targets:
        yield "expected one row for each of its targets"
    yield from find_odd_names(given.model_dump(mode="json"))
    if given.plan.plan_hash != given.plan_hash:
        yield "its plan_hash is not that of its rows"


def _require_fit(given: PlanFile, rules: Rules, path: Path, again: str) -> None:
    organization = rules.written.organization
    if given.organization != organization:
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"expected a plan of the organisation {organization}, found one of"
            f" {show(given.organization)} in {path}.",
            hint=f"name its own clones with --omni-home, or {again}",
        )
    changed = changed_keys(rules.written, given.config_digest)
    if changed:
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"expected the configuration that the plan in {path} was made with, found"
            f" {', '.join(changed)} changed.",
            hint=f"put the old values back, or {again}",
        )


def _unusable(path: Path, why: str, again: str) -> ReleaseError:
    return ReleaseError(
        ErrorCode.USAGE_ERROR,
        f"--plan: expected a plan that omni-release wrote in {path}, found: {why}.",
        hint=again,
    )
