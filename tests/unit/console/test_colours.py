"""Which words of a line are painted."""

from __future__ import annotations

import pytest

from omninode_release.console.colours import GREAT, colour, paint


@pytest.mark.parametrize(
    ("line", "painted"),
    [
        ("  core    0.9.1    1.0.0  major", ["0.9.1    1.0.0"]),
        ("  core    0.9      1.0    minor", ["0.9      1.0"]),
        ("  core  0.9 → 1.0", ["0.9 → 1.0"]),
        ("  core  0.9.1 → 0.10.0", []),
        ("  core  0.9 → 1.0.1", []),
        ("  core  1.9 → 2.0", []),
        ("current 0.9, new 1.0", ["current 0.9, new 1.0"]),
        ("current 0.9.3, new 1.0.0", ["current 0.9.3, new 1.0.0"]),
        ("current 0.9.3, new 1.0.1", []),
    ],
)
def test_leaving_nought_is_painted(line: str, painted: list[str]) -> None:
    text = paint(line)

    found = [line[span.start : span.end] for span in text.spans if span.style == GREAT]
    assert [each for each in found if each != "major"] == painted


def test_no_line_is_none_in_colour_too() -> None:
    assert colour([], {}) == []
