"""Dates as people write them in a changelog, and the words for one that is still to come."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

# Not from `calendar`: its names follow the user's locale.
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
_NAME = "|".join([*MONTHS, *(month[:3] for month in MONTHS), "Sept"])
DATE = re.compile(
    rf"""
      (?P<iso> [0-9]{{4}} (?P<dash>[-/.]) [0-9]{{2}} (?P=dash) [0-9]{{2}} )
    | (?P<front> (?P<fmonth>{_NAME})\.? [ ] (?P<fday>[0-9]{{1,2}}) (?P<fth>st|nd|rd|th)?
        (?P<comma>,?) [ ] [0-9]{{4}} )
    | (?P<back> (?P<bday>[0-9]{{1,2}}) (?P<bth>st|nd|rd|th)? (?P<gap>[ -]) (?P<bmonth>{_NAME})
        (?P<bgap>\.?,?[ -]) [0-9]{{4}} )
    """,
    re.VERBOSE,
)
TO_COME = re.compile(
    r"\bun-?released\b|\bnot (?:yet )?released\b|\b(?:tbd|tba)\b|\bin development\b"
    r"|\bunder development\b|\bx{4}-x{2}-x{2}\b|\byyyy-mm-dd\b|\?{4}-\?{2}-\?{2}",
    re.IGNORECASE,
)
_WORDS = re.compile(r"\b(?:released?|date|on)\b|[\W_]", re.IGNORECASE)


def is_to_come(text: str) -> bool:
    """True for words such as ``Unreleased``."""
    return TO_COME.search(text) is not None


def is_status(line: str) -> bool:
    """True for a line that says when an entry was released, or that it is not, and nothing else."""
    found = DATE.search(line) or TO_COME.search(line)
    return found is not None and not _WORDS.sub("", line[: found.start()] + line[found.end() :])


def write_date(date: dt.date, *, like: str) -> str:
    """The date in the form of another; ISO 8601 where that is no form that is known."""
    found = DATE.fullmatch(like)
    if found is None:
        return date.isoformat()
    if found["iso"]:
        return date.isoformat().replace("-", found["dash"])
    if found["front"]:
        month = _write_month(date, found["fmonth"])
        return f"{month} {date.day}{_th(date, found['fth'])}{found['comma']} {date.year}"
    month = _write_month(date, found["bmonth"])
    return f"{date.day}{_th(date, found['bth'])}{found['gap']}{month}{found['bgap']}{date.year}"


def _write_month(date: dt.date, like: str) -> str:
    month = MONTHS[date.month - 1]
    return month if len(like) > 4 or like in MONTHS else month[:3]


def _th(date: dt.date, like: str | None) -> str:
    if not like:
        return ""
    teens = 11 <= date.day <= 13
    return "th" if teens else {1: "st", 2: "nd", 3: "rd"}.get(date.day % 10, "th")
