"""What the checks before a run mean for it: rows refused, warnings, and all that is in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.plan import PlanStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omninode_release.models.check import Check
    from omninode_release.models.plan import Plan, RepoPlan


def judge(plan: Plan, checks: Sequence[Check]) -> Plan:
    """The plan as the checks leave it: rows that would be refused, and what to be warned of."""
    repos = {row.repo for row in plan.entries}
    failed = [check for check in checks if check.state == "failed"]
    entries = [
        _refuse(row, [check for check in failed if check.subject == row.repo])
        for row in plan.entries
    ]
    general = [f"{check.code} {check.words}" for check in failed if check.subject not in repos]
    told = [
        f"unknown: {check.words}" if check.state == "unknown" else check.words
        for check in checks
        if check.state in {"unknown", "warning"}
    ]
    warnings = tuple(dict.fromkeys((*plan.warnings, *general, *told)))
    return plan.model_copy(update={"entries": tuple(entries), "warnings": warnings})


def refusal(plan: Plan, checks: Sequence[Check]) -> ReleaseError | None:
    """All that keeps a run from beginning in one error, under the code of the first."""
    repos = {row.repo for row in plan.entries}
    reasons = [
        ReleaseError(check.code or ErrorCode.INTERNAL_ERROR, check.text, hint=check.hint or None)
        for check in checks
        if check.state == "failed" and check.subject not in repos
    ]
    for row in plan.errors:
        code = row.error_code or ErrorCode.SCAN_FAILED
        reasons.append(ReleaseError.of_text(code, f"{row.repo}: {row.error}"))
    if len(reasons) <= 1:
        return reasons[0] if reasons else None
    hints = [f" → {each.hint}" if each.hint else "" for each in reasons]
    lines = [
        f"  {each.code} {each.message}{hint}" for each, hint in zip(reasons, hints, strict=True)
    ]
    return ReleaseError(
        reasons[0].code,
        "\n".join([f"{len(reasons)} things are in the way, and nothing was touched:", *lines]),
        hint="mend them and start again; omni-release doctor looks by itself",
    )


def _refuse(row: RepoPlan, failed: Sequence[Check]) -> RepoPlan:
    """The row with the failed checks; what the plan has against it already comes first."""
    if not failed:
        return row
    if row.error_code is None:
        first, *others = failed
        code = first.code or ErrorCode.INTERNAL_ERROR
        error = ReleaseError(code, first.text, hint=first.hint or None)
    else:
        error, others = ReleaseError.of_text(row.error_code, row.error or ""), list(failed)
    error.message += "".join(f" Also {check.words}." for check in others)
    return row.model_copy(
        update={"status": PlanStatus.ERROR, "error_code": error.code, "error": error.text}
    )
