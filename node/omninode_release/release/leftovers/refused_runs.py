"""Runs that were refused, or stopped, before their gate: they left logs, and no state."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.console.event_log import write_end
from omninode_release.contract.exit_codes import exit_code, exit_code_of_error
from omninode_release.contract.load import load_contract
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.result import ResultStatus
from omninode_release.system.files import read_file
from omninode_release.system.json_text import parse_json
from omninode_release.system.lock import Lock
from omninode_release.system.presence import is_file
from omninode_release.system.scratch import is_free
from omninode_release.text.control_characters import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.release.ending import Outcome
    from omninode_release.release.store import Store
    from omninode_release.system.files import JsonLines
    from omninode_release.system.paths import Places

_ENDED_WELL = (ResultStatus.SUCCESS, "completed")
"""In a result, and in an event."""
_LOGS = (".journal.jsonl", ".events.jsonl", ".output.log", ".log", ".detached")


class Refusal(NamedTuple):
    """What is known of a run that never began."""

    run_id: str
    at: datetime
    """When it was heard of last."""
    code: str = ""
    error: str = ""
    """Why; empty where nothing tells it any more."""
    logs: tuple[Path, ...] = ()
    ended_with: int = 1
    """Its exit code; that of a failure where nothing tells it."""

    @property
    def why(self) -> str:
        """For a person."""
        if self.error:
            return f"{self.code}: {plain(self.error)}"
        logs = ", ".join(map(str, self.logs))
        return f"it was killed, or why is not kept any more; look at {logs}"


def keep_end(events: JsonLines, store: Store, outcome: Outcome) -> None:
    """Write down among its events how a run ended whose state does not tell it, and has left logs.

    It never began and has none, or a signal ended it, of which there are two.
    """
    result, places = outcome.result, store.places
    is_kept = result.error_code is None or load_contract().error(result.error_code).result_file
    logs = (places.journal(result.run_id), places.events(result.run_id))
    is_kept = is_kept and not store.lock.is_held_by_another(result.run_id)
    is_untold = outcome.exit_code == exit_code("terminated") or _has_no_state(store, result.run_id)
    if is_kept and is_untold and any(map(Path.exists, logs)):
        write_end(events, result, outcome.exit_code)


def list_logs(places: Places) -> Iterator[tuple[str, Path]]:
    """What is beside the states, and of which run; what a process has locked is left out."""
    for path in sorted(places.states.glob("*")):
        ending = next((each for each in _LOGS if path.name.endswith(each)), None)
        if ending and is_file(path) and is_free(path):
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
        result = _read_end(store.places, run_id)
        if result.get("status") not in _ENDED_WELL:
            at = datetime.fromtimestamp(max(map(_find_mtime, logs[run_id])), tz=UTC)
            code, error = _find_error(result) or ("", "")
            ended_with = _find_exit_code(result, code)
            yield Refusal(run_id, at, code, error, tuple(logs[run_id]), ended_with)


def find_refusal(store: Store, run_id: str) -> Refusal | None:
    """The refusal of that run; None where it was not refused, or began."""
    return next((each for each in find_refusals(store) if each.run_id == run_id), None)


def find_last_exit_code(store: Store, run_id: str) -> int | None:
    """How an invocation said it ended, where nothing has been at the run since."""
    said = _read_last_word(store.places.events(run_id)).get("exit_code")
    return said if isinstance(said, int) else None


def had_nothing_to_release(store: Store, run_id: str) -> bool:
    """True of a run that ended well and never began."""
    end = _read_end(store.places, run_id)
    # A result tells how many, the event that stands in its place is of a run without a state.
    is_empty = end.get("status") in _ENDED_WELL and not end.get("repos_attempted")
    return is_empty and _has_not_begun(store, run_id)


def _read_end(places: Places, run_id: str) -> dict[str, object]:
    """How the run ended last, by its events; by its result where a process was killed, or is old.

    A dry run under the same name writes a result, and no events.
    """
    return _read_last_word(places.events(run_id)) or _read_result(places.result(run_id))


def find_why(store: Store, run_id: str, *, since_ns: int) -> tuple[str, str] | None:
    """Code and words of the error that an invocation has ended with since then, where it told."""
    places, context_id = store.places, run_id
    with contextlib.suppress(ReleaseError):
        context_id = store.find(run_id).context_id
    told = _find_error(_read_result(places.result(context_id), since_ns=since_ns))
    return told or _find_error(_read_last_word(places.events(run_id), since_ns=since_ns))


def _read_last_word(events: Path, *, since_ns: int = 0) -> dict[str, object]:
    """The event by which a run that never began ended; empty where that is not the last one."""
    with contextlib.suppress(OSError, ReleaseError, ValueError):
        whole = read_file(events).rpartition(b"\n")[0]
        last = parse_json(whole.rpartition(b"\n")[2])
        is_told = events.stat().st_mtime_ns >= since_ns
        if is_told and isinstance(last, dict) and last.get("event") == "Ended":
            return last
    return {}


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


def _find_exit_code(end: dict[str, object], code: str) -> int:
    """The exit code of how a run ended: an event says it, of a result its error does."""
    said = end.get("exit_code")
    if isinstance(said, int):
        return said
    known = code in ErrorCode.__members__
    return exit_code_of_error(ErrorCode(code), partial=False) if known else exit_code("failed")


def _has_not_begun(store: Store, run_id: str) -> bool:
    return _has_no_state(store, run_id) and not _is_coming(store, run_id)


def _has_no_state(store: Store, run_id: str) -> bool:
    is_over_elsewhere = store.control is not None and store.control.branch.is_over(run_id)
    return not (store.has_state(run_id) or store.is_archived(run_id) or is_over_elsewhere)


def _is_coming(store: Store, run_id: str) -> bool:
    """True for a run at work, and for one of another machine that has not said how it ended."""
    detached = Lock(store.places.detached(run_id)).read_holder()
    elsewhere = detached is not None and detached.exit_code is None and detached.is_elsewhere()
    return store.lock.is_at_work(run_id) or elsewhere


def _find_mtime(path: Path) -> float:
    """When a file was written last; 0 where it has just gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
