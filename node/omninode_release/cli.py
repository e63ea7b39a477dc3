"""The ``omni-release`` command: parse, wire, call, exit code; nothing else.

The command itself is the skill; the side doors (``demo``, ``status``, …) are words that no
repository may be named. Environment variables are read here and nowhere below. Imports stand in
the functions that need them: ``--version`` must not pay for the rest.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import StringIO
from typing import TYPE_CHECKING, NoReturn, TextIO

from omninode_release import __version__

if TYPE_CHECKING:
    from pathlib import Path
    from types import FrameType

    from omninode_release.arguments import Arguments
    from omninode_release.clock import Clock
    from omninode_release.errors import ReleaseError
    from omninode_release.files import Places
    from omninode_release.invocation import Invocation
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.outcome import Outcome


class Terminated(KeyboardInterrupt):
    """SIGTERM: an orderly stop, as by Ctrl-C."""


@dataclass(frozen=True)
class Terminal:
    """What surrounds a command: environment, streams, time."""

    environ: Mapping[str, str]
    clock: Clock
    stdin: TextIO
    stdout: TextIO
    stderr: TextIO


def command() -> int:
    """``main`` in a process of its own, which is spared most looking for garbage.

    What is imported stays to the end; a quarter of a dry run went into looking through it, as it
    was loaded and once more on the way out (docs.python.org, gc.freeze).
    """
    gc.set_threshold(100_000)
    code = main()
    gc.freeze()
    return code


def main(
    argv: Sequence[str] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    stdin: TextIO | None = None,
    stdout: TextIO | None = None,
    stderr: TextIO | None = None,
) -> int:
    """Run one command line and answer its exit code; everything around it can be passed in."""
    argv = sys.argv[1:] if argv is None else list(argv)
    if argv == ["--version"]:
        (stdout or sys.stdout).write(f"omni-release {__version__}\n")
        return 0
    from omninode_release.clock import SystemClock
    from omninode_release.errors import ReleaseError

    environ = os.environ if environ is None else environ
    terminal = Terminal(
        environ,
        clock or SystemClock(),
        stdin or sys.stdin,
        stdout or sys.stdout,
        stderr or sys.stderr,
    )
    try:
        terminal = terminal if clock else replace(terminal, clock=_clock(environ))
    except ReleaseError as error:
        as_json = argv[:1] == ["run-node"] or "--json" in argv
        return _told(_not_begun(error, terminal), terminal, as_json=as_json)
    with _orderly_stop():
        return _dispatch(argv, terminal)


def _dispatch(argv: Sequence[str], terminal: Terminal) -> int:
    doors = {
        "demo": _demo,
        "status": _status,
        "doctor": _doctor,
        "run-node": _run_node,
        "validate": _validate,
        "install-skill": _install_skill,
    }
    match argv:
        case ["wait" | "cancel" | "abandon" as word, *rest]:
            return _outside(word, rest, terminal)
        case [word, *rest] if word in doors:
            return doors[word](rest, terminal)
        case _:
            return _release(argv, terminal)


# The skill itself.


def _release(argv: Sequence[str], terminal: Terminal) -> int:
    from omninode_release.arguments import parse
    from omninode_release.errors import ReleaseError

    try:
        arguments = parse(argv)
        if arguments.help is not None:
            terminal.stdout.write(arguments.help + "\n")
            return 0
        if arguments.detach:
            return _detached(argv, arguments, terminal)
        outcome = _carried_out(arguments, terminal)
    except ReleaseError as error:
        outcome = _not_begun(error, terminal)
        return _told(outcome, terminal, as_json="--json" in argv)
    return _told(outcome, terminal, as_json=arguments.json)


def _carried_out(arguments: Arguments, terminal: Terminal) -> Outcome:
    out = terminal.stderr if arguments.json else terminal.stdout
    call = _invocation(arguments, terminal, out)
    if arguments.request.dry_run:
        from omninode_release.preview import preview

        return preview(call)
    from omninode_release.run import Run

    return Run(call, terminal.stdin, out).carry_out()


def _detached(argv: Sequence[str], arguments: Arguments, terminal: Terminal) -> int:
    """Start the run in the background; what can be refused at once is refused at once."""
    import json

    from omninode_release.detached import detach
    from omninode_release.render import write_lines

    call = _invocation(arguments, terminal, terminal.stderr)
    passed_on = [each for each in argv if each not in {"--detach", "--json"}]
    if not (arguments.request.run_id or arguments.request.resume):
        passed_on += ["--run-id", call.run_id]
    begun = detach(passed_on, call.run_id, call.places, terminal.environ, terminal.clock)
    lines = [json.dumps(begun)] if arguments.json else [
        f"{call.run_id} runs in the background (pid {begun['pid']}), it prints to {begun['log']}",
        f"Follow: omni-release wait {call.run_id}",
        f"Stop:   omni-release cancel {call.run_id}",
    ]  # fmt: skip
    write_lines(lines, terminal.stdout)
    return 0


def _invocation(arguments: Arguments, terminal: Terminal, out: TextIO) -> Invocation:
    from omninode_release.invocation import Invocation
    from omninode_release.process import Programs, child_environment, withheld
    from omninode_release.render import Console

    places = _places(arguments.omni_home, terminal.environ)
    config = _config(arguments.config, places, terminal.environ)
    _known(arguments.request.repos, config)
    report = Console(out, terminal.clock, verbose=arguments.verbose)
    return Invocation(
        request=arguments.request,
        config=config,
        places=places,
        programs=Programs(
            child_environment(terminal.environ),
            terminal.clock,
            echo=report.command if arguments.verbose else None,
            secrets=withheld(terminal.environ),
        ),
        environ=terminal.environ,
        clock=terminal.clock,
        report=report,
    )


def _not_begun(error: ReleaseError, terminal: Terminal) -> Outcome:
    """The outcome of an invocation that was refused before there was a run."""
    from omninode_release.models.result import ResultStatus
    from omninode_release.outcome import Outcome, exit_code, result_of

    now = terminal.clock.now()
    result = result_of(
        run_id="", status=ResultStatus.FAILED, started_at=now, finished_at=now, error=error
    )
    return Outcome(result, exit_code(result), error)


def _told(outcome: Outcome, terminal: Terminal, *, as_json: bool) -> int:
    from omninode_release.render import error_lines, summary_lines, write_lines

    people = terminal.stderr if as_json else terminal.stdout
    if outcome.result.run_id:  # otherwise there was no run to sum up
        write_lines(summary_lines(outcome.result), people)
    if outcome.error is not None:
        write_lines(error_lines(outcome.error), terminal.stderr)
    if as_json:
        write_lines([outcome.result.model_dump_json(indent=2)], terminal.stdout)
    return outcome.exit_code


def _known(repos: Sequence[str], config: ReleaseConfig) -> None:
    from omninode_release.errors import ErrorCode, ReleaseError

    unknown = [repo for repo in repos if repo not in config.graph.repos]
    if unknown:
        raise ReleaseError(
            ErrorCode.UNKNOWN_REPO,
            f"expected repositories of the tier graph ({', '.join(config.graph.repos)}),"
            f" found {', '.join(unknown)}.",
            hint="correct the name, or add the repository to graph.tiers",
        )


# Side doors.


def _demo(rest: Sequence[str], terminal: Terminal) -> int:
    from omninode_release.demo import demo
    from omninode_release.errors import ReleaseError

    def release(argv: Sequence[str], environ: Mapping[str, str]) -> int:
        return _release(argv, replace(terminal, environ=environ))

    try:
        return demo(rest, terminal.environ, terminal.stdout, release)
    except ReleaseError as error:
        return _told(_not_begun(error, terminal), terminal, as_json=False)


def _status(rest: Sequence[str], terminal: Terminal) -> int:
    from omninode_release.errors import ReleaseError
    from omninode_release.status import status

    try:
        return status(rest, _places(None, terminal.environ, need_home=False), terminal.clock,
                      terminal.stdout)  # fmt: skip
    except ReleaseError as error:
        return _told(_not_begun(error, terminal), terminal, as_json="--json" in rest)


def _run_node(rest: Sequence[str], terminal: Terminal) -> int:
    from omninode_release.errors import ReleaseError
    from omninode_release.request_json import arguments_of
    from omninode_release.run_node import HELP, bug, checked, request_text

    if list(rest) == ["--help"]:
        terminal.stdout.write(HELP)
        return 0
    try:
        arguments = arguments_of(request_text(rest, terminal.stdin))
        # Whoever sends JSON cannot be asked on a terminal, whatever stdin is.
        outcome = checked(_carried_out(arguments, replace(terminal, stdin=StringIO())))
    except ReleaseError as error:
        outcome = _not_begun(error, terminal)
    except Exception as error:  # noqa: BLE001 - a caller is owed a result, also by a bug
        outcome = _not_begun(bug(error, terminal.stderr), terminal)
    return _told(outcome, terminal, as_json=True)


def _outside(word: str, rest: Sequence[str], terminal: Terminal) -> int:
    from omninode_release.errors import ReleaseError
    from omninode_release.follow import Outside

    places = _places(None, terminal.environ, need_home=False)
    outside = Outside(places, terminal.clock, terminal.stdout)
    doors = {"wait": outside.wait, "cancel": outside.cancel, "abandon": outside.abandon}
    try:
        return doors[word](rest)
    except ReleaseError as error:
        return _told(_not_begun(error, terminal), terminal, as_json="--json" in rest)


def _validate(rest: Sequence[str], terminal: Terminal) -> int:
    from omninode_release.errors import ReleaseError
    from omninode_release.validate import validate

    try:
        return validate(rest, terminal.stdout)
    except ReleaseError as error:
        return _told(_not_begun(error, terminal), terminal, as_json=False)


def _install_skill(rest: Sequence[str], terminal: Terminal) -> int:
    from omninode_release.errors import ReleaseError
    from omninode_release.install_skill import install_skill

    root = terminal.environ.get("CLAUDE_CONFIG_DIR") or _user(terminal.environ) / ".claude"
    try:
        return install_skill(rest, _absolute(root) / "skills", terminal.stdout)
    except ReleaseError as error:
        return _told(_not_begun(error, terminal), terminal, as_json=False)


def _doctor(rest: Sequence[str], terminal: Terminal) -> int:
    from omninode_release.arguments import parse
    from omninode_release.doctor import doctor, require_plain
    from omninode_release.errors import ReleaseError

    try:
        arguments = parse(rest)
        if arguments.help is not None:
            terminal.stdout.write(arguments.help + "\n")
            return 0
        require_plain(arguments)
        call = _invocation(arguments, terminal, terminal.stderr)
        return doctor(call, terminal.stdout, as_json=arguments.json)
    except ReleaseError as error:
        return _told(_not_begun(error, terminal), terminal, as_json="--json" in rest)


# What surrounds a command.


def _clock(environ: Mapping[str, str]) -> Clock:
    """The machine's clock, or one that stands still for a run that must be repeatable.

    Raises CONFIG_INVALID.
    """
    from datetime import datetime

    from omninode_release.clock import FixedClock, SystemClock
    from omninode_release.errors import ErrorCode, ReleaseError

    moment = environ.get("OMNI_RELEASE_NOW")
    try:
        return FixedClock(datetime.fromisoformat(moment)) if moment else SystemClock()
    except ValueError:
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            "OMNI_RELEASE_NOW: expected a time such as 2026-02-25T14:00:00+00:00, found"
            f" {moment!r}.",
            hint="correct it, or unset it",
        ) from None


def _places(
    omni_home: Path | None, environ: Mapping[str, str], *, need_home: bool = True
) -> Places:
    from pathlib import Path

    from omninode_release.errors import ErrorCode, ReleaseError
    from omninode_release.files import Places

    home = omni_home or Path(environ.get("OMNI_HOME", ""))
    if need_home and home == Path():
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            "expected the folder with the clones, found neither --omni-home nor OMNI_HOME.",
            hint="pass --omni-home DIR, or set OMNI_HOME",
        )
    home = _absolute(home)
    if need_home and not home.is_dir():
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"expected a folder with the clones at {home}, found none.",
            hint="pass --omni-home DIR or set OMNI_HOME to where they are",
        )
    root = environ.get("ONEX_STATE_DIR") or environ.get("CLAUDE_CONFIG_DIR")
    worktrees = environ.get("OMNI_WORKTREES")
    return Places(
        root=_absolute(root or _user(environ) / ".claude"),
        omni_home=home,
        worktrees=_absolute(worktrees or home.parent / "omni_worktrees"),
    )


def _user(environ: Mapping[str, str]) -> Path:
    from pathlib import Path

    return Path(environ.get("HOME") or Path.home())


def _absolute(path: str | Path) -> Path:
    """``path`` from here: programs run in other folders."""
    from pathlib import Path

    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow the user's links


def _config(path: Path | None, places: Places, environ: Mapping[str, str]) -> ReleaseConfig:
    from pathlib import Path

    from omninode_release.configuration import load_config

    beside = places.omni_home / "release.yaml"
    named = path or (
        Path(environ["OMNI_RELEASE_CONFIG"]) if environ.get("OMNI_RELEASE_CONFIG") else None
    )
    return load_config(named or (beside if beside.is_file() else None))


@contextmanager
def _orderly_stop() -> Iterator[None]:
    """Turn SIGTERM into an exception, so that state is saved and children are ended.

    Not on another thread than the main one: there signals are the business of whose process it is.
    """
    import threading

    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
