"""Runs that were refused, or stopped, before their gate: they left logs, and no state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from omninode_release.release.store import Store
from omninode_release.system.files import read_file
from omninode_release.system.json_text import parse_json
from omninode_release.system.lock import Lock
from omninode_release.system.paths import Places
from omninode_release.system.scratch import is_free

_LOGS = (".journal.jsonl", ".events.jsonl", ".output.log", ".log", ".detached")


class Refusal(NamedTuple):
    """What is known of a run that never began."""

    run_id: str
    at: datetime
    """When it was heard of last."""
    code: str = ""
    error: str = ""
    """Why; empty where its result is gone, or is of a dry run since."""
    logs: tuple[Path, ...] = ()


def list_logs(places: Places) -> Iterator[tuple[str, Path]]:
    """What is beside the states, and of which run; what a process has locked is left out."""
    for path in sorted(places.states.glob("*")):
        ending = next((each for each in _LOGS if path.name.endswith(each)), None)
        if ending and path.is_file() and is_free(path):
            yield path.name.removesuffix(ending), path


def list_runs_never_begun(store: Store) -> set[str]:
    """Their names."""
    return {run_id for run_id, _ in list_logs(store.places) if _is_refused(store, run_id)}


def find_refusals(store: Store) -> list[Refusal]:
    """All of them, with why and when, by name."""
    return [_read_refusal(store, run_id) for run_id in sorted(list_runs_never_begun(store))]


def read_error(path: Path, *, since_ns: int = 0) -> tuple[str, str] | None:
    """Code and words of the error in a result, where one was written since then."""
    try:
        if path.stat().st_mtime_ns < since_ns:
            return None
        result = parse_json(read_file(path))
    except (OSError, ValueError):
        return None
    found = result if isinstance(result, dict) else {}
    code, text = found.get("error_code"), found.get("error")
    return (code, text) if isinstance(code, str) and isinstance(text, str) else None


def _is_refused(store: Store, run_id: str) -> bool:
    begun = store.has_state(run_id) or store.is_archived(run_id)
    return not begun and not _is_coming(store, run_id)


def _is_coming(store: Store, run_id: str) -> bool:
    """True for a run at work, and for one in the background that has not said how it ended."""
    detached = Lock(store.places.detached(run_id)).read_holder()
    return store.is_at_work(run_id) or (detached is not None and detached.exit_code is None)


def _find_mtime(path: Path) -> float:
    """When a file was written last; 0 where it has just gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _read_refusal(store: Store, run_id: str) -> Refusal:
    logs = tuple(path for name, path in list_logs(store.places) if name == run_id)
    at = datetime.fromtimestamp(max(map(_find_mtime, logs), default=0.0), tz=UTC)
    code, error = read_error(store.places.result(run_id)) or ("", "")
    return Refusal(run_id, at, code, error, logs)
