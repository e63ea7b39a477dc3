"""The approvals of a run, each in one line: by whom, by which means, when, of what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omninode_release.models.state import Approval


def list_approvals(approvals: Sequence[Approval]) -> Iterator[str]:
    """Each in the order they were given; none where one is all there is: the gate tells of it."""
    for each in approvals if len(approvals) > 1 else ():
        who = each.approver or ("an unverified token" if each.token else "unknown")
        by = f"{who} ({each.provider})" if each.provider else who
        when = f"{each.at:%Y-%m-%d %H:%M:%S} UTC" if each.at else "at an unknown time"
        yield f"by {by}, {when}: {', '.join(each.rows)}"
