"""``omni-release run-node --input FILE|-``: the plain node runner.

One request in JSON is read and one ModelSkillResult is answered, whatever happens; what happens in
between is the ordinary release.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from omninode_release.commands import options
from omninode_release.commands.outcome import print_outcome
from omninode_release.errors import ErrorCode, ReleaseError, usage_error
from omninode_release.release.core import answer
from omninode_release.release.environment import for_a_program
from omninode_release.release.requests.request_json import HINT, MOST_CHARACTERS
from omninode_release.system.files import open_file

if TYPE_CHECKING:
    from omninode_release.release.environment import Environment

_HELP = """\
Read one request in JSON from FILE (- is stdin) and print the ModelSkillResult, nothing else, on
stdout. Exit codes are those of the command line; no person is asked.

\b
A skill request; an argument without a value is "" or "true":
  {"skill_name": "release", "skill_path": "skills/release/SKILL.md",
   "args": {"repos": "omnibase_core omnibase_infra", "bump": "minor",
            "dry-run": ""},
   "correlation_id": "7b0d2c1e-6f0a-4d57-9a43-0d6c2b8f5a11"}

\b
The contract's own inputs; no repositories are all of them:
  {"repos": ["omnibase_core", "omnibase_infra"],
   "bump_override": "minor", "dry_run": true}

skill-request, release-inputs and result in schemas/ say what each may hold.
"""


def _run_node(environment: Environment, names: tuple[str, ...]) -> int:
    """Answer the request. Raises USAGE_ERROR."""
    if len(names) > 1:
        raise usage_error(f"run-node: expected one --input, found {len(names)}.", hint=HINT)
    outcome = answer(_read(names[0], environment), for_a_program(environment))
    return print_outcome(outcome, environment, as_json=True)


def _read(name: str, environment: Environment) -> str:
    try:
        # One more than is allowed: enough to see that it is too much, however much it is.
        if name == "-":
            return environment.stdin.read(MOST_CHARACTERS + 1)
        with os.fdopen(open_file(name, os.O_RDONLY), encoding="utf-8") as file:
            return file.read(MOST_CHARACTERS + 1)
    except (OSError, ValueError) as error:
        where = "stdin" if name == "-" else name
        found = getattr(error, "strerror", None) or error
        raise ReleaseError(
            ErrorCode.USAGE_ERROR,
            f"expected a request in UTF-8 at {where}, found: {found}.",
            hint=HINT,
        ) from None


command = options.command(
    "run-node",
    _run_node,
    click.Option(
        ["--input", "names"],
        required=True,
        multiple=True,
        type=options.NAME,
        metavar="FILE",
        help="The file with the request; - is stdin.",
    ),
    help=_HELP,
)
