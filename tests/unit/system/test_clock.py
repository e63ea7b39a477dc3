"""A clock that stands still says the same everywhere."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from omninode_release.system.clock import FixedClock


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue", "No/Where"])
def test_a_moment_without_a_zone_is_in_utc_on_any_machine(
    monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        now = FixedClock(datetime(2026, 2, 25, 14, 0)).now()  # noqa: DTZ001 - as a user may
    time.tzset()

    assert now == datetime(2026, 2, 25, 14, 0, tzinfo=UTC)
