"""``omni-release status [RUN_ID]``: one run, or the list of them, from their state files."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from omninode_release.commands import options
from omninode_release.console.render_run import render_run
from omninode_release.console.table import render_section, render_table
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.phase import PhaseState
from omninode_release.models.state import find_standing
from omninode_release.release.find_store import find_store
from omninode_release.release.leftovers.refused_runs import (
    find_refusal,
    find_refusals,
    had_nothing_to_release,
)
from omninode_release.release.state_file import read_state
from omninode_release.system.presence import is_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from omninode_release.models.state import RunState
    from omninode_release.release.environment import Environment
    from omninode_release.release.leftovers.refused_runs import Refusal
    from omninode_release.release.store import Store


def _status(environment: Environment, run_id: str | None, *, as_json: bool) -> int:
    """Show runs. Raises STATE_NOT_FOUND or STATE_CORRUPT."""
    if run_id is not None:
        _show(environment, find_store(environment, run_id), run_id, as_json=as_json)
        return 0
    store = find_store(environment)
    if as_json:
        environment.print_json(_list_values(store), indent=2)
    else:
        environment.show(*_list(store, environment.width))
    return 0


def _show(environment: Environment, store: Store, run_id: str, *, as_json: bool) -> None:
    running = store.lock.find_pid(run_id)
    value: dict[str, Any]
    try:
        state, standing = store.look(run_id)
    except ReleaseError as error:
        if error.code is not ErrorCode.STATE_NOT_FOUND:
            raise
        value, lines = _describe_stateless(store, run_id, running) or ({}, [])
        if not lines:
            raise
    else:
        value = state.model_dump(mode="json") | {"status": standing, "running_pid": running}
        stays = {name: repo.stays for name, repo in state.repos.items() if repo.stays}
        value |= {"stays": stays} if stays else {}
        now, width = environment.clock.now(), environment.width
        lines = list(render_run(state, standing, running=running, now=now, width=width))
    options.tell(environment, value, *lines, as_json=as_json)


def _describe_stateless(
    store: Store, run_id: str, running: int | None
) -> tuple[dict[str, Any], list[str]] | None:
    """A run that is being planned, or that ended before it began; None for neither."""
    value = {"run_id": run_id, "status": _PLANNING, "running_pid": running}
    if running is not None:
        said = f"{run_id} is running (pid {running}) and has no state yet: it is being planned."
        return value, [said]
    if had_nothing_to_release(store, run_id):
        return value | {"status": "completed"}, [f"Run {run_id}: there was nothing to release"]
    refused = find_refusal(store, run_id)
    if refused is None:
        return None
    why = {"error_code": refused.code or None, "error": refused.error or None, "status": "refused"}
    return value | why, [*_render_refusal(refused)]


def _render_refusal(refused: Refusal) -> Iterator[str]:
    yield f"Run {refused.run_id}: refused before it began"
    yield f"  last heard of {refused.at:%Y-%m-%d %H:%M:%S} UTC"
    yield f"  {refused.why}"


_PLANNING = "planning"
_HEADER = ("run", "status", "started (UTC)", "last step (UTC)", "released")


class _Seen(NamedTuple):
    """One run as it stands; without a state where there is none yet, or it cannot be read."""

    run_id: str
    status: str
    state: RunState | None
    code: ErrorCode | None = None
    """Why it cannot be read."""

    @property
    def released(self) -> int:
        repos = self.state.repos.values() if self.state else ()
        return sum(repo.phase is PhaseState.DONE for repo in repos)


def _find_runs(store: Store) -> Iterator[_Seen]:
    """Those that are not over, here or in a control repository, and those that were over here.

    A run that is being planned, which may take long, has no state yet.
    """
    at_work = store.lock.list_runs_here()
    archived = (
        sorted(store.places.archive.glob("*.json")) if is_folder(store.places.archive) else []
    )
    here = [(path.stem, partial(read_state, path, path.stem)) for path in archived]
    begun = {*store.list_runs(), *(path.stem for path in store.list_states())}
    for run_id in sorted(begun):  # one that is over by now may have ended on another machine
        yield _see(store, run_id, partial(store.find, run_id))
    for run_id, read in here:
        yield _see(store, run_id, read)
    for run_id in sorted(at_work - begun - {run_id for run_id, _ in here}):
        yield _Seen(run_id, _PLANNING, None)


def _see(store: Store, run_id: str, read: Callable[[], RunState]) -> _Seen:
    try:
        state = read()
        at_work = store.lock.is_at_work(state.run_id)
    except ReleaseError as error:
        return _Seen(run_id, error.code, None, error.code)
    return _Seen(state.run_id, find_standing(state, is_at_work=at_work), state)


def _find_refused(store: Store, runs: Sequence[_Seen]) -> list[Refusal]:
    """Those that never began; a run that is kept elsewhere may have left its logs alone here."""
    known = {run.run_id for run in runs}
    return [each for each in find_refusals(store) if each.run_id not in known]


def _list_values(store: Store) -> list[dict[str, object]]:
    runs = [*_find_runs(store)]
    listed: list[dict[str, object]] = [
        {
            "run_id": run.run_id,
            "status": run.status,
            "started_at": run.state.started_at.isoformat() if run.state else None,
            "updated_at": run.state.updated_at.isoformat() if run.state else None,
            "released": run.released,
            "repos": len(run.state.repos) if run.state else None,
            "error_code": run.state.error_code if run.state else run.code,
            "error": run.state.error if run.state else None,
        }
        for run in runs
    ]
    listed += [
        {
            "run_id": each.run_id,
            "status": "refused",
            "started_at": None,
            "updated_at": each.at.isoformat(),
            "released": 0,
            "repos": None,
            "error_code": each.code or None,
            "error": each.error or None,
        }
        for each in _find_refused(store, runs)
    ]
    return listed


def _list(store: Store, width: int | None) -> Iterator[str]:
    runs = [*_find_runs(store)]
    rows = [
        (
            run.run_id,
            run.status,
            f"{run.state.started_at:%Y-%m-%d %H:%M}" if run.state else "?",
            f"{run.state.updated_at:%Y-%m-%d %H:%M}" if run.state else "?",
            f"{run.released} of {len(run.state.repos)}" if run.state else "?",
        )
        for run in runs
    ]
    refused = _find_refused(store, runs)
    if rows:
        yield from render_table(_HEADER, rows, width=width)
    elif not refused:
        yield f"No runs under {store.places.states}."
    told = [f"{e.run_id}, {e.at:%Y-%m-%d %H:%M} UTC: {e.why}" for e in refused]
    yield from render_section("Refused before they began", told)


command = options.command(
    "status",
    _status,
    options.run_id(required=False),
    options.as_json("Print the state file, with status as the run stands, and the process at it."),
)
