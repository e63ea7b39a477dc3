"""``omni-release wait RUN_ID``: follow a run by what it writes, until it ends."""

from __future__ import annotations

import datetime as dt
import itertools
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from omninode_release.commands import options
from omninode_release.console.event_log import list_waited_for
from omninode_release.console.render_run import render_run
from omninode_release.contract.exit_codes import exit_code, exit_code_of_error, exit_code_of_state
from omninode_release.errors import ErrorCode, ReleaseError, split_lines, typed
from omninode_release.release.find_store import find_store
from omninode_release.release.leftovers.refused_runs import (
    find_last_exit_code,
    find_refusal,
    find_why,
    had_nothing_to_release,
)
from omninode_release.system.files import read_file
from omninode_release.system.json_text import parse_json
from omninode_release.system.lock import Lock
from omninode_release.system.wait import NotYet, Pauses, poll
from omninode_release.text.next_commands import find_commands, find_resume
from omninode_release.text.run_summary import list_what_stays

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omninode_release.release.environment import Environment
    from omninode_release.release.leftovers.refused_runs import Refusal
    from omninode_release.release.store import Store
    from omninode_release.system.paths import Places

_POLL_SECONDS = 0.5
_POLL_ELSEWHERE_SECONDS = 5.0
"""A run of another machine is looked at in its control repository."""
_LONGEST_SECONDS = 300.0
_LAST_WORDS = 20


def _wait(
    environment: Environment, run_id: str, timeout: float, after: int, *, as_json: bool
) -> int:
    """Print a run's events until it ends; its exit code, or that of a run still at work.

    Raises STATE_NOT_FOUND or STATE_CORRUPT, which a program is told as the last event.
    """
    places, store = environment.places_of_runs(), find_store(environment, run_id)
    follower = _Follower(environment, places, store, run_id, as_json)
    try:
        return _follow(follower, timeout, after)
    except ReleaseError as error:
        if as_json:
            follower.print_unknown(error)
        raise


def _follow(follower: _Follower, timeout: float, after: int) -> int:
    environment, run_id = follower.environment, follower.run_id
    seen = min(after, sum(1 for _ in follower.read_events(after=0)))
    at_it = follower.find_owner()
    is_here = at_it.is_here
    pauses = Pauses.every(_POLL_SECONDS if is_here else _POLL_ELSEWHERE_SECONDS)
    if not is_here:
        environment.complain(f"note: {run_id} is carried out by {at_it.name}; its events are there")

    trouble = ""

    def look() -> NotYet | None:
        nonlocal seen, at_it, trouble
        try:
            at_it = follower.find_owner()  # before reading: the last words are not missed
        except ReleaseError as error:
            if is_here:
                raise
            if error.message != trouble:  # a network that is away for a while is no end of the run
                environment.complain(f"note: {error.message} It is asked again.")
            trouble = error.message
            return NotYet()
        seen += follower.print_events(after=seen)
        return NotYet() if at_it.name and environment.can_print else None

    poll(look, environment.clock, seconds=timeout, pauses=pauses)
    if at_it.name:
        return follower.print_still_running(at_it, seen, timeout)
    return follower.print_end(seen) if is_here else follower.print_state(seen)


class _AtIt(NamedTuple):
    """Which process is at a run; without a name, none is."""

    name: str = ""
    pid: int | None = None
    """Of one on this machine."""
    began: dt.datetime | None = None
    """Since when that one is at it."""

    @property
    def is_here(self) -> bool:
        return self.pid is not None or not self.name


