"""Dates as people write them in changelogs."""

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
