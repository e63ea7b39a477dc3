"""``omni-release abandon RUN_ID``: give up a run that stopped, and say what it left."""

from __future__ import annotations

from collections.abc import Iterator

from omninode_release.commands import options
from omninode_release.models.phase import PhaseState
from omninode_release.models.state import RepoState, RunState, run_status
from omninode_release.release.environment import Environment
from omninode_release.release.kept import open_store
from omninode_release.release.leftovers import find_left_of_run


def _abandon(environment: Environment, run_id: str) -> int:
    """Archive the state of a run that is not running. Raises RUN_LOCKED or STATE_NOT_FOUND."""
    store = open_store(environment, run_id)
    if store.is_archived(run_id) and not store.has_state(run_id):
        environment.print(f"{run_id} is over already; it is {store.look(run_id)[1]}.")
        return 0
    with store.hold_lock(run_id, wait_seconds=0):
        state = store.load(run_id)
        now = environment.clock.now()
        gone = {"status": run_status(state), "updated_at": now, "abandoned_at": now}
        state = state.model_copy(update=gone)
        store.save(state)
        store.archive(state)
    environment.print(f"{run_id} is given up.", *_describe_left(environment, state))
    return 0


def _describe_left(environment: Environment, state: RunState) -> Iterator[str]:
    """What the run left here and elsewhere, and what to type to remove each of it."""
    told = [line for name, repo in state.repos.items() for line in _list_outside(name, repo)]
    left = [*find_left_of_run(environment, state)]
    if told or left:
        yield "It left:"
    yield from told
    yield from (f"  {each.title}" for each in left)
    commands = [command for each in left for command in each.commands]
    commands += [command for repo in state.repos.values() for command in _list_commands(repo)]
    if commands:
        yield "To remove it by hand:"
        yield from (f"  {command}" for command in commands)
    if left:
        yield f"Next: omni-release clean {state.run_id}"


def _list_outside(name: str, repo: RepoState) -> Iterator[str]:
    """What others can see of a repository that is not released."""
    if repo.phase is PhaseState.DONE or not repo.is_begun:
        return
    yield f"  {name}, which stopped after {repo.completed_phase}:"
    merged = repo.completed_phase.rank >= PhaseState.MERGED.rank
    if repo.pr_url:
        yield f"    pull request {repo.pr_url}, {'merged' if merged else 'open'}"
    if merged:
        tag = repo.tag or "no tag yet"
        yield f"    {repo.new_version} on the base branch, {tag}, not known to be published"


def _list_commands(repo: RepoState) -> Iterator[str]:
    """What closes the pull request of a release that was not merged."""
    is_open = repo.completed_phase.rank < PhaseState.MERGED.rank
    if repo.pr_url and is_open and repo.pr_url.startswith("https://"):
        yield f"gh pr close {repo.pr_url}"


command = options.command(
    "abandon",
    _abandon,
    options.run_id(),
    help="Give up a run that stopped: it cannot be resumed any more. What was released stays"
    " released; nothing is deleted, what is left is listed; omni-release clean removes it.",
)
