"""What it means before the gate that GitHub did not answer a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.adapters.github.response import Fault, GitHubError
from omninode_release.errors import ReleaseError
from omninode_release.models.check import CannotTell

if TYPE_CHECKING:
    from omninode_release.errors import ErrorCode


def doubt(error: ReleaseError, code: ErrorCode, question: str) -> Exception:
    """A refusal is a sure no, and fails under ``code``; anything else leaves it unknown."""
    if isinstance(error, GitHubError):
        if error.fault is Fault.REFUSED:
            return ReleaseError(code, f"{question}, it refuses: {error.why}", hint=error.hint)
        return CannotTell(f"{question}: {error.why}")
    return CannotTell(f"{question}: {error.message}")
