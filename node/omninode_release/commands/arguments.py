"""The command line as click parses it, and the rules click does not know (spec, Arguments)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.commit import Level
from omninode_release.models.request import ReleaseRequest
from omninode_release.text.run_id import RULE, is_run_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omninode_release.contract.documents.blocks import CommandLine

_TICKET = re.compile(r"[A-Z][A-Z0-9]*-\d+", re.ASCII)


class SideDoor(NamedTuple):
    """A command word that does something else than release."""

    word: str
    takes: str
    does: str


SIDE_DOORS = (
    SideDoor("demo", "[--keep DIR]", "release six small packages, on this machine only"),
    SideDoor("status", "[RUN_ID]", "list the runs, or show one of them"),
    SideDoor("doctor", "[REPO]...", "say whether all that a release needs is there"),
    SideDoor("run-node", "--input FILE", "a request in JSON, answered in JSON"),
    SideDoor("wait", "RUN_ID", "follow a run until it ends"),
    SideDoor("cancel", "RUN_ID", "stop a run; --resume goes on with it"),
    SideDoor("abandon", "RUN_ID", "give a stopped run up"),
    SideDoor("validate", "", "compare contract, code and documents"),
    SideDoor("install-skill", "[--dest DIR]", "put the skill where an agent finds it"),
)
_LISTED = "\n".join(
    f"  omni-release {f'{door.word} {door.takes}':<26} {door.does}" for door in SIDE_DOORS
)
_EPILOG = f"""\b
Examples:
  omni-release --dry-run                    show the plan of every repository
  omni-release omnibase_core omnibase_infra release these two
  omni-release --resume RUN_ID              go on with a run that stopped
