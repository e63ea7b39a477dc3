"""How a call to GitHub fails, and what that means for the next one."""

from __future__ import annotations

from enum import Enum

from omninode_release.errors import ErrorCode, ReleaseError


class Fault(Enum):
    """What a failed call means for the next one."""

    REFUSED = "it will be refused again"
    LATER = "nothing was done; it can be asked again later"
    LOST = "it may have been carried out all the same"


class GitHubError(ReleaseError):
    """GitHub did not do what it was asked, or it is not known to have done it."""

    def __init__(
        self,
        what: str,
        why: str,
        fault: Fault,
        *,
        status: int | None = None,
        wait: float = 0.0,
        hint: str | None = None,
    ) -> None:
        super().__init__(ErrorCode.INTERNAL_ERROR, f"{what}: {why}", hint=hint)
        self.why = why
        self.fault = fault
        self.status = status
        self.wait = wait
        """Seconds GitHub asked to wait."""
