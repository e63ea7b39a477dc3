"""Nothing that a terminal acts upon, or does not show, is left in foreign words."""

from __future__ import annotations

import pytest

from omninode_release.text.control_characters import plain

UNSEEN = [
    *("\0", "\x1b", "\r", "\n", "\x7f", "\x85", "\x9b"),
    *("\u2028", "\u2029"),
    *("\u061c", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069"),
    *("\u00ad", "\u034f", "\u180e", "\u200b", "\u200c", "\u200d", "\u2060", "\u2064", "\ufeff"),
    *("\u3164", "\U000e0001", "\U000e0041", "\U000e007f", "\U000e0100"),
    *("\ufe00", "\ufe0e", "\ufe0f", "\U0001bca0", "\U0001d159", "\U0001d173"),
    *("\ud800", "\udfff"),
]


@pytest.mark.parametrize("character", UNSEEN, ids=[f"U+{ord(each):04X}" for each in UNSEEN])
def test_what_is_not_seen_is_shown_to_be_there(character: str) -> None:
    assert plain(f"al{character}pha") == "al\ufffdpha"


@pytest.mark.parametrize(
    "text",
    [
        *("omnibase_core", "Größe", "日本語", "עברית", "العربية", "♻️ 🧑\u200d💻 →", "e\u0301"),
        *("1\ufe0f\u20e3", "\u2122\ufe0f", "\u263a\ufe0e"),
    ],
)
def test_what_people_write_stays(text: str) -> None:
    assert plain(text) == text
