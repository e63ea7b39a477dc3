"""Taking up an approval that was given before: ``resume_gate: reuse``."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omninode_release.models.plan import Plan
    from omninode_release.models.state import Approval
    from omninode_release.release.session import Session


def find_approval(session: Session, plan: Plan, earlier: Sequence[Approval]) -> Approval | None:
    """The newest approval that a person gave of exactly what is left of the plan.

    None where the configuration does not want it, where it is too old, and where the person may not
    approve any more.
    """
    config, request = session.config, session.request
    if config.resume_gate != "reuse" or not request.resume or request.gate_attestation:
        return None
    rows = {row.repo: row.digest() for row in plan.remaining}
    fitting = [each for each in earlier if rows.items() <= each.rows.items()]
    return next((each for each in reversed(fitting) if _still_counts(session, each)), None)


def _still_counts(session: Session, approval: Approval) -> bool:
    config = session.config
    if approval.at is None or approval.approver is None:  # unverified, or of an earlier version
        return False
    age = session.clock.now() - approval.at
    is_fresh = timedelta(0) <= age < timedelta(hours=config.approval_hours)
    in_slack = approval.posted_ts is not None
    by_reviewer = approval.provider == "environment"
    if {"slack": not in_slack, "environment": not by_reviewer}.get(config.gate):
        return False
    is_listed = (in_slack or by_reviewer) and config.approvers
    is_named = not is_listed or approval.approver in config.approvers
    return is_fresh and is_named


def name_approval(session: Session, approval: Approval) -> str:
    """The line by which a plan, a result and a person know it."""
    when = f"{approval.at:%Y-%m-%d %H:%M} UTC" if approval.at else "an unknown time"
    return f"approved at {when} by {approval.approver} for run {session.run_id}, taken up"
