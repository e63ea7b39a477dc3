"""How long something takes, for people."""

from __future__ import annotations

import pytest

from omninode_release.text.durations import write_duration


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0.04, "0.0 s"), (9.94, "9.9 s"), (12.4, "12 s"), (59.6, "1 m"), (185, "3 m 5 s"),
        (3600, "1 h"), (7199, "1 h 59 m"), (187200, "2 d 4 h"), (-3.0, "an unknown time"),
    ],
)  # fmt: skip
def test_a_duration_is_written_for_people(seconds: float, written: str) -> None:
    assert write_duration(seconds) == written
