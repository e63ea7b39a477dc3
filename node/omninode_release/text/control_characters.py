"""Take out of foreign words what a terminal would act upon, and what no reader would see."""

from __future__ import annotations

import re

_CONTROLS = "\x00-\x1f\x7f-\x9f"
_LINE_ENDS = "\u2028\u2029"
# What reorders text on a screen (UAX #9), and what does not show there at all: two names that look
# the same are not the same.
_DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u2060-\u2065\u206a-\u206f"
    "\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d159"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_HALF_CHARACTERS = "\ud800-\udfff"
# A joiner makes one emoji of two; anywhere else it is as invisible as the others.
_EMOJI = "[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]"
# A selector says how a symbol or a key looks; after anything else it does nothing that shows.
_SYMBOL = (
    "[\xa9\xae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_UNSEEN = re.compile(
    f"[{_CONTROLS}{_LINE_ENDS}{_DIRECTIONS}{_INVISIBLE}{_HALF_CHARACTERS}]"
    f"|(?<!{_EMOJI})\u200d|\u200d(?!{_EMOJI})|(?<!{_SYMBOL})[\ufe0e\ufe0f](?!\u20e3)"
)


def plain(text: str) -> str:
    """One line of ``text`` without anything that a terminal would act upon or not show."""
    return _UNSEEN.sub("\ufffd", text)
