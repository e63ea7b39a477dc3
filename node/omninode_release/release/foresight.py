"""What a dry run says of the gate, without asking anybody or any service."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from omninode_release.errors import ReleaseError
from omninode_release.release.earlier_approval import find_approval, name_approval
from omninode_release.release.gate_rules import find_slack_for_token, how_checked, warn_of_gate

if TYPE_CHECKING:
    from omninode_release.models.plan import Plan
    from omninode_release.release.record import RunRecord
    from omninode_release.release.session import Session


class Foreseen(NamedTuple):
    """What a real run would say, and whether it would refuse."""

    warnings: tuple[str, ...]
    refuses: bool = False


def foresee_gate(session: Session, record: RunRecord, plan: Plan) -> Foreseen:
    """How a real run would come to its approval."""
    token = session.request.gate_attestation
    if token is None:
        lines = list(warn_of_gate(session, None))
        earlier = record.state.approvals if record.state else ()
        if (found := find_approval(session, plan, earlier)) is not None:
            lines.append(name_approval(session, found))
        return Foreseen(tuple(lines))
    try:
        check = how_checked(session, find_slack_for_token(session))
    except ReleaseError as error:
        why = f"a real run refuses the gate token: {error.code} {error.text}"
        return Foreseen((*session.rules.changes(), why), refuses=True)
    lines = list(warn_of_gate(session, check))
    if check == "slack":
        lines.append(f"a real run looks the gate token {token} up in Slack")
    return Foreseen(tuple(lines))
