"""The phases of one repository's release, in the order of contract.yaml: an explicit registry.

A phase is a module that satisfies ``ports.PhaseHandler``: ``OUTPUT`` is the class of its evidence,
``done`` asks the world and changes nothing, ``apply`` makes one outward effect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.phase import Phase
from omninode_release.phases import (
    bump,
    changelog,
    commit,
    lint,
    lock,
    merge,
    pin,
    publish,
    pull_request,
    push,
    tag,
    worktree,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omninode_release.phases.output import PhaseOutput
    from omninode_release.phases.ports import PhaseHandler

# Names are text, so that a phase contract.yaml does not have yet is a finding of
# ``omni-release validate`` and no failure to import this module.
PHASES: dict[str, PhaseHandler] = {
    "WORKTREE": worktree,
    "BUMP": bump,
    "PIN": pin,
    "CHANGELOG": changelog,
    "LOCK": lock,
    "LINT": lint,
    "COMMIT": commit,
    "PUSH": push,
    "PR": pull_request,
    "MERGE": merge,
    "TAG": tag,
    "PUBLISH": publish,
}


def phase_handler(phase: Phase) -> PhaseHandler:
    if phase not in PHASES:
        raise ReleaseError(
            ErrorCode.INTERNAL_ERROR,
            f"expected a module for {phase} in phases/registry.py, found none.",
            hint="omni-release validate says what the phase lacks",
        )
    return PHASES[phase]


def read_outputs(recorded: Mapping[Phase, Mapping[str, Any]]) -> dict[Phase, PhaseOutput]:
    """The outputs in a repository's state as values, in the order of the phases."""
    return {
        phase: phase_handler(phase).OUTPUT.model_validate(recorded[phase])
        for phase in Phase
        if phase in recorded
    }
