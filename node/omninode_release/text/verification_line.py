"""Whether the packages of a run install together, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omninode_release.models.verification import Verification

_WORDS = {"passed": "Verified", "failed": "VERIFY FAILED", "skipped": "Not verified"}


def describe_verification(found: Verification) -> str:
    """The verdict and why; the same on a screen, in Slack and in a list of runs."""
    return f"{_WORDS[found.state]}: {found.text}"
