"""How a look becomes a check.

A look answers with what it found, raises ReleaseError for what would fail a release, or CannotTell
when it could not look: that is never taken for fine.
"""

from __future__ import annotations

from collections.abc import Callable

from omninode_release.errors import ReleaseError
from omninode_release.models.check import Check


class CannotTell(Exception):
    """What was to be looked at could not be looked at."""


def answered(subject: str, name: str, look: Callable[[], str]) -> Check:
    """The check that ``look`` is."""
    try:
        return Check(subject, name, "ok", look())
    except CannotTell as unknown:
        return Check(subject, name, "unknown", str(unknown))
    except ReleaseError as error:
        return Check(subject, name, "failed", error.message, error.hint or "", error.code)