\b
Other commands:
{_LISTED}
\b
Exit codes: 0 released, dry run or nothing to release; 1 failed; 2 usage or configuration;
3 partly released; 4 still running (wait); 70 a bug; 130/143 interrupted. What began and stopped
goes on with --resume.
"""


@dataclass(frozen=True)
class Arguments:
    """A parsed command line."""

    request: ReleaseRequest
    config: Path | None
    omni_home: Path | None
    json: bool
    verbose: bool
    detach: bool = False
    help: str | None = None
    """The help text, when that is what was asked for."""


def parse(argv: Sequence[str]) -> Arguments:
    """Parse and check a command line. Raises USAGE_ERROR naming what is accepted."""
    try:
        context = command().make_context("omni-release", list(argv))
    except click.UsageError as error:
        raise usage_error(error.format_message()) from None
    values: dict[str, Any] = context.params
    if values["help"]:
        return Arguments(ReleaseRequest(), None, None, json=False, verbose=False,
                         help=context.get_help())  # fmt: skip
    _check(values)
    return Arguments(
        request=ReleaseRequest(
            repos=tuple(dict.fromkeys(values["repos"])),
            bump=Level(values["bump"]) if values["bump"] else None,
            dry_run=values["dry_run"],
            resume=values["resume"],
            skip_pypi_wait=values["skip_pypi_wait"],
            pypi_timeout_minutes=values["pypi_timeout_minutes"],
            run_id=values["run_id"],
            gate_attestation=values["gate_attestation"],
            context_id=values["context_id"],
            ticket=values["ticket"],
            offline=values["offline"],
            strict=values["strict"],
            preflight=values["preflight"],
        ),
        config=values["config"],
        omni_home=values["omni_home"],
        json=values["json"],
        verbose=values["verbose"],
        detach=values["detach"],
    )


def options() -> dict[str, bool]:
    """Every option a request can have, without its dashes, and whether it is a bare flag."""
    return {
        option.opts[0].removeprefix("--"): option.is_flag
        for option in command().params
        if isinstance(option, click.Option) and option.name not in {"help", "detach"}
    }


def command_line() -> CommandLine:
    """The command line as the documents show it."""
    from omninode_release.contract.documents.blocks import CommandLine, Usage  # noqa: PLC0415 - start-up

    def usage(each: click.Parameter) -> Usage:
        if isinstance(each, click.Option):
            choices = each.type.choices if isinstance(each.type, click.Choice) else ()
            takes = "" if each.is_flag else each.metavar or "|".join(choices)
            return Usage(each.opts[0], takes, each.help or "")
        return Usage(each.name or "", "NAME…", "Repositories to release. [all of the graph]")

    return CommandLine(
        tuple(map(usage, command().params)),
        tuple(Usage(door.word, door.takes, door.does) for door in SIDE_DOORS),
    )


def side_door(
    name: str, argv: Sequence[str], params: Sequence[click.Parameter], *, what: str
) -> dict[str, Any] | str:
    """The parsed arguments of a command word, or its help. Raises USAGE_ERROR."""
    command = click.Command(
        f"omni-release {name}",
        help=what,
        params=[*params, click.Option(["--help"], is_flag=True, help="Show this text.")],
        add_help_option=False,
        context_settings={"terminal_width": 100},
    )
    if "--help" in argv:
        return click.Context(command, info_name=command.name, terminal_width=100).get_help()
    try:
        return command.make_context(f"omni-release {name}", list(argv)).params
    except click.UsageError as error:
        raise usage_error(f"{name}: {error.format_message()}") from None


def usage_error(
    message: str, *, hint: str = "omni-release --help lists what is accepted"
) -> ReleaseError:
    return ReleaseError(ErrorCode.USAGE_ERROR, message, hint=hint)


def _check(values: dict[str, Any]) -> None:
    if values["all"] and values["repos"]:
        raise usage_error("--all and repository names exclude each other: pass one of them.")
    if values["resume"]:
        _check_resume(values)
    _check_dry_run(values)
    if not 0 < values["pypi_timeout_minutes"] < math.inf:
        raise usage_error("--pypi-timeout-minutes: expected a number of minutes above 0.")
    for option, value in (("--resume", values["resume"]), ("--run-id", values["run_id"]),
                          ("--context-id", values["context_id"])):  # fmt: skip
        if value is not None and not is_run_id(value):
            raise usage_error(f"{option}: expected {RULE}; found {value!r}.")
    if values["ticket"] is not None and not _TICKET.fullmatch(values["ticket"]):
        raise usage_error(f"--ticket: expected one like OMN-1234, found {values['ticket']!r}.")


def _check_dry_run(values: dict[str, Any]) -> None:
    of_dry_run = ("offline", "preflight", "strict")
    if any(values[name] for name in of_dry_run) and not values["dry_run"]:
        raise usage_error(
            "--offline, --preflight and --strict belong to --dry-run: add it, or leave them out."
        )
    if values["offline"] and values["preflight"]:
        raise usage_error("--offline and --preflight exclude each other: pass one of them.")
    if values["detach"] and values["dry_run"]:
        raise usage_error("--dry-run is over in a moment: leave out --detach.")


def _check_resume(values: dict[str, Any]) -> None:
    given = [
        name
        for name, value in (
            ("repository names", values["repos"]),
            ("--all", values["all"]),
            ("--run-id", values["run_id"]),
            ("--bump", values["bump"]),
            ("--ticket", values["ticket"]),
        )
        if value
    ]
    if given:
        raise usage_error(
            f"--resume goes on with what its run was started for: leave out {', '.join(given)}."
        )


def command() -> click.Command:
    """The skill itself as click knows it; the documents are generated from it too."""
    path = click.Path(path_type=Path)
    option = click.Option
    return click.Command(
        "omni-release",
        help="Release an organisation's Python packages, in dependency order, safely.",
        epilog=_EPILOG,
        options_metavar="[OPTIONS]",
        add_help_option=False,
        context_settings={"max_content_width": 100, "terminal_width": 100},
        params=[
            click.Argument(["repos"], nargs=-1, metavar="[REPO]..."),
            option(["--all"], is_flag=True, help="Every repository of the graph (the default)."),
            option(["--bump"], type=click.Choice([level.value for level in Level]),
                   help="Level for every repository that has something to release. [from commits]"),
            option(["--dry-run"], is_flag=True, help="Show the plan and change nothing."),
            option(["--resume"], metavar="RUN_ID", help="Go on with a run that stopped."),
            option(["--skip-pypi-wait"], is_flag=True,
                   help="Do not wait for the package index after publishing."),
            option(["--pypi-timeout-minutes"], metavar="MINUTES", default=10.0,
                   type=float,
                   help="Longest wait for the package index, per repository. [10]"),
            option(["--run-id"], metavar="ID", help="Name the run yourself."),
            option(["--gate-attestation"], metavar="TOKEN",
                   help="A token <slack_ts>:<run_id> issued beforehand, instead of asking."),
            option(["--config"], type=path, metavar="FILE",
                   help="Release configuration. [$OMNI_RELEASE_CONFIG, OMNI_HOME/release.yaml]"),
            option(["--omni-home"], type=path, metavar="DIR",
                   help="Folder with the clones. [$OMNI_HOME]"),
            option(["--context-id"], metavar="ID",
                   help="Folder name of the result file. [the run id]"),
            option(["--ticket"], metavar="OMN-1234", help="Ticket for commit and pull request."),
            option(["--offline"], is_flag=True, help="Dry run: do not ask the remotes."),
            option(["--preflight"], is_flag=True,
                   help="Dry run: check everything a real run would check before the gate."),
            option(["--strict"], is_flag=True,
                   help="Dry run: exit 1 when a real run would refuse."),
            option(["--json"], is_flag=True, help="Print the ModelSkillResult, and nothing else,"
                   " on stdout; with --detach, what was started."),
            option(["--detach"], is_flag=True,
                   help="Start the run in the background and print its id."),
            option(["--verbose"], is_flag=True, help="Show every program that is run."),
            option(["--help"], is_flag=True, help="Show this text."),
        ],
    )  # fmt: skip
