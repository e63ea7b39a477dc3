"""A gate token issued beforehand: its form, whose run it names, and which plan it covers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.plan import short_hash
from omninode_release.models.state import Approval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omninode_release.models.plan import Plan

_TIMESTAMP = re.compile(r"\d{10}\.\d{6}", re.ASCII)


def check_token(token: str, run_id: str) -> None:
    """Raise INVALID_GATE_TOKEN unless ``token`` is ``<slack_ts>:<run_id>`` of this very run."""
    stamp, separator, named = token.partition(":")
    if not separator or not _TIMESTAMP.fullmatch(stamp):
        raise _token_error(
            "expected a token <slack_ts>:<run_id>, the ts of an approved gate message and the run"
            f" {run_id}, found {token!r}."
        )
    if named != run_id:
        raise _token_error(f"expected a token for the run {run_id}, found one for {named!r}.")


def approve_by_token(token: str, plan: Plan, earlier: Sequence[Approval]) -> Approval:
    """The approval a token gives this plan.

    At its first use a token is bound to the plan it approves; it goes on to cover what is left of
    that plan and nothing else. Raises INVALID_GATE_TOKEN for any other plan.
    """
    rows = {row.repo: row.digest() for row in plan.remaining}
    for approval in earlier:
        if approval.token != token:
            continue
        if rows.items() <= approval.rows.items():
            return approval
        changed = sorted(dict(rows.items() - approval.rows.items()))
        raise _token_error(
            f"the token {token} approved the plan {short_hash(approval.plan_hash)}; what is planned"
            f" for {', '.join(changed)} has changed since.",
            hint=f"omni-release --resume {token.partition(':')[2]}, without --gate-attestation, and"
            " answer the gate",
        )
    return Approval(plan_hash=plan.plan_hash, rows=rows, token=token)


def _token_error(
    message: str, *, hint: str = "leave --gate-attestation out and answer the gate"
) -> ReleaseError:
    return ReleaseError(ErrorCode.INVALID_GATE_TOKEN, message, hint=hint)
