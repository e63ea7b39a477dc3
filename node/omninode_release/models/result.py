"""ModelSkillResult: what a run tells whoever started it (spec, ModelSkillResult)."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime

from omninode_release.errors import ErrorCode
from omninode_release.models.base import Model
from omninode_release.models.commit import Level
from omninode_release.models.outputs import PypiStatus
from omninode_release.models.phase import PhaseState
from omninode_release.models.state import GateRecord


class ResultStatus(StrEnum):
    """How a run ended."""

    SUCCESS = "SUCCESS"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    DRY_RUN = "DRY_RUN"


class ResultDetail(Model):
    """One repository's outcome."""

    repo: str
    tier: int
    old_version: str | None
    new_version: str | None
    bump: Level | None
    commits_since_tag: int
    pr_url: str | None = None
    pr_number: int | None = None
    tag: str | None = None
    pypi_status: PypiStatus | None = None
    phase: PhaseState
    error: str | None = None
    error_code: ErrorCode | None = None
    distribution: str | None = None
    tags: tuple[str, ...] = ()
    publish_url: str | None = None


class ModelSkillResult(Model):
    """A run's outcome; counts are cumulative over resumes.

    ``repos_attempted`` is ``repos_succeeded + repos_failed``; skipped had nothing to release and
    blocked were not reached. ``error`` is set exactly when ``status`` is FAILED or PARTIAL.
    """

    skill: Literal["release"] = "release"
    status: ResultStatus
    run_id: str
    gate_token: str | None = None
    plan_hash: str | None = None
    repos_attempted: int = 0
    repos_succeeded: int = 0
    repos_failed: int = 0
    repos_skipped: int = 0
    repos_blocked: int = 0
    details: tuple[ResultDetail, ...] = ()
    error_code: ErrorCode | None = None
    error: str | None = None
    warnings: tuple[str, ...] = ()
    gate: GateRecord | None = None
    started_at: AwareDatetime
    finished_at: AwareDatetime
