"""The twelve phases, in order: an explicit registry of modules.

A phase is a module with ``done`` (asks the world, changes nothing) and ``apply`` (makes one
outward effect), see ``base.PhaseHandler``.
"""

from __future__ import annotations

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
from omninode_release.phases.ports import PhaseHandler

PHASES: dict[Phase, PhaseHandler] = {
    Phase.WORKTREE: worktree,
    Phase.BUMP: bump,
    Phase.PIN: pin,
    Phase.CHANGELOG: changelog,
    Phase.LOCK: lock,
    Phase.LINT: lint,
    Phase.COMMIT: commit,
    Phase.PUSH: push,
    Phase.PR: pull_request,
    Phase.MERGE: merge,
    Phase.TAG: tag,
    Phase.PUBLISH: publish,
}
