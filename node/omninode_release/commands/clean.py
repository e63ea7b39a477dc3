"""``omni-release clean [RUN_ID]``: remove what no run needs any more, after showing it."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
from rich.filesize import decimal

from omninode_release.commands import options
from omninode_release.errors import ReleaseError, typed, usage_error
from omninode_release.release.find_store import is_open, open_store
from omninode_release.release.leftovers.leftovers import find_left_by_runs, find_temporary
from omninode_release.release.leftovers.refused_runs import list_runs_never_begun
from omninode_release.release.requests.find_organisation import find_folder, recall_worktrees
from omninode_release.release.store import Store
from omninode_release.system.files import measure
from omninode_release.system.presence import is_folder
from omninode_release.text.control_characters import plain
from omninode_release.text.next_commands import find_resume

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from omninode_release.release.environment import Environment
    from omninode_release.release.leftovers.leftovers import Leftover
    from omninode_release.system.paths import Places


class _End(NamedTuple):
    """What became of something that was to be removed."""

    what: str
    removed: bool
    kept: str | None = None
    """Where a commit or change of it is kept that stood nowhere else."""


def _clean(
    environment: Environment, run_id: str | None, *, yes: bool, as_json: bool, verbose: bool
) -> int:
    """Show, ask, remove. Raises USAGE_ERROR for a run that is open, STATE_NOT_FOUND, RUN_LOCKED."""
    store = _open(environment, run_id)
    people = replace(environment, stdout=environment.stderr) if as_json else environment
    shown = [*_find(environment, store, run_id)]
    if run_id is not None and not shown:
        store.find(run_id)  # "nothing to remove" is no answer to a misspelt name
    ends = []
    if _show(people, _sum_up(shown, verbose=verbose), yes=yes):
        with store.hold("", wait_seconds=0):
            # Looked at again: while the person was asked, a run may have begun, or have ended.
            titles = {each.title for each in shown}
            left = [each for each in _find(environment, store, run_id) if each.title in titles]
            many = [] if verbose else _find_many(left)
            ends = [_remove(people, each, is_one=each.kind not in many) for each in left]
            gone = Counter(each.kind for each, end in zip(left, ends, strict=True) if end.removed)
            people.show(*(f"removed: {gone[kind]} {kind}" for kind in many))
    value = {"found": [each.title for each in shown], "ends": [end._asdict() for end in ends]}
    options.tell(environment, value, as_json=as_json)
    return int(not all(end.removed for end in ends))


def _open(environment: Environment, run_id: str | None) -> Store:
    """The runs of this machine, of which no open one is asked to go.

    Raises USAGE_ERROR, and STATE_CORRUPT.
    """
    if run_id is None:
        return Store(environment.places_of_runs(), environment.clock)
    store = open_store(environment, run_id)
    pid = store.lock.find_pid(run_id)
    owner = store.lock.find_lease(run_id) if pid is None else f"pid {pid}"
    if owner is not None:
        raise usage_error(
            f"clean: expected a run that is over, found {run_id}, which is carried out by {owner}.",
            hint=f"omni-release wait {run_id}, then try again",
        )
    if is_open(store, run_id):
        resume = typed(find_resume(store.find(run_id)))
        raise usage_error(
            f"clean: expected a run that is over, found {run_id}, which can be resumed.",
            hint=f"{resume}, or omni-release abandon {run_id} first",
        )
    return store


def _sum_up(found: Sequence[Leftover], *, verbose: bool) -> list[str]:
    """What there is, a line each; of what there are many of, one line with their number and size.

    All of them with ``verbose``.
    """
    many = [] if verbose else _find_many(found)
    shown = [each.title for each in found if each.kind not in many]
    for kind in many:
        paths = [each.path for each in found if each.kind == kind and each.path]
        where = ", ".join(sorted({str(path.parent) for path in paths}))
        size = decimal(sum(map(measure, paths)))
        shown.append(f"{len(paths)} {kind} in {where}, {size} (--verbose lists them)")
    return shown


def _find_many(found: Sequence[Leftover]) -> list[str]:
    """The kinds of which more than one was found."""
    counts = Counter(each.kind for each in found if each.kind)
    return [kind for kind, number in counts.items() if number > 1]


def _show(people: Environment, shown: Sequence[str], *, yes: bool) -> bool:
    """Show what no run needs; True where it is to be removed."""
    if not shown:
        people.show("There is nothing to remove.")
        return False
    people.show("No run needs this any more:", *(f"  {plain(each)}" for each in shown))
    if yes or _is_wanted(people):
        return True
    people.show("Nothing is removed; --yes removes it without asking.")
    return False


def _is_wanted(environment: Environment) -> bool:
    """True when a person at a terminal says yes; anything else is a no, and so is silence."""
    if not environment.stdin.isatty():
        return False
    environment.show("Remove it? Type yes to remove, anything else to leave it:")
    with contextlib.suppress(OSError, ValueError):
        return environment.stdin.readline().strip().lower() == "yes"
    return False


def _remove(people: Environment, left: Leftover, *, is_one: bool) -> _End:
    """Remove it, and say so unless it is one of many."""
    try:
        kept = left.remove()
    except (ReleaseError, OSError) as error:
        people.complain(f"{plain(left.title)} stays: {plain(str(error))}")
        return _End(left.title, removed=False)
    if is_one:
        people.show(f"removed: {plain(left.title)}")
    if kept:
        people.show(f"  what stood nowhere else is kept: {plain(kept)}")
    return _End(left.title, removed=True, kept=kept or None)


def _find(environment: Environment, store: Store, run_id: str | None) -> Iterator[Leftover]:
    """What is left of the run, or of every run that is over, and what belongs to none."""
    open_runs = {path.stem for path in store.list_states()}
    archived = {path.stem for path in store.places.archive.glob("*.json")}
    over = {run_id} if run_id else archived - open_runs
    over |= set() if run_id else list_runs_never_begun(store)
    seen: set[str] = set()
    for places, repos in _list_places(environment, store, over).items():
        left = find_left_by_runs(environment, places, repos)
        found = [each for each in left if each.run_id in over]
        found += [] if run_id else find_temporary(places)
        yield from (each for each in found if each.title not in seen)
        seen |= {each.title for each in found}


def _list_places(
    environment: Environment, store: Store, runs: Collection[str]
) -> dict[Places, set[str]]:
    """Where runs and their clones were, and the folder that is named; the repositories of each."""
    found: dict[Places, set[str]] = {}
    for run_id in sorted(runs):
        with contextlib.suppress(ReleaseError):  # an archived state that cannot be read
            state = store.find(run_id)
            own = recall_worktrees(environment, state).places_of_runs(Path(state.omni_home))
            found.setdefault(own, set()).update(state.repos)
    if environment.variables.get("OMNI_HOME") or not found:
        found.setdefault(environment.places_of_runs(find_folder(environment)), set())
    return {places: repos for places, repos in found.items() if is_folder(places.omni_home)}


command = options.command(
    "clean",
    _clean,
    options.run_id(required=False),
    click.Option(["--yes"], is_flag=True, help="Remove without asking."),
    options.as_json("Print what was found and what became of it; people read stderr."),
    click.Option(["--verbose"], is_flag=True, help="List each temporary folder and file."),
    help="Remove worktrees, branches and temporary files that no run needs any more: those of runs"
    " that are finished or given up, and what killed processes left. Everything is shown first."
    " Nothing of a run that can be resumed is touched, no tag, and nothing on a remote; a commit or"
    " change that stands nowhere else is kept under refs/omni-release/kept/.",
)
