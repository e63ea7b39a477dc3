"""``omni-release status [RUN_ID]``: one run, or the list of them, from their state files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import click

from omninode_release.commands.arguments import side_door, usage_error
from omninode_release.console.render import run_lines, table, write_lines
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.phase import PhaseState
from omninode_release.release.store import Store, read_state
from omninode_release.text.run_id import RULE, is_run_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from omninode_release.models.state import RunState
    from omninode_release.system.clock import Clock
    from omninode_release.system.paths import Places


def status(arguments: Sequence[str], places: Places, clock: Clock, out: TextIO) -> int:
    """Show runs. Raises USAGE_ERROR, STATE_NOT_FOUND or STATE_CORRUPT."""
    store = Store(places, clock)
    params = [
        click.Argument(["run_id"], required=False, metavar="[RUN_ID]"),
        click.Option(["--json"], is_flag=True, help="Print the state file and who is at it."),
    ]
    given = side_door("status", arguments, params, what="List the runs, or show one of them.")
    if isinstance(given, str):
        write_lines([given], out)
        return 0
    name, as_json = given["run_id"], given["json"]
    if name is None:
        write_lines([_json(store)] if as_json else _list(store), out)
        return 0
    if not is_run_id(name):
        raise usage_error(f"status: expected a run id ({RULE}), found {name!r}.")
    running = store.running(name)
    try:
        state = store.find(name)
    except ReleaseError as error:
        if error.code is not ErrorCode.STATE_NOT_FOUND or running is None:
            raise
        told = {"run_id": name, "status": "planning", "running_pid": running}
        line = f"{name} is running (pid {running}) and has no state yet: it is being planned."
        write_lines([json.dumps(told, indent=2) if as_json else line], out)
        return 0
    if as_json:
        value = state.model_dump(mode="json") | {"running_pid": running}
        write_lines([json.dumps(value, indent=2, ensure_ascii=False)], out)
    else:
        write_lines(run_lines(state, running=running), out)
    return 0


class _Seen(NamedTuple):
    """One run as its state file tells it; None where the file cannot be read."""

    run_id: str
    status: str
    state: RunState | None

    @property
    def released(self) -> int:
        repos = self.state.repos.values() if self.state else ()
        return sum(repo.phase is PhaseState.DONE for repo in repos)


def _runs(store: Store) -> Iterator[_Seen]:
    archived = sorted(store.places.archive.glob("*.json")) if store.places.archive.is_dir() else []
    for path in (*store.active(), *archived):
        try:
            state = read_state(path, path.stem)
        except ReleaseError as error:
            yield _Seen(path.stem, error.code, None)
        else:
            yield _Seen(state.run_id, state.status, state)


def _json(store: Store) -> str:
    runs = [
        {
            "run_id": run.run_id,
            "status": run.status,
            "started_at": run.state.started_at.isoformat() if run.state else None,
            "updated_at": run.state.updated_at.isoformat() if run.state else None,
            "released": run.released,
            "repos": len(run.state.repos) if run.state else None,
        }
        for run in _runs(store)
    ]
    return json.dumps(runs, indent=2)


def _list(store: Store) -> Iterator[str]:
    rows = [
        (
            run.run_id,
            run.status,
            f"{run.state.started_at:%Y-%m-%d %H:%M}" if run.state else "?",
            f"{run.state.updated_at:%Y-%m-%d %H:%M}" if run.state else "?",
            f"{run.released} of {len(run.state.repos)}" if run.state else "?",
        )
        for run in _runs(store)
    ]
    if rows:
        yield from table(("run", "status", "started", "last step", "released"), rows)
    else:
        yield f"No runs under {store.places.states}."
