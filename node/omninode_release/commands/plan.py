"""``omni-release plan [REPO]...``: the dry run, and its plan as data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from omninode_release.commands import options
from omninode_release.commands.carry_out import read_request, write_plan_page
from omninode_release.commands.options import write_file
from omninode_release.commands.outcome import print_outcome
from omninode_release.commands.release import command as release_command
from omninode_release.commands.release import option
from omninode_release.errors import typed
from omninode_release.release.core import release
from omninode_release.system.files import encode_json

if TYPE_CHECKING:
    from omninode_release.release.environment import Environment

_OF_A_RELEASE = frozenset(
    {"repos", "all", "bump", "version", "pre", "run_id", "config", "omni_home", "context_id"}
    | {"ticket", "offline", "preflight", "rehearse", "strict", "html", "verbose"}
)
"""What a dry run takes; --plan belongs to a release alone."""


def _plan(
    environment: Environment,
    *,
    as_json: bool,
    out: str | None,
    html: str | None,
    **given: Any,  # noqa: ANN401
) -> int:
    """Show the plan of a dry run, print it, write it. Raises USAGE_ERROR."""
    request = read_request({**given, "dry_run": True})
    people = replace(environment, stdout=environment.stderr) if as_json else environment
    outcome = release(request, people, as_data=as_json or out is not None)
    plan = outcome.result.plan
    if plan is None or not as_json:
        code = print_outcome(outcome, environment, as_json=as_json)
    else:
        environment.print_model(plan)  # in which secrets are hidden
        code = outcome.exit_code
    if html and outcome.plan is not None:
        write_plan_page(environment, outcome.plan, html)
    if out and plan is not None:
        path = write_file(environment, "--out", out, encode_json(plan))
        release_it = typed(("omni-release", *environment.place, "release", "--plan", str(path)))
        environment.complain(f"Written: {path}", f"Next: {release_it}")
    return code


command = options.command(
    "plan",
    _plan,
    *(each for each in release_command.params if each.name in _OF_A_RELEASE),
    option(
        "--out",
        type=options.NAME,
        metavar="FILE",
        text="Write the plan there, for omni-release release --plan FILE.",
    ),
    options.as_json("Print the whole plan, and nothing else, on stdout (plan.schema.json)."),
    help="Show what a release would do, and why: the dry run, also as data. It changes nothing.",
)
