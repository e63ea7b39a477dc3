"""ModelSkillResult: what a run tells its caller (spec, ModelSkillResult)."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from omninode_release.errors import ErrorCode
from omninode_release.models.commit import Level
from omninode_release.models.field_types import (
    Commands,
    ConfigFile,
    Distribution,
    GateToken,
    IndexUrl,
    LastOutput,
    Moment,
    PlanHash,
    Problem,
    PullUrl,
    Repo,
    RunId,
    RunUrl,
    Tag,
    TagUrl,
    Version,
    Warned,
)
from omninode_release.models.model import Model
from omninode_release.models.phase import PhaseState
from omninode_release.models.plan import PlannedPin, Rehearsed
from omninode_release.models.plan_file import PlanFile
from omninode_release.models.seen import Seen
from omninode_release.models.state import Approval, GateRecord, Stays
from omninode_release.models.verification import Verification

PypiStatus = Literal["available", "pending", "skipped", "failed"]


class ResultStatus(StrEnum):
    """How a run ended."""

    SUCCESS = "SUCCESS"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    DRY_RUN = "DRY_RUN"


class ResultDetail(Model):
    """One repository's outcome."""

    repo: Repo
    """The repository's name."""
    tier: int
    """Its tier; 1 is released first."""
    old_version: Version | None
    """The version before this run; null where it could not be read."""
    new_version: Version | None
    """The version this run releases; the old one where there is nothing to release."""
    bump: Level | None
    """The part of the version that is raised; a major of 0.x raises the minor part where
    ``major_on_zero`` is false. Null where there is nothing to release."""
    commits_since_tag: int
    """Commits between the last release tag and the base branch's tip."""
    pr_url: PullUrl | None = None
    """Its pull request's address."""
    pr_number: int | None = None
    """Its pull request's number on the forge."""
    tag: Tag | None = None
    """Its release tag, once that is on the remote."""
    pypi_status: PypiStatus | None = None
    """What the package index offers; null where publishing was not reached."""
    phase: PhaseState
    """The last state reached, or beside an error the one the failed step leads to."""
    error: Problem | None = None
    """Why it stopped, and what to type next."""
    error_code: ErrorCode | None = None
    """The code of ``error``; NOTHING_TO_RELEASE of a skipped repository."""
    last_output: LastOutput | None = None
    """What the program printed last that it stopped by."""
    distribution: Distribution | None = None
    """What its package is called on the index."""
    tags: tuple[Tag, ...] = ()
    """Every tag that was pushed for it."""
    pins: tuple[PlannedPin, ...] = ()
    """Requirements on siblings that its release changes, and what each was before."""
    cascaded_from: tuple[Repo, ...] = ()
    """Siblings on which its exact pins would stay behind: it has nothing else to release."""
    publish_url: RunUrl | None = None
    """The workflow run that published."""
    stays: Stays | None = None
    """What cannot be taken back of a release that stopped before its end."""
    tag_url: TagUrl | None = None
    """Where its tag is shown."""
    index_url: IndexUrl | None = None
    """Its page on the package index."""


class ModelSkillResult(Model):
    """A run's outcome; counts are cumulative over resumes.

    ``repos_attempted`` is ``repos_succeeded + repos_failed``; skipped had nothing to release and
    blocked were not reached. ``error`` is set exactly when ``status`` is FAILED or PARTIAL.
    """

    skill: Literal["release"] = "release"
    """Whose result it is."""
    status: ResultStatus
    """How the run ended."""
    run_id: RunId
    """The run's name, which --resume takes; empty where no run was begun."""
    gate_token: GateToken | None = None
    """What approved the run last; null where nothing did; ``gate`` says of which plan."""
    plan_hash: PlanHash | None = None
    """The plan that was shown last, of what was left to release then; null where none was made.
    Commits name the one that their repository was approved under."""
    repos_attempted: int = 0
    """Repositories that were released or stopped; one that its plan refuses is at PLANNED."""
    repos_succeeded: int = 0
    """Repositories that are released."""
    repos_failed: int = 0
    """Repositories that stopped with an error."""
    repos_skipped: int = 0
    """Repositories with nothing to release."""
    repos_blocked: int = 0
    """Repositories that were not reached because an earlier one failed."""
    details: tuple[ResultDetail, ...] = ()
    """One entry per targeted repository, in the order of the release."""
    error_code: ErrorCode | None = None
    """The code of ``error``."""
    error: Problem | None = None
    """Why the run stopped, and what to type next."""
    last_output: LastOutput | None = None
    """What the program printed last that it stopped by."""
    next: Commands = ()
    """Commands of that hint that can be run as they stand, word by word."""
    warnings: tuple[Warned, ...] = ()
    """What a person should know, though it stopped nothing."""
    seen: tuple[Seen, ...] = ()
    """What looks like release data and had no part in the plan."""
    verify: Verification | None = None
    """Whether what was published installs together; null where the run did not come to look."""
    rehearsal: Rehearsed | None = None
    """Whether the release was rehearsed before the gate; of ``in part`` a warning says what was
    not; null of a dry run that did not ask."""
    configuration: ConfigFile | None = None
    """The configuration the plan follows; null where no plan was made."""
    plan: PlanFile | None = None
    """The whole plan of a dry run that was asked for as data (plan.schema.json)."""
    gate: GateRecord | None = None
    """The last question that was put: by which means, who decided, and how; null where none was."""
    approvals: tuple[Approval, ...] = ()
    """Everything that was approved in this run, a resume included, oldest first."""
    started_at: Moment
    """When the run's first invocation began."""
    finished_at: Moment
    """When this invocation ended."""
