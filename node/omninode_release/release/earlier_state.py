"""What an earlier invocation left of a run, and whether this one may go on from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.contract.load import changed_keys
from omninode_release.errors import ErrorCode, ReleaseError, typed
from omninode_release.models.phase import Phase
from omninode_release.release.owners.worktree_owner import require_own_worktrees
from omninode_release.text.next_commands import find_resume

if TYPE_CHECKING:
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.state import RunState
    from omninode_release.release.session import Session


def load_state(session: Session) -> RunState:
    """The run's state. Raises CONFIG_INVALID when it is a run of another organisation."""
    run_id, places = session.run_id, session.places
    state = session.store.load(run_id)
    if state.omni_home != str(places.omni_home):
        program, *words = find_resume(state)
        command = typed((program, "--omni-home", state.omni_home, *words))
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"the run {run_id} belongs to {state.omni_home}, found {places.omni_home}.",
            hint=f"{command}, or another --run-id for a fresh run",
        )
    return state


def take_up_state(session: Session) -> RunState:
    """The state of a run to go on with.

    Raises STATE_NOT_FOUND, STATE_CORRUPT, CONFIG_INVALID, REPO_NOT_FOUND for a clone that is gone,
    and RUN_EXISTS for worktrees of another state root.
    """
    state = load_state(session)
    require_own_worktrees(session.places, session.run_id)
    changed = [
        key
        for key in changed_keys(session.rules.written, state.config_digest)
        if key not in _list_keys_that_may_change(state)
    ]
    if changed:
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"expected the configuration the run {session.run_id} began with, found"
            f" {', '.join(changed)} changed.",
            hint="put the old values back to resume, or start a fresh run",
        )
    _require_clones(state, session.config)
    return state


def find_undecided(session: Session) -> RunState | None:
    """A run of the same id that came no further than the gate. Raises RUN_EXISTS."""
    run_id, store = session.run_id, session.store
    if session.request.run_id and store.is_archived(run_id):
        raise ReleaseError(
            ErrorCode.RUN_EXISTS,
            f"the run {run_id} is complete already.",
            hint="choose another --run-id, or leave it out",
        )
    require_own_worktrees(session.places, run_id)
    if not store.has_state(run_id):
        return None
    state = load_state(session)
    begun = sorted(repo for repo, each in state.repos.items() if each.is_begun)
    if begun:
        raise ReleaseError(
            ErrorCode.RUN_EXISTS,
            f"the run {run_id} exists and has begun with {', '.join(begun)}.",
            hint=f"{typed(find_resume(state))}, or choose another --run-id",
        )
    return state


def _require_clones(state: RunState, config: ReleaseConfig) -> None:
    """Raise REPO_NOT_FOUND where a computed graph lacks a repository that the run is about."""
    gone = [repo for repo in state.targets if repo not in config.graph.repos]
    if gone:
        raise ReleaseError(
            ErrorCode.REPO_NOT_FOUND,
            f"expected clones of {', '.join(state.targets)} in {state.omni_home}, which the run"
            f" {state.run_id} is about, found no package in {', '.join(gone)}.",
            hint=f"clone it there again, then omni-release --resume {state.run_id}",
        )


def _list_keys_that_may_change(state: RunState) -> frozenset[str]:
    tagged = any(Phase.TAG in repo.outputs for repo in state.repos.values())
    return REMEMBERED_KEYS_MAY_CHANGE | (frozenset() if tagged else KEYS_MAY_CHANGE_UNTIL_TAG)


REMEMBERED_KEYS_MAY_CHANGE = frozenset(
    {
        *("timeouts", "polling", "rehearse", "approvers", "resume_gate", "approval_hours"),
        *("pins", "pins_of", "verify", "organization", "index_url", "publish", "publish_of"),
        *("version_files", "pass_environment", "lock", "lock_of", "gate_environment"),
        *("after_bump", "changelog", "changelog_of"),
    }
)
"""Top-level keys a resumed run may find changed; any other change is refused.

A run that a wrong name has stopped must go on with the right one. None of these decides which
repositories are released, or as which versions.
"""
KEYS_MAY_CHANGE_UNTIL_TAG = frozenset({"tag_formats", "tag_formats_of"})
"""The same, as long as the run has made no tag."""
