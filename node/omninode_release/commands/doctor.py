"""``omni-release doctor``: all that a release needs, looked at without releasing.

It reads clones as they are, asks remotes and services, and changes nothing. Repositories without
anything to release are looked at, too.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from omninode_release.commands import options
from omninode_release.console.render import render_checks
from omninode_release.contract.exit_codes import EXIT_OK, exit_code
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.check import Check
from omninode_release.models.request import ReleaseRequest
from omninode_release.release.approvals.gate_rules import EVERY_MEMBER
from omninode_release.release.plan_run import plan_run
from omninode_release.release.preflight import Preflight
from omninode_release.release.record import RunRecord
from omninode_release.release.session import open_session
from omninode_release.release.world import World
from omninode_release.system.presence import explain_unwritable
from omninode_release.text.next_commands import place_checks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from omninode_release.models.check import CheckState
    from omninode_release.models.plan import RepoPlan
    from omninode_release.release.environment import Environment
    from omninode_release.release.session import Session


def _doctor(
    environment: Environment,
    repos: tuple[str, ...],
    config: Path | None,
    omni_home: Path | None,
    *,
    as_json: bool,
    verbose: bool,
) -> int:
    """Print every check; 0 when all is well, 1 when one failed or could not be made."""
    request = ReleaseRequest(repos=repos, config=config, omni_home=omni_home, verbose=verbose)
    found = _examine(open_session(request, replace(environment, stdout=environment.stderr)))
    checks = place_checks(found, environment.place)
    counts = Counter(check.state for check in checks)
    fine = not counts["failed"] and not counts["unknown"]
    if as_json:
        environment.print_json(describe_checks(checks, ok=fine), indent=2)
    else:
        environment.print(*render_checks(checks), "", _sum_up(counts))
    return EXIT_OK if fine else exit_code("failed")


def _examine(session: Session) -> list[Check]:
    record = RunRecord(session)
    flight = Preflight(World.of(session), record)
    checks = flight.programs()
    rules = [*_check_state(session), *_check_policy(session), *_check_approvers(session)]
    if checks[0].state == "failed":  # without git there is nothing to look at
        return [*checks, *rules]
    try:
        facts = session.scan().read_clones(record.targets, ask_remotes=True)
        plan = plan_run(session, record, facts)
    except ReleaseError as error:
        return [*checks, *rules, Check.failure("plan", "graph", error)]
    checks += [*rules, *_check_console(session)]
    checks += flight.services([row for row in plan.entries if row.base_sha is not None])
    return [*checks, *map(_check_of_row, plan.errors), *map(_check_of_warning, plan.warnings)]


def _check_state(session: Session) -> Iterator[Check]:
    """Whether a run could write down what it does; told where it could not."""
    folder = session.places.states
    why = explain_unwritable(folder)
    if why is None:
        return
    refused = ReleaseError(
        ErrorCode.STORAGE_FAILED,
        f"expected a folder for the state of runs at {folder}, or one that can be made, found"
        f" {why}",
        hint="set ONEX_STATE_DIR to a folder that can be written to",
    )
    yield Check.failure("state", "folder", refused)


def _check_policy(session: Session) -> Iterator[Check]:
    """The machine's policy files, what they demand and what that changes."""
    for policy in session.rules.policies:
        yield Check("policy", "file", "ok", f"{policy.source.path} demands {policy}")
    for line in session.rules.changes():
        yield Check("policy", "effect", "ok", line)


def _check_approvers(session: Session) -> Iterator[Check]:
    if session.config.gate == "slack" and not session.config.approvers:
        hint = f"name them in `approvers` in {session.rules.source.path}"
        yield Check("gate", "approvers", "warning", f"{EVERY_MEMBER}: `approvers` is empty", hint)


def _check_console(session: Session) -> Iterator[Check]:
    """Who starts a run in the background learns here that its gate would find no terminal."""
    if session.config.gate == "console":
        yield Check("gate", "console", "ok", "a person answers where the run is typed: no --detach")


def _check_of_row(row: RepoPlan) -> Check:
    code = row.error_code or ErrorCode.SCAN_FAILED
    return Check.failure(row.repo, "plan", ReleaseError.of_text(code, row.error or ""))


def _check_of_warning(warning: str) -> Check:
    """A warning of the plan; a run that is in the way is one that refuses."""
    refuses = warning.startswith(ErrorCode.RUN_EXISTS)
    if refuses:
        return Check("plan", "runs", "failed", warning, code=ErrorCode.RUN_EXISTS)
    return Check("plan", "warnings", "warning", warning)


def _sum_up(counts: Counter[CheckState]) -> str:
    states: tuple[CheckState, ...] = ("failed", "unknown", "warning", "ok")
    told = ", ".join(f"{counts[each]} {each}" for each in states)
    if counts["failed"]:
        return f"{told}: a release would refuse."
    if counts["unknown"]:
        return f"{told}: what is unknown may be fine or not; look again."
    return f"{told}: a release can begin."


def describe_checks(checks: Sequence[Check], *, ok: bool) -> dict[str, object]:
    """Checks as a caller reads them, and whether all is well."""
    listed = [
        {
            "subject": check.subject,
            "check": check.name,
            "state": check.state,
            "text": check.text,
            "next": check.hint or None,
            "error_code": check.code,
        }
        for check in checks
    ]
    return {"ok": ok, "checks": listed}


command = options.command(
    "doctor",
    _doctor,
    options.repos(),
    options.config(),
    options.omni_home(),
    options.as_json("Print the checks as JSON."),
    options.verbose(),
)
