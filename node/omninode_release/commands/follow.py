"""``wait``, ``cancel`` and ``abandon``: a run seen and stopped from outside.

None of them carries a run out: what they know, they read from the files a run writes.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import click

from omninode_release.commands.arguments import side_door, usage_error
from omninode_release.console.render import run_lines, write_lines
from omninode_release.contract.load import load_contract
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.phase import PhaseState
from omninode_release.models.state import RepoState, RunState
from omninode_release.release.result import EXIT_PARTIAL, run_status
from omninode_release.release.session import begun
from omninode_release.release.store import Store
from omninode_release.system.clock import Clock
from omninode_release.system.lock import Lock
from omninode_release.system.paths import Places
from omninode_release.system.wait import NotYet, Pauses, poll
from omninode_release.text.run_id import RULE, is_run_id

EXIT_STILL_RUNNING = 4
_POLL_SECONDS = 0.5
_STOPS_WITHIN_SECONDS = 60.0
_STOP_POLL_SECONDS = 0.1
_LAST_WORDS = 20


@dataclass(frozen=True)
class Outside:
    """Where runs are looked for, and who is told about them."""

    places: Places
    clock: Clock
    out: TextIO

    @property
    def store(self) -> Store:
        return Store(self.places, self.clock)

    # wait

    def wait(self, argv: Sequence[str]) -> int:
        """Print a run's events until it ends; its exit code, or 4 when it still runs.

        Raises USAGE_ERROR, STATE_NOT_FOUND or STATE_CORRUPT.
        """
        run_id, given = _parsed(
            "wait",
            argv,
            [
                click.Option(["--timeout"], type=click.FloatRange(min=0), default=300.0,
                             metavar="SECONDS", help="Longest wait. [300]"),
                click.Option(["--after"], type=click.IntRange(min=0), default=0, metavar="N",
                             help="Leave out the first N events, which an earlier wait printed."),
                click.Option(["--json"], is_flag=True, help="Print events as JSON lines."),
            ],
            what="Follow a run: print its events until it ends. Exits with the run's exit code,"
            f" or with {EXIT_STILL_RUNNING} while it still runs.",
        )  # fmt: skip
        if run_id is None:
            return self._help(given["help"])
        return self._wait(run_id, given["timeout"], given["after"], as_json=given["json"])

    def _wait(self, run_id: str, timeout: float, seen: int, *, as_json: bool) -> int:
        seen = min(seen, sum(1 for _ in self._events(run_id, after=0)))
        pid = self.store.running(run_id)

        def look() -> NotYet | None:
            nonlocal seen, pid
            pid = self.store.running(run_id)  # before reading: the last words are not missed
            for event in self._events(run_id, after=seen):
                seen += 1
                self._tell([json.dumps(event, ensure_ascii=False)] if as_json else event["lines"])
            return None if pid is None else NotYet()

        poll(look, self.clock, seconds=timeout, pauses=Pauses.every(_POLL_SECONDS))
        if pid is None:
            return self._ended(run_id, seen, as_json=as_json)
        return self._runs_on(run_id, pid, seen, as_json=as_json)

    def _events(self, run_id: str, *, after: int) -> Iterator[dict[str, Any]]:
        """The run's events from number ``after`` on; a line a crash tore tells nothing."""
        path = self.places.events(run_id)
        path = path if path.exists() else self.places.archive / path.name
        try:
            lines = path.read_bytes().split(b"\n")[:-1]  # what stands last is not whole yet
        except FileNotFoundError:
            return
        for line in lines[after:]:
            try:
                event = json.loads(line)
            except ValueError:
                event = {"lines": []}
            yield event

    def _runs_on(self, run_id: str, pid: int, seen: int, *, as_json: bool) -> int:
        if as_json:
            self._tell([json.dumps({"event": "StillRunning", "pid": pid, "after": seen})])
        else:
            again = f"omni-release wait {run_id} --after {seen}"
            self._tell(["", f"{run_id} still runs (pid {pid}).", f"Next: {again}"])
        return EXIT_STILL_RUNNING

    def _ended(self, run_id: str, seen: int, *, as_json: bool) -> int:
        """Say how a run ended that nobody carries out any more."""
        left = Lock(self.places.detached(run_id)).read_holder()
        code = left.exit_code if left else None  # killed, or never in the background
        began = left.began_ns or 0 if left else 0
        written = self._written_ns(run_id)
        if code is not None and (written is None or written < began):
            # It was refused before it came to the state, which tells of an earlier invocation.
            self._end_without_state(run_id, code, seen, as_json=as_json)
            return code
        state = self.store.find(run_id)
        if code is None or self._spoke_before(run_id, written):
            code = _exit_code(state)
        if as_json:
            end = {"event": "Ended", "exit_code": code, "status": state.status, "after": seen}
            self._tell([json.dumps(end | {"error_code": state.error_code, "error": state.error})])
        else:
            self._tell(["", *run_lines(state)])
        return code

    def _end_without_state(self, run_id: str, code: int, seen: int, *, as_json: bool) -> None:
        output = self.places.output(run_id)
        said = output.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_WORDS:]
        if as_json:
            end = {"event": "Ended", "exit_code": code, "after": seen, "log": str(output)}
            self._tell([json.dumps(end | {"said": said})])
        else:
            self._tell([f"{run_id} ended with exit code {code}; {output} says:", *said])

    def _written_ns(self, run_id: str) -> int | None:
        """When the run's state was written last; None where there is none."""
        state = self.places.state(run_id)
        for path in (state, self.places.archive / state.name):
            try:
                return path.stat().st_mtime_ns
            except FileNotFoundError:
                continue
        return None

    def _spoke_before(self, run_id: str, written: int | None) -> bool:
        """Whether somebody has resumed the run elsewhere since the background ended."""
        return written is not None and self.places.detached(run_id).stat().st_mtime_ns < written

    # cancel and abandon

    def cancel(self, argv: Sequence[str]) -> int:
        """Stop a run in an orderly way. Raises RUN_LOCKED when it does not stop."""
        run_id, given = _parsed(
            "cancel", argv, [], what="Stop a run; --resume goes on with it where it stopped."
        )
        if run_id is None:
            return self._help(given["help"])
        holder = self.store.holder(run_id)
        if holder is None:
            self._tell([f"{run_id} is not running; it is {self.store.find(run_id).status}."])
            return 0
        pid = holder.pid
        if holder.stoppable is False:
            raise ReleaseError(
                ErrorCode.RUN_LOCKED,
                f"{run_id} is carried out inside another program (pid {pid}), which a signal would"
                " end as a whole.",
                hint="stop it there",
            )
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        self._until_stopped(run_id, pid)
        self._tell(self._became(run_id))
        return 0

    def _until_stopped(self, run_id: str, pid: int) -> None:
        stopped = poll(
            lambda: self.store.running(run_id) is None or NotYet(),
            self.clock,
            seconds=_STOPS_WITHIN_SECONDS,
            pauses=Pauses.every(_STOP_POLL_SECONDS),
        )
        if isinstance(stopped, NotYet):
            raise ReleaseError(
                ErrorCode.RUN_LOCKED,
                f"asked {run_id} (pid {pid}) to stop {_STOPS_WITHIN_SECONDS:g} s ago, and it"
                " still runs.",
                hint=f"omni-release status {run_id}; everything done so far is recorded",
            )

    def _became(self, run_id: str) -> list[str]:
        """What is left of a run that was asked to stop."""
        if not self.store.exists(run_id):
            over = self.store.archived(run_id)
            what = "had ended already" if over else "has stopped before anything was done"
            return [f"{run_id} {what}."]
        return [f"{run_id} has stopped.", f"Next: omni-release --resume {run_id}"]

    def abandon(self, argv: Sequence[str]) -> int:
        """Give up a run that is not running, and say what it left. Raises RUN_LOCKED."""
        run_id, given = _parsed(
            "abandon",
            argv,
            [],
            what="Give up a run that stopped: it cannot be resumed any more. What was released"
            " stays released; nothing is deleted, what is left is listed.",
        )
        if run_id is None:
            return self._help(given["help"])
        if self.store.archived(run_id) and not self.store.exists(run_id):
            self._tell([f"{run_id} is over already; it is {self.store.find(run_id).status}."])
            return 0
        with self.store.locked(run_id, wait_seconds=0):
            state = self.store.load(run_id)
            state = state.model_copy(
                update={"status": run_status(state), "updated_at": self.clock.now()}
            )
            self.store.save(state)
            self.store.archive(state)
        left = [line for name, repo in state.repos.items() for line in _left_by(name, repo, state)]
        self._tell([f"{run_id} is given up.", *(["It left:", *left] if left else [])])
        return 0

    def _help(self, text: str) -> int:
        self._tell([text])
        return 0

    def _tell(self, lines: Sequence[str]) -> None:
        write_lines(lines, self.out)


