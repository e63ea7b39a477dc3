"""Take out of foreign words what a terminal would act upon."""

from __future__ import annotations

import re

# C0 and C1 controls, and the marks that reorder text on a screen (UAX #9).
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """One line of ``text`` without anything that a terminal would act upon."""
    return _UNSEEN.sub("\ufffd", text)
