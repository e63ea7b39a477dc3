"""One commit as the tool reads it, and the levels a release can have."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """Which part of X.Y.Z a release raises (semver.org, items 6 to 8)."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"

    @property
    def rank(self) -> int:
        """Order by weight: a range of commits takes the highest."""
        return _RANKS[self]


_RANKS = {Level.PATCH: 0, Level.MINOR: 1, Level.MAJOR: 2}


class Commit(NamedTuple):
    """A commit of ``tag..base``, newest first where they stand in a sequence."""

    sha: str
    parents: tuple[str, ...]
    subject: str
    body: str
    author: str = ""
    """Name and address, as git writes them."""

    @property
    def is_merge(self) -> bool:
        return len(self.parents) > 1
