"""Who is at work on a run whose state several machines share (``state: git``)."""

from __future__ import annotations

from pydantic import AwareDatetime, ConfigDict, Field

from omninode_release.models.model import Model


class Lease(Model):
    """One file beside the shared state; there as long as its owner has not ended in order."""

    model_config = ConfigDict(extra="ignore")

    run_id: str
    host: str
    pid: int = Field(gt=0)
    user: str
    state_root: str
    """Tells one state root from every other; a run's lock there excludes all who share it."""
    instance: str
    """Tells one process from the next of the same run."""
    since: AwareDatetime
    renewed: AwareDatetime
    """When its owner was heard of last: at every state it wrote."""

    def __str__(self) -> str:
        return (
            f"pid {self.pid} of {self.user} on {self.host}, at it since"
            f" {self.since:%Y-%m-%d %H:%M:%S} UTC and heard of last at"
            f" {self.renewed:%Y-%m-%d %H:%M:%S} UTC"
        )
