"""A version that a person has taken back from the index: no time brings it there again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError

if TYPE_CHECKING:
    from omninode_release.models.forge import Availability
    from omninode_release.phases.ports import Step


def refuse_withdrawn(step: Step, answer: Availability, *, wanted: str) -> None:
    """Raise PUBLISH_FAILED where every file of ``wanted`` is yanked."""
    if not answer.withdrawn:
        return
    raise ReleaseError(
        ErrorCode.PUBLISH_FAILED,
        f"expected {wanted} on the package index, found it {answer.words}.",
        hint=f"take the yank back on the index, then omni-release --resume {step.run_id}; or"
        f" omni-release abandon {step.run_id}, and a fresh run releases what is above it",
    )
