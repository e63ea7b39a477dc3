"""The twelve phases of one repository's release and the fourteen states they lead through.

Order and names are contract.yaml's (spec, Phase State Machine); one test holds both together.
"""

from __future__ import annotations

from enum import StrEnum


class PhaseState(StrEnum):
    """How far a repository has come; ``phase`` in state file and result."""

    PLANNED = "PLANNED"
    WORKTREE = "WORKTREE"
    BUMPED = "BUMPED"
    PINNED = "PINNED"
    CHANGELOG = "CHANGELOG"
    LOCKED = "LOCKED"
    LINT = "LINT"
    COMMITTED = "COMMITTED"
    PUSHED = "PUSHED"
    PR_CREATED = "PR_CREATED"
    MERGED = "MERGED"
    TAGGED = "TAGGED"
    PUBLISHED = "PUBLISHED"
    DONE = "DONE"

    @property
    def rank(self) -> int:
        return _STATE_ORDER[self]


class Phase(StrEnum):
    """One step of a repository's release, in the order they run."""

    WORKTREE = "WORKTREE"
    BUMP = "BUMP"
    PIN = "PIN"
    CHANGELOG = "CHANGELOG"
    LOCK = "LOCK"
    LINT = "LINT"
    COMMIT = "COMMIT"
    PUSH = "PUSH"
    PR = "PR"
    MERGE = "MERGE"
    TAG = "TAG"
    PUBLISH = "PUBLISH"

    @property
    def leads_to(self) -> PhaseState:
        """The state a repository is in once this phase is complete."""
        return _LEADS_TO[self]


_STATE_ORDER = {state: number for number, state in enumerate(PhaseState)}
_LEADS_TO = dict(zip(Phase, list(PhaseState)[1:-1], strict=True))
