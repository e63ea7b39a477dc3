"""What a reader of a run's events makes of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from omninode_release.console.event_log import list_waited_for

NOON = datetime(2026, 2, 25, 12, 0, 0, 400_000, UTC)
WAITS = {
    "event": "Waiting",
    "at": "2026-02-25T12:00:00Z",
    "lines": ["  PR  number 1", "  waiting for checks (9 minutes left)"],
}


def test_a_wait_is_told_without_the_time_that_was_left_then() -> None:
    assert list_waited_for([{}, WAITS, {}], since=NOON) == ["  waiting for checks"]


@pytest.mark.parametrize(
    ("events", "since"),
    [
        ([], NOON),
        ([WAITS, {"event": "GatePassed"}], NOON),
        ([WAITS], NOON + timedelta(seconds=1)),  # of a process that was killed while it waited
        ([WAITS], None),  # another machine is at it, whose events are there
    ],
    ids=["none", "no wait", "an earlier process", "another machine"],
)
def test_what_is_no_wait_of_this_process_is_not_told(
    events: list[dict[str, object]], since: datetime | None
) -> None:
    assert list_waited_for(events, since=since) == []
