"""``python -m omninode_release.commands.github_action``: one step of action.yml.

Plans or releases as the command line does, and tells GitHub Actions how it went: the report in the
job's summary, an annotation per error, outputs. The inputs are variables and never a part of a
script.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from omninode_release.commands.main import guard
from omninode_release.commands.options import write_file
from omninode_release.commands.outcome import print_outcome
from omninode_release.commands.report import report_stored
from omninode_release.console.report.gather import report_plan
from omninode_release.console.report.markdown import write_markdown
from omninode_release.errors import ErrorCode, ReleaseError, usage_error
from omninode_release.models.request import ReleaseRequest
from omninode_release.models.result import ResultStatus
from omninode_release.release.core import release
from omninode_release.release.ending import refuse
from omninode_release.release.environment import Environment
from omninode_release.system.clock import SystemClock
from omninode_release.system.files import encode_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omninode_release.models.result import ResultDetail
    from omninode_release.release.ending import Outcome

_PLAN_FILE = "omni-release-plan.json"
# The runner acts on every line of a log that begins with ``::``, whatever wrote it (GitHub Docs,
# "Workflow commands for GitHub Actions"). So foreign words are printed only while commands are
# stopped, and escaped in a command of ours.
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}
_LONGEST_SUMMARY = 1_000_000  # bytes
_CUT = "\n\n*The rest does not fit here; omni-release report RUN_ID shows all of it.*\n"


@dataclass(frozen=True)
class Step:
    """What the inputs ask for."""

    request: ReleaseRequest
    plan: str
    """The file a plan is written to, or read from."""


def read_step(variables: Mapping[str, str]) -> Step:
    """The request that the inputs stand for. Raises USAGE_ERROR."""

    def given(name: str) -> str:
        return variables.get(f"OMNI_ACTION_{name}", "").strip()

    command, repos, resume = given("COMMAND"), tuple(given("REPOS").split()), given("RESUME")
    plan = given("PLAN") or _PLAN_FILE
    if command == "plan" and not resume:
        return Step(ReleaseRequest(repos=repos, dry_run=True, preflight=True, strict=True), plan)
    if command == "release" and resume and not repos:
        return Step(ReleaseRequest(resume=resume), plan)
    if command == "release" and not repos:
        return Step(ReleaseRequest(plan=Path(plan)), plan)
    raise usage_error(
        "action.yml: expected `command: plan`, with `repos` or without, or `command: release` with"
        f" `plan` or `resume`, found command {command!r}, repos {' '.join(repos)!r}, resume"
        f" {resume!r}.",
        hint="correct the step's `with`",
    )


def main(variables: Mapping[str, str] | None = None, stdout: TextIO | None = None) -> int:
    shown = stdout or sys.stdout
    # One stream: the runner reads two side by side, and would not know what came first.
    environment = Environment(
        os.environ if variables is None else variables, SystemClock(), stdout=shown, stderr=shown
    )
    return guard(_carry_out, environment, as_json=False)


def _carry_out(environment: Environment) -> int:
    files = _require_files(environment.variables)
    with _commands_stopped(environment):
        outcome, plan = _release(environment)
        code = print_outcome(outcome, environment, as_json=False)
    environment.print(*_list_annotations(outcome))
    summary = _fit_summary(_write_summary(environment, outcome))
    _append(environment, files["GITHUB_STEP_SUMMARY"], summary)
    delimiter = secrets.token_hex(16)  # whatever is in a value, it has not this
    outputs = {**_list_outputs(outcome), "plan": plan}
    lines = [f"{name}<<{delimiter}\n{each}\n{delimiter}\n" for name, each in outputs.items()]
    _append(environment, files["GITHUB_OUTPUT"], "".join(lines).encode())
    return code


def _require_files(variables: Mapping[str, str]) -> dict[str, Path]:
    """Where GitHub reads summary and outputs. Raises USAGE_ERROR outside of a step.

    So it does for a file that cannot be written: that is not to be found out after the release.
    """
    names = ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")
    missing = [name for name in names if not variables.get(name)]
    if missing:
        raise usage_error(
            f"expected to run as a step of GitHub Actions, found no {' and no '.join(missing)}.",
            hint="omni-release plan, or omni-release release",
        )
    files = {name: Path(variables[name]) for name in names}
    for name, path in files.items():
        try:
            path.open("ab").close()
        except OSError as error:
            raise usage_error(
                f"expected {name} to name a file that can be written, found {path}:"
                f" {error.strerror}.",
                hint="see what the job does to that variable, and to its file",
            ) from None
    return files


@contextlib.contextmanager
def _commands_stopped(environment: Environment) -> Iterator[None]:
    """Keep what repositories and programs say from being taken for a command."""
    token = secrets.token_hex(16)
    environment.print(f"::stop-commands::{token}")  # until the token is named
    try:
        yield
    finally:
        environment.print("", f"::{token}::")


def _release(environment: Environment) -> tuple[Outcome, str]:
    """How it ended, and the file with the plan where one was written."""
    try:
        step = read_step(environment.variables)
        outcome = release(step.request, environment, as_data=step.request.dry_run)
        made = outcome.result.plan
        if made is None:
            return outcome, ""
        data = encode_json(made.model_dump(mode="json"))
        return outcome, str(write_file(environment, "plan", step.plan, data))
    except ReleaseError as error:
        return refuse(error, environment), ""


def _list_annotations(outcome: Outcome) -> Iterator[str]:
    """An annotation per error; a repository with nothing to release has none."""
    failed = [each for each in outcome.result.details if each.error and _is_released(each)]
    for each in failed:
        yield _write_error(f"{each.repo}: {each.error_code}", each.error or "")
    if outcome.error is not None:
        yield _write_error(str(outcome.error.code), outcome.error.text)
    elif outcome.exit_code and not failed:
        yield _write_error("plan", "a release would refuse; the job's summary says why")


def _write_summary(environment: Environment, outcome: Outcome) -> str:
    """The plan, or the run as its state has it; what stopped it where there is neither."""
    text = "# No release\n"
    if outcome.plan is not None and outcome.result.status is ResultStatus.DRY_RUN:
        text = write_markdown(report_plan(outcome.plan))
    elif outcome.result.run_id:
        with contextlib.suppress(ReleaseError, OSError):  # it ended before it had a state
            text = write_markdown(report_stored(environment, outcome.result.run_id))
    if outcome.error is not None:
        words = outcome.error.text.replace("```", "` ` `")  # which do not end their fence
        text += f"\n```text\n{words}\n```\n"
    return environment.secrets.hide(text)


def _list_outputs(outcome: Outcome) -> dict[str, str]:
    result = outcome.result
    return {
        "run-id": result.run_id,
        "status": str(result.status),
        "plan-hash": result.plan_hash or "",
        "result": str(outcome.written or ""),
        "repositories": " ".join(each.repo for each in result.details if _is_released(each)),
        "exit-code": str(outcome.exit_code),
    }


def _is_released(detail: ResultDetail) -> bool:
    """True of what a plan would release, or a run released or tried to."""
    return detail.error_code is not ErrorCode.NOTHING_TO_RELEASE


def _append(environment: Environment, path: Path, data: bytes) -> None:
    """Add to the file; a disk that is full by now never changes how a release ended."""
    try:
        with path.open("ab") as file:
            file.write(data)
    except OSError as error:
        environment.complain(f"note: {path} could not be written: {error.strerror}")


def _write_error(title: str, text: str) -> str:
    return f"::error title={_escape(title, _PROPERTY)}::{_escape(text, _DATA)}"


def _fit_summary(text: str) -> bytes:
    """A job summary in UTF-8; GitHub shows none of one above 1 MiB."""
    whole = text.encode()
    if len(whole) <= _LONGEST_SUMMARY:
        return whole
    lines = whole[: _LONGEST_SUMMARY - len(_CUT)].rpartition(b"\n")[0]
    return lines + _CUT.encode()


def _escape(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(each, each) for each in text)


if __name__ == "__main__":
    sys.exit(main())
