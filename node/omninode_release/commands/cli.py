"""The ``omni-release`` command: parse, wire, call, exit code; nothing else.

The command itself is the skill; the side doors (``demo``, ``status``, …) are words that no
repository may be named. Imports stand in the functions that need them: ``--version`` must not pay
for the rest.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO, TextIOWrapper
from typing import TYPE_CHECKING, TextIO

from omninode_release import __version__

if TYPE_CHECKING:
    from omninode_release.commands.arguments import Arguments
    from omninode_release.commands.follow import Outside
    from omninode_release.errors import ReleaseError
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.release.result import Outcome
    from omninode_release.release.session import Invocation
    from omninode_release.system.clock import Clock


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
    _prepare_streams()
    code = main()
    _end_stream(sys.stdout)
    gc.freeze()
    return code


def _prepare_streams() -> None:
    """Give the process three streams that can take any text.

    Whoever starts us may have closed one (``>&-``): the next file that is opened would get its
    number. A character the terminal's encoding lacks is written as an escape.
    """
    for name, fd in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.open(os.devnull, os.O_RDWR), "r" if fd == 0 else "w"))  # noqa: PTH123, SIM115
        stream = getattr(sys, name)
        if fd != 0 and isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _end_stream(stream: TextIO) -> None:
    """Flush, so that the interpreter need not: it would turn a closed pipe into exit code 120."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


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
    from omninode_release.commands.environment import Terminated, clock_of, orderly_stop
    from omninode_release.errors import ErrorCode, ReleaseError
    from omninode_release.system.clock import SystemClock

    environ = os.environ if environ is None else environ
    terminal = Terminal(
        environ,
        clock or SystemClock(),
        stdin or sys.stdin,
        stdout or sys.stdout,
        stderr or sys.stderr,
    )
    as_json = _wants_json(argv)
    try:
        terminal = terminal if clock else replace(terminal, clock=clock_of(environ))
    except ReleaseError as error:
        return _told(_not_begun(error, terminal), terminal, as_json=as_json)
    with orderly_stop():
        try:
            return _dispatch(argv, terminal)
        except KeyboardInterrupt as interrupt:  # before there was a run to record it in
            stopped = ReleaseError(ErrorCode.INTERRUPTED, "interrupted.", hint="start it again")
            _told(_not_begun(stopped, terminal), terminal, as_json=as_json)
            return 143 if isinstance(interrupt, Terminated) else 130


def _wants_json(argv: Sequence[str]) -> bool:
    """Whether a refusal is owed as a result; ``wait`` prints an event a line, and no result."""
    return argv[:1] == ["run-node"] or ("--json" in argv and argv[:1] != ["wait"])


def _dispatch(argv: Sequence[str], terminal: Terminal) -> int:
    from omninode_release.errors import ReleaseError

    doors = {
        "demo": _demo,
        "status": _status,
        "doctor": _doctor,
        "run-node": _run_node,
        "wait": _wait,
        "cancel": _cancel,
        "abandon": _abandon,
        "validate": _validate,
        "install-skill": _install_skill,
    }
    word, *rest = argv or [""]
    if word not in doors:
        return _release(argv, terminal)
    try:
        return doors[word](rest, terminal)
    except ReleaseError as error:
        return _told(_not_begun(error, terminal), terminal, as_json=_wants_json(argv))


# The skill itself.


def _release(argv: Sequence[str], terminal: Terminal) -> int:
    from omninode_release.commands.arguments import parse
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
        from omninode_release.release.dry_run import preview

        return preview(call)
    from omninode_release.release.run import Run

    return Run(call, terminal.stdin, out).carry_out()


def _detached(argv: Sequence[str], arguments: Arguments, terminal: Terminal) -> int:
    """Start the run in the background; what can be refused at once is refused at once."""
    import json

    from omninode_release.commands.detach import detach
    from omninode_release.console.render import write_lines

    call = _invocation(arguments, terminal, terminal.stderr)
    passed_on = [each for each in argv if each not in {"--detach", "--json"}]
    if not (arguments.request.run_id or arguments.request.resume):
        passed_on = ["--run-id", call.run_id, *passed_on]
    begun = detach(passed_on, call.run_id, call.places, terminal.environ, terminal.clock)
    begun["result"] = str(call.places.result(call.context_id()))
    lines = [json.dumps(begun)] if arguments.json else [
        f"{call.run_id} runs in the background (pid {begun['pid']}), it prints to {begun['log']}",
        f"Follow: omni-release wait {call.run_id}",
        f"Stop:   omni-release cancel {call.run_id}",
    ]  # fmt: skip
    write_lines(lines, terminal.stdout)
    return 0


