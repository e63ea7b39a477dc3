"""A claim on a pull request: the run that acts on it just now (spec, pr-safety)."""

from __future__ import annotations

from datetime import UTC

from pydantic import AwareDatetime, ConfigDict, Field

from omninode_release.models.model import Model


class Claim(Model):
    """One claim file. Other tools keep them, too, and may write more into them."""

    model_config = ConfigDict(extra="ignore")

    pr_key: str
    """``<org>/<repo>#<n>``."""
    claimed_by_run: str
    claimed_by_host: str
    claimed_by_instance_id: str
    """Tells one process from the next of the same run."""
    claimed_by_pid: int = Field(gt=0)
    claimed_at: AwareDatetime
    last_heartbeat_at: AwareDatetime
    action: str

    @property
    def holder(self) -> str:
        """The holder in words, for a person who is going to look."""
        heard = self.last_heartbeat_at.astimezone(UTC)  # other tools may write another zone
        return (
            f"run {self.claimed_by_run} (pid {self.claimed_by_pid} on {self.claimed_by_host},"
            f" to {self.action}, heard of last at {heard:%Y-%m-%d %H:%M} UTC)"
        )
