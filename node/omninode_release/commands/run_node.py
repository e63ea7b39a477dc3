"""``omni-release run-node --input FILE|-``: the plain node runner.

One request in JSON is read and one ModelSkillResult is answered, whatever happens; what happens in
between is the ordinary command.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TextIO

from omninode_release.commands.arguments import usage_error
from omninode_release.commands.request_json import HINT, MOST_CHARACTERS
from omninode_release.contract.schemas import check
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.release.result import Outcome

HELP = """\
Usage: omni-release run-node --input FILE

  Read one request in JSON from FILE (- is stdin) and print the ModelSkillResult, nothing else, on
  stdout. Exit codes are those of the command line; nobody is asked on a terminal.

A skill request; an argument without a value is "" or "true":
  {"skill_name": "release", "skill_path": "skills/release/SKILL.md",
   "args": {"repos": "omnibase_core omnibase_infra", "bump": "minor", "dry-run": ""},
   "correlation_id": "7b0d2c1e-6f0a-4d57-9a43-0d6c2b8f5a11"}

The contract's own inputs; no repositories are all of them:
  {"repos": ["omnibase_core", "omnibase_infra"], "bump_override": "minor", "dry_run": true}

skill-request, release-inputs and result in schemas/ say what each may hold.
"""


def request_text(arguments: Sequence[str], stdin: TextIO) -> str:
    """The text of the request that ``arguments`` name. Raises USAGE_ERROR."""
    match arguments:
        case ["--input", name]:
            pass
        case [word] if word.startswith("--input="):
            name = word.removeprefix("--input=")
        case _:
            found = " ".join(arguments) or "nothing"
            raise usage_error(
                f"run-node takes --input FILE, or --input - for stdin; found {found}."
            )
    try:
        with nullcontext(stdin) if name == "-" else Path(name).open(encoding="utf-8") as file:
            # One more than is allowed: enough to see that it is too much, however much it is.
            return file.read(MOST_CHARACTERS + 1)
    except (OSError, ValueError) as error:
        where = "stdin" if name == "-" else name
        raise ReleaseError(
            ErrorCode.USAGE_ERROR,
            f"expected a request in UTF-8 at {where}, found: {error}.",
            hint=HINT,
        ) from None


def checked(outcome: Outcome) -> Outcome:
    """The outcome, once its result fits the schema. Raises OUTPUT_INVALID."""
    value = outcome.result.model_dump(mode="json")
    check("result", value, code=ErrorCode.OUTPUT_INVALID, where="the result")
    return outcome


def bug(error: Exception, log: TextIO) -> ReleaseError:
    """What nobody foresaw before there was a run to record it in; its traceback goes to ``log``."""
    traceback.print_exception(error, file=log)
    return ReleaseError(
        ErrorCode.INTERNAL_ERROR,
        f"{type(error).__name__}: {error}. This is a bug; the traceback is on stderr.",
        hint="report it with the traceback",
    )
