"""When commits were made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from omninode_release.adapters.git.history import History
from omninode_release.adapters.git.program import lines_of


def find_days(git: History, shas: Iterable[str]) -> dict[str, dt.date]:
    """The day of each commit, UTC; one whose date no calendar has is left out."""
    out = git.ask(
        "rev-list", "--no-walk=unsorted", "--no-commit-header", "--format=%H %ct", *shas, "--"
    ).stdout
    days = {}
    for line in lines_of(out):
        sha, _, seconds = line.partition(" ")
        try:
            days[sha] = dt.datetime.fromtimestamp(int(seconds), tz=dt.UTC).date()
        except (ValueError, OverflowError, OSError):
            continue
    return days
