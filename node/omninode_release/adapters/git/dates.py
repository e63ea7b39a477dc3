"""When commits were made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from omninode_release.adapters.git.history import History
from omninode_release.adapters.git.program import lines_of
from omninode_release.errors import CommandFailed


def find_days(git: History, shas: Iterable[str]) -> dict[str, dt.date]:
    """The day of each commit, UTC; one whose date no calendar has is left out.

    Empty where the clone lacks one of them, as a partial one may.
    """
    words = ("rev-list", "--no-walk=unsorted", "--no-commit-header", "--format=%H %ct")
    try:
        out = git.ask(*words, *shas, "--").stdout
    except CommandFailed:
        return {}
    days = {}
    for line in lines_of(out):
        sha, _, seconds = line.partition(" ")
        try:
            days[sha] = dt.datetime.fromtimestamp(int(seconds), tz=dt.UTC).date()
        except (ValueError, OverflowError, OSError):
            continue
    return days
