"""The phases of one repository's release and the states they lead through.

contract.yaml owns names and order (spec, Phase State Machine); ``make docs`` writes them here.
"""

from __future__ import annotations

from enum import StrEnum


class PhaseState(StrEnum):
    """How far a repository has come; ``phase`` in state file and result."""

    PLANNED = "PLANNED"
    # generated: states
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
    # end: states
    DONE = "DONE"

    @property
    def rank(self) -> int:
        """Its place in the order."""
        return _RANK[self]


class Phase(StrEnum):
    """One step of a repository's release, in the order they run."""

    # generated: phases
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
    # end: phases

    @property
    def leads_to(self) -> PhaseState:
        """The state a repository is in once this phase is complete."""
        return _LEADS_TO[self]


_RANK = {state: number for number, state in enumerate(PhaseState)}
_LEADS_TO: dict[Phase, PhaseState] = {
    # generated: leads-to
    Phase.WORKTREE: PhaseState.WORKTREE,
    Phase.BUMP: PhaseState.BUMPED,
    Phase.PIN: PhaseState.PINNED,
    Phase.CHANGELOG: PhaseState.CHANGELOG,
    Phase.LOCK: PhaseState.LOCKED,
    Phase.LINT: PhaseState.LINT,
    Phase.COMMIT: PhaseState.COMMITTED,
    Phase.PUSH: PhaseState.PUSHED,
    Phase.PR: PhaseState.PR_CREATED,
    Phase.MERGE: PhaseState.MERGED,
    Phase.TAG: PhaseState.TAGGED,
    Phase.PUBLISH: PhaseState.PUBLISHED,
    # end: leads-to
}
