"""``omni-release clean [RUN_ID]``: remove what no run needs any more, after showing it."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from pathlib import Path

import click

from omninode_release.commands import options
from omninode_release.errors import ReleaseError, usage_error
from omninode_release.release.environment import Environment
from omninode_release.release.leftovers import Leftover, find_left_by_runs, find_temporary
from omninode_release.release.store import Store
from omninode_release.system.paths import Places
from omninode_release.text.control_characters import plain

_LOCK_NAME = "clean"


def _clean(environment: Environment, run_id: str | None, *, yes: bool) -> int:
    """Show, ask, remove. Raises USAGE_ERROR for a run that is open, and RUN_LOCKED."""
    store = Store(environment.places_of_runs(), environment.clock)
    if run_id is not None and store.has_state(run_id):
        raise usage_error(
            f"clean: expected a run that is over, found {run_id}, which can be resumed.",
            hint=f"omni-release --resume {run_id}, or omni-release abandon {run_id} first",
        )
    shown = [*_find(environment, store, run_id)]
    if not shown:
        environment.print("There is nothing to remove.")
        return 0
    environment.print("No run needs this any more:", *(f"  {plain(e.title)}" for e in shown))
    if not yes and not _is_wanted(environment):
        environment.print("Nothing is removed; --yes removes it without asking.")
        return 0
    with store.hold_lock(_LOCK_NAME, wait_seconds=0):
        # Looked at again: while the person was asked, a run may have begun, or may have ended.
        titles = {each.title for each in shown}
        left = [each for each in _find(environment, store, run_id) if each.title in titles]
        failed = [not _remove(environment, each) for each in left]
    return int(any(failed))


def _is_wanted(environment: Environment) -> bool:
    """True when a person at a terminal says yes; anything else is a no, and so is silence."""
    if not environment.stdin.isatty():
        return False
    environment.print("Remove it? Type yes to remove, anything else to leave it:")
    with contextlib.suppress(OSError, ValueError):
        return environment.stdin.readline().strip().lower() == "yes"
    return False


def _remove(environment: Environment, left: Leftover) -> bool:
    try:
        kept = left.remove()
    except (ReleaseError, OSError) as error:
        environment.complain(f"{plain(left.title)} stays: {plain(str(error))}")
        return False
    environment.print(f"removed: {plain(left.title)}")
    if kept:
        environment.print(f"  what stood nowhere else is kept: {plain(kept)}")
    return True


def _find(environment: Environment, store: Store, run_id: str | None) -> Iterator[Leftover]:
    """What is left of the run, or of every run that is over, and what belongs to none."""
    open_runs = {path.stem for path in store.list_states()}
    over = {run_id} if run_id else _list_over(store.places) - open_runs
    seen: set[str] = set()
    for home, repos in _list_homes(environment, store, over).items():
        places = environment.places_of_runs(home)
        left = find_left_by_runs(environment, places, repos)
        found = [each for each in left if each.run_id in over]
        found += [] if run_id else find_temporary(places)
        yield from (each for each in found if each.title not in seen)
        seen |= {each.title for each in found}


def _list_over(places: Places) -> set[str]:
    """Runs that are finished or given up; the name of a state file is the run's."""
    return {path.stem for path in places.archive.glob("*.json")}


def _list_homes(
    environment: Environment, store: Store, runs: Collection[str]
) -> dict[Path, set[str]]:
    """The folders that runs were about, and the one that is named; the repositories of each."""
    found: dict[Path, set[str]] = {}
    for run_id in sorted(runs):
        with contextlib.suppress(ReleaseError):  # an archived state that cannot be read
            state = store.find(run_id)
            found.setdefault(Path(state.omni_home), set()).update(state.repos)
    if environment.variables.get("OMNI_HOME") or not found:
        found.setdefault(environment.find_folder(), set())
    return {home: repos for home, repos in found.items() if home.is_dir()}


command = options.command(
    "clean",
    _clean,
    options.run_id(required=False),
    click.Option(["--yes"], is_flag=True, help="Remove without asking."),
    help="Remove worktrees, branches and temporary files that no run needs any more: those of runs"
    " that are finished or given up, and what killed processes left. Everything is shown first."
    " Nothing of a run that can be resumed is touched, no tag, and nothing on a remote; a commit or"
    " change that stands nowhere else is kept under refs/omni-release/kept/.",
)
