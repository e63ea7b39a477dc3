"""Colour for what a person must not miss: failed, major, 0.x → 1.0.0, waiting.

The lines are those of every other terminal; colour is laid over them.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from omninode_release.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BAD, GREAT, SLOW, GOOD = "bold red", "bold magenta", "yellow", "green"
OF_BOARD = {"head": "bold", "released": GOOD, "failed": BAD, "waiting": SLOW, "planned": "dim"}
"""By the kinds of a board's lines."""
_CODES = "|".join(sorted(set(ErrorCode) - {ErrorCode.NOTHING_TO_RELEASE}))
_STYLES = (
    (re.compile(rf"\bFAILED\b|\bPARTIAL\b|\b(?:{_CODES})\b"), BAD),
    # In a table, in the reasons below it and in the gate's question; not in a commit's subject.
    (re.compile(r"(?<=  )major(?=  )|(?<=: )major(?= by )|(?<=\()major(?=, )|bump major\b"), GREAT),
    (re.compile(r"(?<!\S)0\.\d+(?:\.\d+)?(?:  +| → )[1-9]\d*\.0(?:\.0)?(?![^\s,])"), GREAT),
    (re.compile(r"current 0\.\d+(?:\.\d+)?, new [1-9]\d*\.0(?:\.0)?\b(?!\.)"), GREAT),
    (re.compile(r"^ *waiting for|(?<!\b0 )\bblocked\b"), SLOW),
    (re.compile(r"^ *DONE|  DONE\b|\bSUCCESS\b|^Verified"), GOOD),
)


def paint(line: str) -> Text:
    """The line with its colours; nothing in it is read as markup."""
    text = Text(line)
    for pattern, style in _STYLES:
        text.highlight_regex(pattern, style)
    return text


def colour(lines: Iterable[str], variables: Mapping[str, str]) -> list[str]:
    """The lines with their colours as a terminal takes them."""
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, highlight=False, _environ=variables)
    for line in lines:
        console.print(paint(line), soft_wrap=True)
    return out.getvalue().split("\n")[:-1]
