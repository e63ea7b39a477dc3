"""One command line: which command it names, and how a refusal is told.

``release`` may be left out: ``omni-release omnibase_core --dry-run`` is ``omni-release release
omnibase_core --dry-run``. A command is the module of its name beside this one, imported when it is
named.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from functools import partial
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, TextIO

import click
from click.shell_completion import shell_complete

from omninode_release import __version__
from omninode_release.commands.options import add_help, config, omni_home
from omninode_release.errors import ACCEPTED, ReleaseError, Terminated, usage_error
from omninode_release.errors.stops import hold_back_stops
from omninode_release.models.command_words import COMMANDS
from omninode_release.release.environment import PLACES, Environment, fix_clock
from omninode_release.system.clock import SystemClock
from omninode_release.system.signals import orderly_stop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from click.shell_completion import CompletionItem

    from omninode_release.system.clock import Clock

PROGRAM = "omni-release"
COMPLETE_VARIABLE = "_OMNI_RELEASE_COMPLETE"
_DEFAULT = "release"
_QUESTIONS = ("-h", "--help", "--version")
_EXAMPLES = """\b
Examples:
  omni-release --dry-run                    show the plan of every repository
  omni-release omnibase_core omnibase_infra release these two
  omni-release --resume RUN_ID              go on with a run that stopped
"""
_EXIT_CODES = """Exit codes: 0 released, dry run or nothing to release; 1 failed; 2 usage or
configuration; 3 partly released; 4 still running (wait); 70 a bug; 130/143 interrupted. What began
and stopped goes on with --resume.
"""


class CommandLine(click.Group):
    """The commands, found by name; what names none is a release."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        with hold_back_stops():  # what is half imported cannot tell of the stop
            module = import_module(f"omninode_release.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if _find_word(args) is None and not (ctx.resilient_parsing and not args):
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options of a release, since its word may be left out, and the commands."""
        release = self.get_command(ctx, _DEFAULT)
        if release is not None:
            release.format_options(ctx, formatter)
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        release = self.get_command(ctx, _DEFAULT)
        more = release.shell_complete(ctx, incomplete) if release else []
        return [*super().shell_complete(ctx, incomplete), *more]


def _find_word(args: Sequence[str]) -> str | None:
    """The command, or question about them all, that stands after what may stand before it."""
    left = iter(args)
    for word in left:
        if word in PLACES:
            next(left, None)
        elif word == "--version" and not next(left, "-").startswith("-"):
            return None  # that of one repository, for a release
        elif not word.startswith(tuple(f"{option}=" for option in PLACES)):
            return word if word in COMMANDS or word in _QUESTIONS else None
    return None


def _read_place(argv: Sequence[str], environment: Environment) -> Iterator[str]:
    """Folder and configuration as the user names them, where the variables do not say the same."""
    for option, variable in PLACES.items():
        said = [after for word, after in pairwise((*argv, "")) if word == option]
        said += [word.partition("=")[2] for word in argv if word.startswith(f"{option}=")]
        if said and said[-1] and said[-1] != environment.variables.get(variable):
            yield from (option, str(environment.folder / said[-1]))


def _print_version(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:  # noqa: FBT001
    if asked and not ctx.resilient_parsing:
        ctx.ensure_object(Environment).print(f"{PROGRAM} {__version__}")
        ctx.exit(0)


COMMAND_LINE = CommandLine(
    PROGRAM,
    help="Release an organisation's Python packages, in dependency order, safely.",
    epilog=f"{_EXAMPLES}\n\n{_EXIT_CODES}",
    options_metavar="[OPTIONS]",
    subcommand_metavar="[REPO]... | COMMAND",
    params=[
        omni_home(),
        config(),
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_print_version,
            help="Show the version.",
        ),
    ],
)
add_help(COMMAND_LINE)


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
    environment = Environment(
        os.environ if environ is None else environ,
        clock or SystemClock(),
        stdin or sys.stdin,
        stdout or sys.stdout,
        stderr or sys.stderr,
    )
    environment = replace(environment, place=tuple(_read_place(argv, environment)))
    if COMPLETE_VARIABLE in environment.variables:
        asked = environment.variables[COMPLETE_VARIABLE]
        context = {"obj": environment}
        return shell_complete(COMMAND_LINE, context, PROGRAM, COMPLETE_VARIABLE, asked)

    return guard(partial(_invoke, argv), environment, as_json=_wants_json(argv))


def guard(work: Callable[[Environment], int], environment: Environment, *, as_json: bool) -> int:
    """The exit code of ``work``; what stopped it before there was a run is told."""
    with orderly_stop():
        try:
            environment = fix_clock(environment)
            return work(environment)
        except (Exception, KeyboardInterrupt) as stopped:  # noqa: BLE001 - every end is told
            return _tell_end(stopped, environment, as_json=as_json)


def _tell_end(stopped: BaseException, environment: Environment, *, as_json: bool) -> int:
    try:
        # What ends well must not pay for it.
        from omninode_release.commands.outcome import print_outcome  # noqa: PLC0415
        from omninode_release.release.ending import refuse  # noqa: PLC0415

        return print_outcome(refuse(stopped, environment), environment, as_json=as_json)
    except (Exception, KeyboardInterrupt):
        if not isinstance(stopped, KeyboardInterrupt):
            raise
        # It came in the middle of an import, which leaves half a module, or it came again.
        environment.complain("INTERRUPTED: interrupted.", "Next: start it again")
        return 128 + (signal.SIGTERM if isinstance(stopped, Terminated) else signal.SIGINT)


def _invoke(argv: Sequence[str], environment: Environment) -> int:
    """Parse and call. Raises USAGE_ERROR naming what is accepted, or what the command raises."""
    try:
        with COMMAND_LINE.make_context(PROGRAM, list(argv), obj=environment) as ctx:
            code: int = COMMAND_LINE.invoke(ctx)
            return code
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.UsageError as error:
        # Click lists choices on lines of their own.
        message, word = " ".join(error.format_message().split()), _find_command(argv)
        raise usage_error(f"{word}: {message}" if word else message, hint=_lists(word)) from None
    except ReleaseError as error:
        error.hint = _lists(_find_command(argv)) if error.hint == ACCEPTED else error.hint
        raise


def _find_command(argv: Sequence[str]) -> str:
    """The command that is named, where it is no release."""
    word = _find_word(argv)
    return word if word and word in COMMANDS and word != _DEFAULT else ""


def _lists(word: str) -> str:
    return ACCEPTED.replace(" ", f" {word} ", 1) if word else ACCEPTED


def _wants_json(argv: Sequence[str]) -> bool:
    """True when a refusal is owed as a result; ``wait`` prints an event a line, and no result."""
    word = _find_word(argv)
    return word == "run-node" or ("--json" in argv and word != "wait")
