"""``omni-release abandon RUN_ID``: give up a run that stopped, and say what it left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from omninode_release.commands import options
from omninode_release.models.phase import PhaseState
from omninode_release.models.state import RepoState, RunState, run_status
from omninode_release.release.environment import Environment
from omninode_release.release.store import Store


def _abandon(environment: Environment, run_id: str, *, as_json: bool) -> int:
    """Archive the state of a run that is not running. Raises RUN_LOCKED or STATE_NOT_FOUND."""
    store = Store(environment.places_of_runs(), environment.clock)
    if store.is_archived(run_id) and not store.has_state(run_id):
        status = store.find(run_id).status
        value = {"run_id": run_id, "given_up": False, "status": status, "left": []}
        said = f"{run_id} is over already; it is {status}."
        options.tell(environment, value, said, as_json=as_json)
        return 0
    with store.hold_lock(run_id, wait_seconds=0):
        state = store.load(run_id)
        now = environment.clock.now()
        state = state.model_copy(update={"status": run_status(state), "updated_at": now})
        store.save(state)
        store.archive(state)
    left = [line for name, repo in state.repos.items() for line in _list_left(name, repo, state)]
    value = {"run_id": run_id, "given_up": True, "status": state.status}
    value |= {"left": [line.strip() for line in left]}
    lines = [f"{run_id} is given up.", *(["It left:", *left] if left else [])]
    options.tell(environment, value, *lines, as_json=as_json)
    return 0


def _list_left(name: str, repo: RepoState, state: RunState) -> Iterator[str]:
    """What the run left of one repository, for a person to look at."""
    if repo.phase is PhaseState.DONE or not repo.is_begun:
        return
    yield f"  {name}, which stopped after {repo.completed_phase}:"
    if repo.worktree_path and Path(repo.worktree_path).exists():
        yield f"    worktree {repo.worktree_path}"
    done = repo.completed_phase.rank
    where = " (here and on the remote)" if done >= PhaseState.PUSHED.rank else ""
    yield f"    branch release/{state.run_id}/{name}{where}"
    if repo.pr_url:
        merged = ", merged" if done >= PhaseState.MERGED.rank else ", open"
        yield f"    pull request {repo.pr_url}{merged}"
    if done >= PhaseState.MERGED.rank:
        tag = repo.tag or "no tag yet"
        yield f"    {repo.new_version} on the base branch, {tag}, not known to be published"


command = options.command(
    "abandon",
    _abandon,
    options.run_id(),
    options.as_json("Print run id, status and what is left."),
    help="Give up a run that stopped: it cannot be resumed any more. What was released stays"
    " released; nothing is deleted, what is left is listed.",
)