def _parsed(
    name: str, argv: Sequence[str], options: Sequence[click.Parameter], *, what: str
) -> tuple[str | None, dict[str, Any]]:
    """Run id and options; no run id where help was asked for. Raises USAGE_ERROR."""
    argument = click.Argument(["run_id"], metavar="RUN_ID")
    given = side_door(name, argv, [argument, *options], what=what)
    if isinstance(given, str):
        return None, {"help": given}
    if not is_run_id(given["run_id"]):
        raise usage_error(f"{name}: expected a run id ({RULE}), found {given['run_id']!r}.")
    return given["run_id"], given


def _exit_code(state: RunState) -> int:
    """The exit code of a run that is over, from its state (spec, Status Values)."""
    contract = load_contract()
    if state.status == "completed":
        return 0
    if state.status == "in_progress" or state.error_code is None:  # killed: nobody wrote an end
        return contract.error(ErrorCode.INTERRUPTED).exit_code
    code = contract.error(state.error_code).exit_code
    return EXIT_PARTIAL if state.status == "partial" and code == 1 else code


def _left_by(name: str, repo: RepoState, state: RunState) -> Iterator[str]:
    """What an abandoned run left of one repository, for a person to look at."""
    if repo.phase is PhaseState.DONE or not begun(repo):
        return
    yield f"  {name}, which stopped after {repo.completed_phase}:"
    if repo.worktree_path and Path(repo.worktree_path).exists():
        yield f"    worktree {repo.worktree_path}"
    done = repo.completed_phase.rank
    where = " (here and on the remote)" if done >= PhaseState.PUSHED.rank else ""
    yield f"    branch release/{state.run_id}/{name}{where}"
    if repo.pr_url:
        merged = ", merged" if done >= PhaseState.MERGED.rank else ", open"
        yield f"    pull request {repo.pr_url}{merged}"
    if done >= PhaseState.MERGED.rank:
        tag = repo.tag or "no tag yet"
        yield f"    {repo.new_version} on the base branch, {tag}, not known to be published"
