"""The one refusal of a plan that the world has overtaken, and what a person types after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError

if TYPE_CHECKING:
    from omninode_release.models.commit import Commit
    from omninode_release.phases.ports import Step


def stale_error(step: Step, message: str) -> ReleaseError:
    """PLAN_STALE: a resume plans this repository anew and asks again."""
    return ReleaseError(
        ErrorCode.PLAN_STALE,
        message,
        hint=f"omni-release --resume {step.run_id} plans this repository anew and asks again",
    )


def describe(commit: Commit) -> str:
    """A commit as messages name it: by id and subject."""
    return f"{commit.sha[:12]} ({commit.subject})"
