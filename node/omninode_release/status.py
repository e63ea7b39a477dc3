"""``omni-release status [RUN_ID]``: one run, or the list of them, from their state files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from omninode_release.arguments import usage_error
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.phase import PhaseState
from omninode_release.render import run_lines, table, write_lines
from omninode_release.store import Store, read_state
from omninode_release.text.run_id import RULE, is_run_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import TextIO

    from omninode_release.clock import Clock
    from omninode_release.files import Places


def status(arguments: Sequence[str], places: Places, clock: Clock, out: TextIO) -> int:
    """Show runs. Raises USAGE_ERROR, STATE_NOT_FOUND or STATE_CORRUPT."""
    store = Store(places, clock)
    as_json = "--json" in arguments
    names = [each for each in arguments if each != "--json"]
    if len(names) > 1 or any(name.startswith("-") for name in names):
        raise usage_error(f"status takes at most one run id and --json, found {' '.join(names)!r}.")
    if not names:
        write_lines([_json(store)] if as_json else _list(store), out)
        return 0
    if not is_run_id(names[0]):
        raise usage_error(f"status: expected a run id ({RULE}), found {names[0]!r}.")
    running = store.running(names[0])
    try:
        state = store.find(names[0])
    except ReleaseError as error:
        if error.code is not ErrorCode.STATE_NOT_FOUND or running is None:
            raise
        told = {"run_id": names[0], "status": "planning", "running_pid": running}
        line = f"{names[0]} is running (pid {running}) and has no state yet: it is being planned."
        write_lines([json.dumps(told, indent=2) if as_json else line], out)
        return 0
    if as_json:
        value = state.model_dump(mode="json") | {"running_pid": running}
        write_lines([json.dumps(value, indent=2, ensure_ascii=False)], out)
    else:
        write_lines(run_lines(state, running=running), out)
    return 0


def _json(store: Store) -> str:
    keys = ("run_id", "status", "started_at", "updated_at", "released")
    return json.dumps([dict(zip(keys, row, strict=True)) for row in _rows(store)], indent=2)


def _rows(store: Store) -> list[tuple[str, str, str, str, str]]:
    archived = sorted(store.places.archive.glob("*.json")) if store.places.archive.is_dir() else []
    return [_row(path) for path in (*store.active(), *archived)]


def _list(store: Store) -> Iterator[str]:
    rows = _rows(store)
    if rows:
        yield from table(("run", "status", "started", "last step", "released"), rows)
    else:
        yield f"No runs under {store.places.states}."


def _row(path: Path) -> tuple[str, str, str, str, str]:
    try:
        state = read_state(path, path.stem)
    except ReleaseError as error:
        return (path.stem, error.code, "?", "?", "?")
    done = sum(repo.phase is PhaseState.DONE for repo in state.repos.values())
    return (
        state.run_id,
        state.status,
        f"{state.started_at:%Y-%m-%d %H:%M}",
        f"{state.updated_at:%Y-%m-%d %H:%M}",
        f"{done} of {len(state.repos)}",
    )
