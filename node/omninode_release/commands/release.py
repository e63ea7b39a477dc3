"""``omni-release [release] [REPO]...``: the skill itself."""

from __future__ import annotations

from typing import Any

import click

from omninode_release.commands import options
from omninode_release.models.commit import Level


def option(*names: str, text: str, **settings: Any) -> click.Option:  # noqa: ANN401
    return click.Option(names, help=text, **settings)


command = options.command(
    "release",
    "omninode_release.commands.carry_out:carry_out",
    options.repos(),
    option("--all", is_flag=True, text="Every repository of the graph (the default)."),
    option(
        "--bump",
        multiple=True,
        metavar="[REPO=]LEVEL",
        text=f"Release as {', '.join(Level)}: every repository that has something to release, or"
        " one. [from commits]",
    ),
    option(
        "--version",
        multiple=True,
        metavar="REPO=X.Y.Z",
        text="Version of one repository, released even where no commit asks for it.",
    ),
    option(
        "--plan",
        type=options.PATH,
        metavar="FILE",
        text="Release exactly the plan that omni-release plan --out FILE wrote, or end PLAN_STALE.",
    ),
    option(
        "--pre",
        metavar="KIND",
        text="Release a pre-release (a, b or rc) of every repository that has something to"
        " release.",
    ),
    option("--dry-run", is_flag=True, text="Show the plan and change nothing."),
    option(
        "--resume",
        metavar="RUN_ID",
        shell_complete=options.list_run_ids,
        text="Go on with a run that stopped.",
    ),
    option(
        "--skip-pypi-wait",
        is_flag=True,
        text="Do not wait for the package index after publishing.",
    ),
    option(
        "--pypi-timeout-minutes",
        metavar="MINUTES",
        type=float,
        default=10.0,
        text="Longest wait for the package index, per repository. [10]",
    ),
    option("--run-id", metavar="ID", text="Name the run yourself."),
    option(
        "--take-over",
        is_flag=True,
        text="Take the run over from another machine that is known to be dead (state: git).",
    ),
    option(
        "--gate-attestation",
        metavar="TOKEN",
        text="A token <slack_ts>:<run_id> issued beforehand, instead of asking.",
    ),
    options.config(),
    options.omni_home(),
    option("--context-id", metavar="ID", text="Folder name of the result file. [the run id]"),
    option("--ticket", metavar="OMN-1234", text="Ticket for commit and pull request."),
    option("--offline", is_flag=True, text="Dry run: do not ask the remotes."),
    option(
        "--preflight",
        is_flag=True,
        text="Dry run: check everything a real run would check before the gate.",
    ),
    option(
        "--rehearse",
        is_flag=True,
        text="Dry run: lock, lint and build each package in throw-away trees, as a run does.",
    ),
    option("--strict", is_flag=True, text="Dry run: exit 1 when a real run would refuse."),
    option(
        "--events",
        type=options.NAME,
        metavar="FILE|-",
        text="Add the run's events to FILE as JSON lines; - is stdout, and people read stderr.",
    ),
    option(
        "--html",
        type=options.NAME,
        metavar="FILE",
        text="Dry run: write the plan as a page, too.",
    ),
    options.as_json(
        "Print the ModelSkillResult, and nothing else, on stdout; with --detach, what was started."
    ),
    option(
        "--detach",
        "in_background",
        is_flag=True,
        text="Start the run in the background and print its id.",
    ),
    options.verbose(),
    help="Release an organisation's Python packages, in dependency order, safely.",
)