def _invocation(arguments: Arguments, terminal: Terminal, out: TextIO) -> Invocation:
    from omninode_release.commands.environment import config_of, places_of
    from omninode_release.console.render import Console
    from omninode_release.events import Subscribers, shielded
    from omninode_release.release.session import Invocation
    from omninode_release.system.child_environment import child_environment
    from omninode_release.system.process import Programs
    from omninode_release.system.redaction import withheld_secrets

    places = places_of(terminal.environ, arguments.omni_home)
    config = config_of(terminal.environ, places, arguments.config)
    _known(arguments.request.repos, config)
    console = Console(out, verbose=arguments.verbose)
    return Invocation(
        request=arguments.request,
        config=config,
        places=places,
        programs=Programs(
            child_environment(terminal.environ),
            terminal.clock,
            echo=shielded(console.command) if arguments.verbose else None,
            secrets=withheld_secrets(terminal.environ),
        ),
        environ=terminal.environ,
        clock=terminal.clock,
        report=Subscribers(console),
    )


def _not_begun(error: ReleaseError, terminal: Terminal) -> Outcome:
    """The outcome of an invocation that was refused before there was a run."""
    from omninode_release.models.result import ResultStatus
    from omninode_release.release.result import Outcome, exit_code, result_of

    now = terminal.clock.now()
    result = result_of(
        run_id="", status=ResultStatus.FAILED, started_at=now, finished_at=now, error=error
    )
    return Outcome(result, exit_code(result), error)


def _told(outcome: Outcome, terminal: Terminal, *, as_json: bool) -> int:
    from omninode_release.console.render import error_lines, summary_lines, write_lines

    def tell(lines: Iterable[str], out: TextIO) -> None:
        try:
            write_lines(lines, out)
        except (OSError, ValueError) as error:  # full, or closed: what was done is done
            with contextlib.suppress(OSError, ValueError):
                write_lines([f"note: not everything could be printed: {error}"], terminal.stderr)

    people = terminal.stderr if as_json else terminal.stdout
    if outcome.result.run_id:  # otherwise there was no run to sum up
        tell(summary_lines(outcome.result), people)
    if outcome.error is not None:
        tell(error_lines(outcome.error), terminal.stderr)
    if as_json:
        tell([outcome.result.model_dump_json(indent=2)], terminal.stdout)
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
    from omninode_release.commands.demo import demo

    def release(argv: Sequence[str], environ: Mapping[str, str]) -> int:
        return _release(argv, replace(terminal, environ=environ))

    return demo(rest, terminal.environ, terminal.stdout, release)


def _status(rest: Sequence[str], terminal: Terminal) -> int:
    from omninode_release.commands.environment import places_without_clones
    from omninode_release.commands.status import status

    places = places_without_clones(terminal.environ)
    return status(rest, places, terminal.clock, terminal.stdout)


def _doctor(rest: Sequence[str], terminal: Terminal) -> int:
    from omninode_release.commands.arguments import parse
    from omninode_release.commands.doctor import doctor, require_plain

    arguments = parse(rest)
    if arguments.help is not None:
        terminal.stdout.write(arguments.help + "\n")
        return 0
    require_plain(arguments)
    call = _invocation(arguments, terminal, terminal.stderr)
    return doctor(call, terminal.stdout, as_json=arguments.json)


def _run_node(rest: Sequence[str], terminal: Terminal) -> int:
    from omninode_release.commands.request_json import arguments_of
    from omninode_release.commands.run_node import HELP, bug, checked, request_text
    from omninode_release.errors import ReleaseError

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


def _wait(rest: Sequence[str], terminal: Terminal) -> int:
    return _outside(terminal).wait(rest)


def _cancel(rest: Sequence[str], terminal: Terminal) -> int:
    return _outside(terminal).cancel(rest)


def _abandon(rest: Sequence[str], terminal: Terminal) -> int:
    return _outside(terminal).abandon(rest)


def _outside(terminal: Terminal) -> Outside:
    from omninode_release.commands.environment import places_without_clones
    from omninode_release.commands.follow import Outside

    return Outside(places_without_clones(terminal.environ), terminal.clock, terminal.stdout)


def _validate(rest: Sequence[str], terminal: Terminal) -> int:
    from omninode_release.commands.validate import validate

    return validate(rest, terminal.stdout)


def _install_skill(rest: Sequence[str], terminal: Terminal) -> int:
    from omninode_release.commands.environment import skills_of
    from omninode_release.commands.install_skill import install_skill

    return install_skill(rest, skills_of(terminal.environ), terminal.stdout)
