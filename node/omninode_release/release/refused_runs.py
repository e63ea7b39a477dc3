"""Runs that were refused, or stopped, before their gate: they left logs, and no state."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.models.result import ResultStatus
from omninode_release.system.files import read_file
from omninode_release.system.json_text import parse_json
from omninode_release.system.lock import Lock
from omninode_release.system.scratch import is_free

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omninode_release.release.store import Store
    from omninode_release.system.paths import Places

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
    """Their names, those that had nothing to release included."""
    return {run_id for run_id, _ in list_logs(store.places) if _has_not_begun(store, run_id)}


def find_refusals(store: Store) -> Iterator[Refusal]:
    """Those that were refused or stopped, by name; what had nothing to release ended well."""
    logs: dict[str, list[Path]] = {}
    for run_id, path in list_logs(store.places):
        logs.setdefault(run_id, []).append(path)
    for run_id in sorted(each for each in logs if _has_not_begun(store, each)):
        result = _read_result(store.places.result(run_id))
        if result.get("status") != ResultStatus.SUCCESS:
            at = datetime.fromtimestamp(max(map(_find_mtime, logs[run_id])), tz=UTC)
            code, error = _find_error(result) or ("", "")
            yield Refusal(run_id, at, code, error, tuple(logs[run_id]))


def read_error(path: Path, *, since_ns: int = 0) -> tuple[str, str] | None:
    """Code and words of the error in a result, where one was written since then."""
    return _find_error(_read_result(path, since_ns=since_ns))


def _read_result(path: Path, *, since_ns: int = 0) -> dict[str, object]:
    """A result as it stands there; empty where there is none, or none since then."""
    try:
        if path.stat().st_mtime_ns < since_ns:
            return {}
        result = parse_json(read_file(path))
    except (OSError, ValueError):
        return {}
    return result if isinstance(result, dict) else {}


def _find_error(result: dict[str, object]) -> tuple[str, str] | None:
    code, text = result.get("error_code"), result.get("error")
    return (code, text) if isinstance(code, str) and isinstance(text, str) else None


def _has_not_begun(store: Store, run_id: str) -> bool:
    begun = store.has_state(run_id) or store.is_archived(run_id)
    return not begun and not _is_coming(store, run_id)


def _is_coming(store: Store, run_id: str) -> bool:
    """True for a run at work, and for one in the background that has not said how it ended."""
    detached = Lock(store.places.detached(run_id)).read_holder()
    return store.lock.is_at_work(run_id) or (detached is not None and detached.exit_code is None)


def _find_mtime(path: Path) -> float:
    """When a file was written last; 0 where it has just gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
