"""A release as it was asked for on a command line."""

from __future__ import annotations

import errno
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TextIO

import click

from omninode_release.commands.outcome import print_outcome
from omninode_release.errors import ErrorCode, usage_error
from omninode_release.models.request import ReleaseRequest
from omninode_release.release.core import release
from omninode_release.release.session import open_session
from omninode_release.system.files import StreamLines, open_for_adding
from omninode_release.text.versions.words import read_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.models.plan import Plan
    from omninode_release.release.ending import Outcome
    from omninode_release.release.environment import Environment

_FOLLOWS = "omni-release wait RUN_ID --json"


def carry_out(
    environment: Environment,
    *,
    as_json: bool,
    in_background: bool,
    html: str | None,
    events: str | None,
    **given: Any,  # noqa: ANN401
) -> int:
    request = read_request(given)
    if html and not request.dry_run:
        raise usage_error(
            "--html shows a plan and belongs to --dry-run: add it, or look at a run with"
            " omni-release report RUN_ID --html FILE."
        )
    if in_background:
        if events:
            raise usage_error(
                f"--events is of a run in the foreground: {_FOLLOWS} follows this one."
            )
        return _start(request, environment, as_json=as_json)
    if events == "-" and as_json:
        raise usage_error("--json and --events - both want stdout: give --events a FILE.")
    people = (
        replace(environment, stdout=environment.stderr) if as_json or events == "-" else environment
    )
    with open_events(environment, events) as stream:
        outcome = release(request, replace(people, events=stream), as_data=as_json)
        if stream is not None:
            from omninode_release.console.event_log import write_end  # noqa: PLC0415

            write_end(StreamLines(stream, environment.secrets), outcome.result, outcome.exit_code)
    if not as_json and _names_nothing(request, environment) and _lacks_clones(outcome):
        people.print(click.get_current_context().find_root().get_help(), "")
    code = print_outcome(outcome, environment if as_json else people, as_json=as_json)
    if html and outcome.plan is not None:
        write_plan_page(environment, outcome.plan, html)
    return code


@contextmanager
def open_events(environment: Environment, name: str | None) -> Iterator[TextIO | None]:
    """Where the events go, if anywhere. Raises USAGE_ERROR for a file that cannot be added to."""
    if name is None or name == "-":
        yield environment.stdout if name else None
        return
    path = environment.absolute(name, what="file")
    try:
        file = open_for_adding(path)
    except OSError as error:
        reason = "nothing that reads this pipe" if error.errno == errno.ENXIO else error.strerror
        raise usage_error(
            f"--events: expected a file that can be added to at {path}, found: {reason}.",
            hint="name another file, or - for stdout",
        ) from None
    try:
        yield file
    finally:
        # What only shows never decides how a run ends: a full disk may refuse the last line.
        with suppress(OSError):
            file.close()


def write_plan_page(environment: Environment, plan: Plan, name: str) -> None:
    """Write a plan as HTML, and say where. Raises USAGE_ERROR where that cannot be."""
    # A plain dry run must not pay for the pages.
    from omninode_release.commands.report import write_page  # noqa: PLC0415
    from omninode_release.console.report.gather import report_plan  # noqa: PLC0415

    environment.complain(f"Written: {write_page(environment, report_plan(plan), name)}")


def read_request(given: dict[str, Any]) -> ReleaseRequest:
    """The request that parsed options stand for. Raises USAGE_ERROR."""
    words = read_words(given.pop("bump"), given.pop("version"), given.pop("pre"))
    return ReleaseRequest(**given, **words._asdict())


def _start(request: ReleaseRequest, environment: Environment, *, as_json: bool) -> int:
    """Start the run in the background; what can be refused at once is refused at once."""
    if request.dry_run:
        raise usage_error("--dry-run is over in a moment: leave out --detach.")
    # Only a run in the background has to pay for it.
    from omninode_release.commands.detach import detach  # noqa: PLC0415

    session = open_session(request, replace(environment, stdout=environment.stderr))
    begun = detach(session, request)
    if as_json:
        environment.print_json(begun)
    else:
        environment.print(
            f"{session.run_id} runs in the background (pid {begun['pid']}), it prints to"
            f" {begun['log']}",
            f"Follow: omni-release wait {session.run_id}",
            f"Stop:   omni-release cancel {session.run_id}",
        )
    return 0


def _names_nothing(request: ReleaseRequest, environment: Environment) -> bool:
    """True for a bare call, which wants to know what there is where there is nothing to release."""
    return request == ReleaseRequest() and not environment.variables.get("OMNI_HOME")


def _lacks_clones(outcome: Outcome) -> bool:
    return outcome.error is not None and outcome.error.code is ErrorCode.CONFIG_INVALID
