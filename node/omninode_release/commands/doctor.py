"""``omni-release doctor``: whether everything a release needs is there, without releasing.

It reads clones as they are, asks remotes and services, and changes nothing. Repositories without
anything to release are looked at, too.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import TextIO

from omninode_release.commands.arguments import Arguments, usage_error
from omninode_release.console.render import check_lines, write_lines
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.check import Check, CheckState
from omninode_release.models.plan import RepoPlan
from omninode_release.models.request import ReleaseRequest
from omninode_release.release.preflight import Preflight
from omninode_release.release.session import Invocation

_EXIT_NOT_FINE = 1


def require_plain(arguments: Arguments) -> None:
    """Raise USAGE_ERROR for arguments that only a release takes."""
    if arguments.request != ReleaseRequest(repos=arguments.request.repos):
        raise usage_error(
            "doctor takes repository names, --config, --omni-home, --json and --verbose."
        )


def doctor(call: Invocation, out: TextIO, *, as_json: bool) -> int:
    """Print every check; 0 when all is well, 1 when something failed or nobody could look."""
    checks = _examined(call)
    counts = Counter(check.state for check in checks)
    fine = not counts["failed"] and not counts["unknown"]
    if as_json:
        write_lines([_json(checks, ok=fine)], out)
    else:
        write_lines(check_lines(checks), out)
        write_lines(["", _sum(counts)], out)
    return 0 if fine else _EXIT_NOT_FINE


def _examined(call: Invocation) -> list[Check]:
    flight = Preflight(call)
    checks = flight.tools()
    if checks[0].state == "failed":  # without git there is nothing to look at
        return checks
    try:
        plan = call.planned(call.scan().read_clones(call.targets(), ask_remotes=False))
    except ReleaseError as error:
        return [*checks, _failed("plan", "graph", error)]
    checks += flight.of([row for row in plan.entries if row.base_sha is not None])
    return [*checks, *map(_refused, plan.errors), *map(_warned, plan.warnings)]


def _refused(row: RepoPlan) -> Check:
    code = row.error_code or ErrorCode.SCAN_FAILED
    return _failed(row.repo, "plan", ReleaseError.of_text(code, row.error or ""))


def _warned(warning: str) -> Check:
    """A warning of the plan; a run that is in the way is one that refuses."""
    refuses = warning.startswith(ErrorCode.RUN_EXISTS)
    if refuses:
        return Check("plan", "runs", "failed", warning, code=ErrorCode.RUN_EXISTS)
    return Check("plan", "warnings", "warning", warning)


def _failed(subject: str, name: str, error: ReleaseError) -> Check:
    return Check(subject, name, "failed", error.message, error.hint or "", error.code)


def _sum(counts: Counter[CheckState]) -> str:
    states: tuple[CheckState, ...] = ("failed", "unknown", "warning", "ok")
    told = ", ".join(f"{counts[each]} {each}" for each in states)
    if counts["failed"]:
        return f"{told}: a release would refuse."
    if counts["unknown"]:
        return f"{told}: what is unknown may be fine or not; look again."
    return f"{told}: a release can begin."


def _json(checks: Sequence[Check], *, ok: bool) -> str:
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
    return json.dumps({"ok": ok, "checks": listed}, indent=2, ensure_ascii=False)
