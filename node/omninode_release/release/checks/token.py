"""What Slack says of a gate token, asked without using it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ReleaseError
from omninode_release.gate.token import approve_by_token
from omninode_release.models.check import Check, ask
from omninode_release.release.checks.services import slack_answers
from omninode_release.release.gate_rules import find_slack_for_token, how_checked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omninode_release.gate.slack import SlackGate
    from omninode_release.models.plan import Plan
    from omninode_release.models.state import Approval
    from omninode_release.release.session import Session


def look_up_token(session: Session, plan: Plan, approvals: Sequence[Approval]) -> list[Check]:
    """The checks of the request's token; none where there is no token, or nothing to look it up."""
    token = session.request.gate_attestation
    if token is None or not plan.remaining:
        return []
    try:
        slack = find_slack_for_token(session)
    except ReleaseError as error:
        return [Check.failure("gate", "token", error)]
    if slack is None or how_checked(session, slack) == "form":
        return []
    bot = ask("Slack", "bot", lambda: slack_answers(slack))
    if bot.state != "ok":
        return [bot]
    return [bot, ask("gate", "token", lambda: _who_approved(slack, token, plan, approvals))]


def _who_approved(slack: SlackGate, token: str, plan: Plan, approvals: Sequence[Approval]) -> str:
    """Who approved the token's message. Raises INVALID_GATE_TOKEN."""
    approval = approve_by_token(token, plan, approvals)
    stamp, _, run_id = token.partition(":")
    return f"{slack.verify(stamp, run_id, approval.plan_hash)} approved {stamp} in Slack"
