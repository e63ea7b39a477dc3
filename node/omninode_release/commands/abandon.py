"""``omni-release abandon RUN_ID``: give up a run that stopped, and say what it left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omninode_release import __version__
from omninode_release.commands import options
from omninode_release.errors import typed
from omninode_release.models.phase import PhaseState
from omninode_release.models.state import find_standing, run_status
from omninode_release.release.find_store import is_open, open_store
from omninode_release.release.leftovers.leftovers import find_left_of_run, find_left_on_remotes
from omninode_release.release.owners.worktree_owner import let_go_of_worktrees
from omninode_release.release.requests.find_organisation import recall_worktrees

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omninode_release.models.state import RepoState, RunState
    from omninode_release.release.environment import Environment
    from omninode_release.release.store import Store


def _abandon(environment: Environment, run_id: str, *, take_over: bool, as_json: bool) -> int:
    """Archive the state of a run that is not running. Raises RUN_LOCKED or STATE_NOT_FOUND."""
    store = _open(environment, run_id, take_over=take_over)
    if not is_open(store, run_id):
        status = store.look(run_id)[1]
        value = {"run_id": run_id, "given_up": False, "status": status, "left": []}
        value |= {"by_hand": [], "next": []}
        said = f"{run_id} is over already; it is {status}."
        options.tell(environment, value, said, as_json=as_json)
        return 0
    store.load(run_id)  # an unknown run is told as one, whatever is at work
    with store.hold(run_id, wait_seconds=0):
        state = store.load(run_id)
        now = environment.clock.now()
        gone = {"status": run_status(state), "updated_at": now, "abandoned_at": now}
        state = state.model_copy(update=gone | {"program_version": __version__})
        store.archive(state)
        own = recall_worktrees(environment, state)
        let_go_of_worktrees(own.places_of_runs(Path(state.omni_home)), run_id)
    value = {"run_id": run_id, "given_up": True, "status": find_standing(state, is_at_work=False)}
    told, lines = _describe_left(environment, state)
    options.tell(environment, value | told, f"{run_id} is given up.", *lines, as_json=as_json)
    return 0


def _open(environment: Environment, run_id: str, *, take_over: bool) -> Store:
    store = open_store(environment, run_id)
    if store.control is None:
        return store
    return replace(store, control=replace(store.control, gives_up=True, take_over=take_over))


def _describe_left(
    environment: Environment, state: RunState
) -> tuple[dict[str, Any], Iterator[str]]:
    """What the run left here and elsewhere, and what to type to remove each of it."""
    left = [*find_left_of_run(environment, state)]
    there = [*find_left_on_remotes(environment, state)]
    told = [line for name, repo in state.repos.items() for line in _list_outside(name, repo)]
    told += [
        f"  {name}: pull request {url}, which starts the next version"
        for name, url in state.development.items()
    ]
    told += [f"  {each.title}" for each in left]
    told += [f"  {each.title}" for each in there]
    by_hand = [command for each in left for command in each.commands]
    by_hand += [command for each in there for command in each.commands]
    # Packages of one repository share a pull request.
    of_pulls = (each for repo in state.repos.values() for each in _list_commands(repo))
    by_hand += dict.fromkeys(of_pulls)
    by_hand += [
        typed(("gh", "pr", "close", url, "--delete-branch"))
        for url in state.development.values()
        if url.startswith("https://")
    ]
    clean = [("omni-release", "clean", state.run_id)] if left else []
    value = {"left": [line.strip() for line in told], "by_hand": by_hand, "next": clean}
    return value, _render_left(told, by_hand, clean)


def _render_left(
    told: list[str], by_hand: list[str], clean: Sequence[tuple[str, ...]]
) -> Iterator[str]:
    if told:
        yield "It left:"
    yield from told
    if by_hand:
        yield "To remove it by hand:"
        yield from (f"  {command}" for command in by_hand)
    yield from (f"Next: {typed(command)}" for command in clean)


def _list_outside(name: str, repo: RepoState) -> Iterator[str]:
    """What others can see of a repository that is not released."""
    if repo.phase is PhaseState.DONE or not repo.is_begun:
        return
    yield f"  {name}, which stopped after {repo.completed_phase}:"
    merged = repo.completed_phase.rank >= PhaseState.MERGED.rank
    if repo.pr_url:
        # A kill may come between a merge and its record, and who gives up may be elsewhere.
        seen = f"open when last seen; once merged, {repo.new_version} is on the base branch"
        yield f"    pull request {repo.pr_url}, {'merged' if merged else seen}"
    if merged:
        tag = repo.tag or "no tag yet"
        yield f"    {repo.new_version} on the base branch, {tag}, not known to be published"


def _list_commands(repo: RepoState) -> Iterator[str]:
    """What closes the pull request of a release that was not merged."""
    is_open = repo.completed_phase.rank < PhaseState.MERGED.rank
    if repo.pr_url and is_open and repo.pr_url.startswith("https://"):
        yield typed(("gh", "pr", "close", repo.pr_url))


command = options.command(
    "abandon",
    _abandon,
    options.run_id(),
    click.Option(
        ["--take-over"],
        is_flag=True,
        help="Take the run from another machine that is known to be dead (state: git).",
    ),
    options.as_json("Print run id, status, what is left, and what removes it."),
    help="Give up a run that stopped: it cannot be resumed any more. What was released stays"
    " released; nothing is deleted, what is left is listed; omni-release clean removes it.",
)
