"""The state file: how far a run has come. It may lag behind the world and never leads it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime, Field

from omninode_release.errors import ErrorCode
from omninode_release.models.base import Model
from omninode_release.models.commit import Level
from omninode_release.models.outputs import OUTPUT_OF, Output
from omninode_release.models.phase import Phase, PhaseState
from omninode_release.models.plan import Plan

SCHEMA_VERSION: Literal[1] = 1

RunStatus = Literal["in_progress", "completed", "failed", "partial"]


class PhaseEvent(Model):
    """One line of a repository's history."""

    phase: PhaseState
    at: AwareDatetime
    event: Literal["REACHED", "FAILED", "REAPPLIED", "RESTARTED"] = "REACHED"


class GateRecord(Model):
    """Who let the plan through, when and by which means; or that nobody has yet."""

    provider: Literal["attestation", "console", "slack"]
    decision: Literal["pending", "approved", "rejected", "timeout"]
    plan_hash: str
    approver: str | None = None
    at: AwareDatetime | None = None
    posted_ts: str | None = None
    """Slack's id of the gate message."""
    asked_at: AwareDatetime | None = None
    """When the question was put; a message whose id was lost is looked for from then on."""


class Approval(Model):
    """What was approved: a token or an answer covers these rows and no others."""

    plan_hash: str
    rows: dict[str, str]
    """Repository to the digest of its row (``RepoPlan.digest``)."""
    token: str | None = None


class RepoState(Model):
    """One repository's progress; the spec's fields first."""

    tier: int
    old_version: str
    new_version: str
    bump: Level
    phase: PhaseState = PhaseState.PLANNED
    phase_history: tuple[PhaseEvent, ...] = ()
    worktree_path: str | None = None
    branch: str | None = None
    pr_url: str | None = None
    pr_number: int | None = None
    tag: str | None = None
    error: str | None = None
    distribution: str | None = None
    base_sha: str | None = None
    last_tag: str | None = None
    error_code: ErrorCode | None = None
    completed_phase: PhaseState = PhaseState.PLANNED
    """The last state reached for certain; ``phase`` is ahead of it only beside an error."""
    in_progress: Phase | None = None
    """The phase begun and not yet known to be complete."""
    approved_hash: str | None = None
    """The plan hash this repository is released under."""
    outputs: dict[Phase, dict[str, Any]] = Field(default_factory=dict)
    """Evidence of each complete phase."""
    withdrawn: tuple[int, ...] = ()
    """Pull requests closed by us because their plan had gone stale."""

    @property
    def evidence(self) -> dict[Phase, Output]:
        """``outputs`` as values."""
        return {
            phase: OUTPUT_OF[phase].model_validate(each) for phase, each in self.outputs.items()
        }


class RunState(Model):
    """One run."""

    schema_version: Literal[1] = SCHEMA_VERSION
    run_id: str
    started_at: AwareDatetime
    updated_at: AwareDatetime
    plan_hash: str
    gate_token: str | None = None
    status: RunStatus = "in_progress"
    repos: dict[str, RepoState]
    targets: tuple[str, ...]
    """Repositories asked for, before those with nothing to release fell out."""
    bump_override: Level | None = None
    ticket: str | None = None
    context_id: str
    omni_home: str
    config_digest: dict[str, str]
    """Top-level configuration key to a digest of its value."""
    plan: Plan
    gate: GateRecord | None = None
    approvals: tuple[Approval, ...] = ()
    warnings: tuple[str, ...] = ()
    error_code: ErrorCode | None = None
    error: str | None = None

    def with_repo(self, repo: str, *, at: datetime, **changes: Any) -> RunState:  # noqa: ANN401
        """A copy in which one repository has moved on at time ``at``."""
        moved = self.repos[repo].model_copy(update=changes)
        return self.model_copy(update={"repos": {**self.repos, repo: moved}, "updated_at": at})
