"""What git has answered and cannot answer otherwise: an id names one object, for ever."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omninode_release.system.process import Completed

# Whole ids alone, and what they lead to; anything shorter is a name that may come to mean another.
_ID = r"[0-9a-f]{40}(?:[0-9a-f]{24})?"
_OF_IDS = re.compile(rf"\^?{_ID}(?:\.\.{_ID})?(?:\^!)?")
MOST_KEPT = 1 << 20
"""Bytes of an answer: a run may wait for days, and a first release reads whole histories."""


@dataclass(frozen=True)
class Answers:
    """Kept for one run, by all that asks git in it."""

    given: dict[tuple[object, ...], Completed] = field(default_factory=dict)
    """By where git was asked, and what."""
    absent: set[tuple[str, str]] = field(default_factory=set)
    """Commits, and paths that they do not have."""


def is_of_ids(revision: str) -> bool:
    """True for a revision that will always name the same commits."""
    return _OF_IDS.fullmatch(revision) is not None