@dataclass(frozen=True)
class _Follower:
    """Reads the files of one run and prints what stands in them."""

    environment: Environment
    places: Places
    store: Store
    run_id: str
    as_json: bool

    def read_events(self, *, after: int) -> Iterator[dict[str, Any]]:
        """The run's events from number ``after`` on; a line that a crash tore is empty."""
        logs = self.places.list_everywhere(self.places.events(self.run_id))
        lines = [*itertools.chain.from_iterable(map(_read_lines, logs))]
        for number, line in enumerate(lines[after:], start=after + 1):
            try:
                event = parse_json(line)
            except ValueError:
                event = {}
            # An earlier version wrote no number. How the run ended is told last, and once.
            is_shown = event and event.get("event") != "Ended"
            yield {"number": number, **event} if is_shown else {}

    def print_events(self, *, after: int) -> int:
        """Print new events; how many they were."""
        events = list(self.read_events(after=after))
        for event in filter(None, events):
            self._print(event, event.get("lines", []))
        return len(events)

    def find_owner(self) -> _AtIt:
        """Who is at the run, here or on another machine."""
        holder = self.store.lock.find_holder(self.run_id)
        if holder is not None:
            began = dt.datetime.fromtimestamp((holder.began_ns or 0) // 10**9, dt.UTC)
            return _AtIt(f"pid {holder.pid}", holder.pid, began)
        if self.store.control is not None:
            self.store.control.branch.fetch()
        return _AtIt(str(self.store.lock.find_lease(self.run_id) or ""))

    def print_still_running(self, at_it: _AtIt, seen: int, timeout: float) -> int:
        """Say so, and how to wait again: as long, and in the same form."""
        longest = ("--timeout", f"{timeout:g}") if timeout not in {0, _LONGEST_SECONDS} else ()
        form = ("--json",) if self.as_json else ()
        again = ("omni-release", "wait", self.run_id, *longest, *form, "--after", str(seen))
        here = {} if at_it.pid is None else {"pid": at_it.pid}
        waits = list_waited_for(self.read_events(after=0), since=at_it.began)
        self._print(
            {"event": "StillRunning", **here, "after": seen, "next": [again], "lines": waits},
            ["", f"{self.run_id} still runs ({at_it.name}).", *waits, f"Next: {shlex.join(again)}"],
        )
        return exit_code("running")

    def print_end(self, seen: int) -> int:
        """Say how a run ended that nothing carries out any more."""
        left = Lock(self.places.detached(self.run_id)).read_holder()
        code = left.exit_code if left else None  # None: killed, or never in the background
        began = left.began_ns or 0 if left else 0
        written = self._written_ns()
        if code is not None and (written is None or written < began):
            # It ended before it came to the state, which tells of an earlier invocation.
            if code == 0 and had_nothing_to_release(self.store, self.run_id):
                return self._print_nothing(seen)
            self._print_refusal(code, seen, began)
            return code
        if code is None or self.store.control is not None or self._was_resumed_since(written):
            return self.print_state(seen)
        return self.print_state(seen, code)

    def print_state(self, seen: int, code: int | None = None) -> int:
        """Say how a run ended by its state, and with which ``code`` where that is known."""
        try:
            state, standing = self.store.look(self.run_id)
        except ReleaseError as error:
            if had_nothing_to_release(self.store, self.run_id):
                return self._print_nothing(seen)
            refused = find_refusal(self.store, self.run_id)
            if error.code is not ErrorCode.STATE_NOT_FOUND or refused is None:
                raise
            return self._print_never_begun(refused, seen)
        if code is None and standing == "interrupted":
            code = find_last_exit_code(self.store, self.run_id)
        code = exit_code_of_state(state) if code is None else code
        end = {"event": "Ended", "exit_code": code, "status": standing, "after": seen}
        end |= {"error_code": state.error_code, "error": state.error}
        end |= {"next": [*find_commands(state.error or "")]}
        if standing == "interrupted":  # a kill leaves no error that says so
            resume = find_resume(state)
            words = "; ".join(("interrupted", *list_what_stays(state)))
            why = ReleaseError(ErrorCode.INTERRUPTED, f"{words}.", hint=typed(resume))
            end |= {"error_code": why.code, "error": why.text, "next": [resume]}
        if standing == "abandoned":  # what its error says of going on is over
            end |= {"next": [("omni-release", "clean", self.run_id)]}
        self._print(end, ["", *render_run(state, standing, width=self.environment.width)])
        return code

    def print_unknown(self, error: ReleaseError) -> None:
        """Tell of a run of which nothing can be said; the error says why."""
        code = exit_code_of_error(error.code, partial=False)
        end = {"event": "Ended", "exit_code": code, "status": "refused"}
        end |= {"error_code": error.code, "error": error.text}
        self._print(end | {"next": [*find_commands(error.hint or "")]}, [])

    def _print_nothing(self, seen: int) -> int:
        """Tell of a run that had nothing to release; its exit code."""
        end = {"event": "Ended", "exit_code": 0, "status": "completed", "after": seen}
        end |= {"error_code": None, "error": None, "next": []}
        self._print(end, [f"{self.run_id} ended with exit code 0: there was nothing to release."])
        return 0

    def _print_never_begun(self, refused: Refusal, seen: int) -> int:
        """Tell of a run in the foreground that was refused; its exit code."""
        code = refused.ended_with
        end = {"event": "Ended", "exit_code": code, "status": "refused", "after": seen}
        end |= {"error_code": refused.code or None, "error": refused.error or None}
        end |= {"next": [*find_commands(refused.error)]}
        self._print(end, [f"{self.run_id} ended with exit code {code}.", refused.why])
        return code

    def _print_refusal(self, code: int, seen: int, began: int) -> None:
        """Tell of an invocation that left the state as it was: by its result, else its output."""
        output = self.places.output(self.run_id)
        end = {"event": "Ended", "exit_code": code, "status": "refused", "after": seen}
        end |= {"log": str(output)}
        found = find_why(self.store, self.run_id, since_ns=began)
        if found:
            end |= {"error_code": found[0], "error": found[1], "next": [*find_commands(found[1])]}
            why = ": ".join(found)
            self._print(end, [f"{self.run_id} ended with exit code {code}.", why])
            return
        said = split_lines(read_file(output).decode(errors="replace"))[-_LAST_WORDS:]
        shown = [f"{self.run_id} ended with exit code {code}; {output} says:", *said]
        self._print(end | {"said": said, "next": [*find_commands("\n".join(said))]}, shown)

    def _print(self, event: dict[str, Any], lines: list[str]) -> None:
        if self.as_json:
            self.environment.print_json({"run_id": self.run_id, **event})
        else:
            self.environment.show(*lines)

    def _written_ns(self) -> int | None:
        """When the run's state was written last; None where there is none."""
        state = self.places.state(self.run_id)
        for path in (state, self.places.archive / state.name):
            try:
                return path.stat().st_mtime_ns
            except FileNotFoundError:
                continue
        return None

    def _was_resumed_since(self, written: int | None) -> bool:
        """True when the state is newer than the end of the run in the background."""
        detached = self.places.detached(self.run_id)
        return written is not None and detached.stat().st_mtime_ns < written


def _read_lines(log: Path) -> list[bytes]:
    try:
        return read_file(log).split(b"\n")[:-1]  # what stands last is not whole yet
    except FileNotFoundError:
        return []


command = options.command(
    "wait",
    _wait,
    options.run_id(),
    click.Option(
        ["--timeout"],
        type=options.SECONDS,
        default=_LONGEST_SECONDS,
        metavar="SECONDS",
        help="Longest wait. [300]",
    ),
    click.Option(
        ["--after"],
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help="Leave out the first N events, which an earlier wait printed.",
    ),
    options.as_json("Print events as JSON lines."),
    help="Follow a run: print its events until it ends. Exits with the run's exit code, or with 4"
    " while it still runs.",
)
