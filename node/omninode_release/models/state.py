"""The state file: how far a run has come. It may lag behind the world and never leads it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from omninode_release.errors import ErrorCode
from omninode_release.models.commit import Level
from omninode_release.models.field_types import (
    Branch,
    Bumps,
    ConfigDigest,
    Distribution,
    Folder,
    GateToken,
    LastOutput,
    Moment,
    Origin,
    PlanHash,
    Problem,
    PullUrl,
    Repo,
    RowDigest,
    RunId,
    Sha,
    Tag,
    Ticket,
    Version,
    Versions,
    Warned,
)
from omninode_release.models.model import Model
from omninode_release.models.phase import Phase, PhaseState
from omninode_release.models.plan import Plan
from omninode_release.models.verification import Verification
from omninode_release.models.version_words import PreKind, VersionWords

SCHEMA_VERSION: Literal[1] = 1

RunStatus = Literal["in_progress", "completed", "failed", "partial"]
RunStanding = Literal[RunStatus, "interrupted", "abandoned"]
"""How a run stands: its status, and what the process that carried it out could not write down."""
Stays = Literal["merged, not tagged", "merged and tagged, not published"]
GateProvider = Literal["attestation", "console", "slack", "environment"]
TokenCheck = Literal["slack", "form"]
"""Looked up in Slack, or checked for its form alone."""


class PhaseEvent(Model):
    """One line of a repository's history."""

    phase: PhaseState
    """The state that was reached, missed, made again or begun again."""
    at: Moment
    """When."""
    event: Literal["REACHED", "FAILED", "REAPPLIED", "RESTARTED"] = "REACHED"
    """``REAPPLIED``: its effect was gone and was made again; ``RESTARTED``: planned anew."""


class Invocation(Model):
    """A process that carried the run out."""

    pid: int
    """Its number there."""
    host: Annotated[str, Field(examples=["build-1"])]
    """The machine."""
    began_at: Moment
    """When it began."""

    def __str__(self) -> str:
        return f"pid {self.pid} on {self.host}"


class GateRecord(Model):
    """Who approved the plan, when and by which means; or that it is not approved yet."""

    provider: GateProvider
    """How the question was put: by a token issued beforehand, on a terminal, in Slack, by GitHub's
    environment."""
    decision: Literal["pending", "approved", "rejected", "timeout"]
    """What became of it."""
    plan_hash: PlanHash
    """The plan it was about."""
    approver: Annotated[str, Field(examples=["U012ABCDEF"])] | None = None
    """Who decided, as the provider knows them; null where only a token's form was checked."""
    at: Moment | None = None
    """When it was decided."""
    posted_ts: Annotated[str, Field(examples=["1740312612.000100"])] | None = None
    """Slack's id of the gate message."""
    asked_at: Moment | None = None
    """When the question was put; a message whose id was lost is looked for from then on."""
    token_check: TokenCheck | None = None
    """How a gate token was checked; ``form`` is an approval by an unverified token."""
    may_approve: Annotated[str, Field(examples=["U012ABCDEF in the Slack channel C012AB3CD"])] = ""
    """Who could let the plan through."""
    reason: Annotated[str, Field(examples=["reject: alpha is not ready"])] | None = None
    """What the person wrote who rejected."""
    taken_up: Annotated[str, Field(examples=["approved at … by … for run …, taken up"])] = ""
    """Where an earlier approval was taken up: which."""
    config_path: Annotated[str, Field(examples=["/home/me/omni_home/release.yaml"])] = ""
    """The configuration that set the rules."""
    config_digest: Annotated[str, Field(examples=["sha256:9b1f0c5e7a2d4483d1f0…"])] = ""
    """``sha256:`` over that file's bytes."""
    policies: tuple[Annotated[str, Field(examples=["/etc/omninode-release/policy.yaml"])], ...] = ()
    """The machine's policy files, which may have tightened them."""

    @property
    def is_unverified(self) -> bool:
        """True when nothing but the form of a token let the plan through."""
        return (self.token_check, self.decision) == ("form", "approved")


class Approval(Model):
    """What was approved: a token or an answer covers these rows and no others."""

    plan_hash: PlanHash
    """The plan that was approved."""
    rows: dict[Repo, RowDigest]
    """Repository to the digest of its row (``RepoPlan.digest``)."""
    token: GateToken | None = None
    """The gate token that approved it, where one did."""
    provider: GateProvider | None = None
    """How it was given; null in a state that an earlier version wrote."""
    approver: Annotated[str, Field(examples=["U012ABCDEF"])] | None = None
    """Who gave it; null where a token's form alone was checked."""
    at: Moment | None = None
    """When."""
    posted_ts: Annotated[str, Field(examples=["1740312612.000100"])] | None = None
    """Slack's id of the message that was answered."""


class RepoState(Model):
    """One repository's progress; the spec's fields first."""

    tier: int
    """Its tier; 1 is released first."""
    old_version: Version
    """The version before this run."""
    new_version: Version
    """The version this run releases."""
    bump: Level
    """The part of the version that is raised; a major of 0.x raises the minor part where
    ``major_on_zero`` is false."""
    phase: PhaseState = PhaseState.PLANNED
    """The furthest state it came to, or tried to: that of a failed step counts. Never backwards."""
    phase_history: tuple[PhaseEvent, ...] = ()
    """Every state it was in, oldest first; PLANNED at the beginning."""
    worktree_path: Folder | None = None
    """Where it is prepared, absolute."""
    branch: Branch | None = None
    """Its release branch."""
    pr_url: PullUrl | None = None
    """Its pull request's address."""
    pr_number: int | None = None
    """Its pull request's number on the forge."""
    tag: Tag | None = None
    """Its release tag, once that is on the remote."""
    error: Problem | None = None
    """Why it stopped, and what to type next."""
    distribution: Distribution | None = None
    """What its package is called on the index."""
    base_sha: Sha | None = None
    """The base branch's tip it was planned at."""
    last_tag: Tag | None = None
    """The release before this one; null for the first."""
    error_code: ErrorCode | None = None
    """The code of ``error``."""
    last_output: LastOutput | None = None
    """What the program printed last that it stopped by."""
    completed_phase: PhaseState = PhaseState.PLANNED
    """The last state reached for certain; ``phase`` is ahead of it once a step has failed."""
    in_progress: Phase | None = None
    """The phase begun and not yet known to be complete."""
    in_progress_since: Moment | None = None
    """When it was begun."""
    approved_hash: PlanHash | None = None
    """The plan hash this repository is released under."""
    outputs: dict[Phase, dict[str, Any]] = Field(default_factory=dict)
    """Evidence of each complete phase."""
    withdrawn: tuple[int, ...] = ()
    """Pull requests of plans that had gone stale: closed by us, or merged before."""
    origin: Origin | None = None
    """Where its origin led when the run was planned first; null in states of earlier versions."""

    @property
    def stays(self) -> Stays | None:
        """What cannot be taken back of a release that has not come to its end."""
        if Phase.MERGE not in self.outputs or Phase.PUBLISH in self.outputs:
            return None
        tagged = Phase.TAG in self.outputs
        return "merged and tagged, not published" if tagged else "merged, not tagged"

    @property
    def is_begun(self) -> bool:
        """True when anything of this repository's release may exist in the world."""
        return self.phase is not PhaseState.PLANNED or self.in_progress is not None


class RunState(Model):
    """One run."""

    schema_version: Literal[1] = SCHEMA_VERSION
    """The version of this file's schema."""
    run_id: RunId
    """The run's name; the file's too."""
    started_at: Moment
    """When its first invocation began; the date of its changelog entries."""
    updated_at: Moment
    """When this file was last written."""
    plan_hash: PlanHash
    """The plan that was shown last."""
    gate_token: GateToken | None = None
    """What approved the run last: the token, or the gate message and the run."""
    status: RunStatus = "in_progress"
    """How far the run is."""
    repos: dict[Repo, RepoState]
    """Every repository that is released, by name."""
    targets: tuple[Repo, ...]
    """Repositories asked for, before those with nothing to release fell out."""
    bump_override: Level | None = None
    """The --bump it was started with."""
    bump_overrides: Bumps = Field(default_factory=dict)
    """The --bump REPO=LEVEL it was started with."""
    version_overrides: Versions = Field(default_factory=dict)
    """The --version REPO=X.Y.Z it was started with."""
    pre: PreKind | None = None
    """The --pre it was started with."""
    ticket: Ticket | None = None
    """The --ticket it was started with."""
    context_id: Annotated[str, Field(examples=["release-20260225-0e587f"])]
    """The folder name of its result file."""
    omni_home: Annotated[str, Field(examples=["/home/me/omni_home"])]
    """The folder with the clones, absolute."""
    config_digest: ConfigDigest
    """Top-level configuration key to a digest of its value."""
    plan: Plan
    """The plan with every row, finished ones included."""
    gate: GateRecord | None = None
    """The last question that was put."""
    approvals: tuple[Approval, ...] = ()
    """Everything that was approved in this run."""
    warnings: tuple[Warned, ...] = ()
    """What a person should know."""
    development: Annotated[
        dict[Repo, str], Field(examples=[{"omnibase_core": "https://github.com/o/r/pull/8"}])
    ] = Field(default_factory=dict)
    """The pull request that ``after_release`` opened, by repository."""
    verify: Verification | None = None
    """Whether what was published installs together; null before the run has come to look."""
    error_code: ErrorCode | None = None
    """The code of ``error``."""
    error: Problem | None = None
    """Why the run stopped, and what to type next."""
    invocation: Invocation | None = None
    """Which process wrote this file last; null where an earlier version did."""
    abandoned_at: Moment | None = None
    """When a person gave the run up."""
    last_output: LastOutput | None = None
    """What the program printed last that it stopped by."""
    program_version: Version | None = None
    """The version of omni-release that wrote this file last; null where an earlier one did."""

    @property
    def words(self) -> VersionWords:
        """What was said of versions when the run was started."""
        return VersionWords(
            self.bump_override, self.bump_overrides, self.version_overrides, self.pre
        )

    @property
    def worktrees(self) -> tuple[Path, ...]:
        """The folders its worktrees were made in: release/<run_id>/<repo> is below each."""
        made = (Path(each.worktree_path) for each in self.repos.values() if each.worktree_path)
        return tuple(dict.fromkeys(path.parent.parent.parent for path in made))

    def with_repo(self, name: str, repo: RepoState, *, at: datetime) -> RunState:
        """A copy in which one repository has come to ``repo`` at time ``at``."""
        return self.model_copy(update={"repos": {**self.repos, name: repo}, "updated_at": at})


def find_standing(state: RunState, *, is_at_work: bool) -> RunStanding:
    """How a run stands of which a process says that it is at work on it, or none does."""
    if state.abandoned_at is not None:
        return "abandoned"
    return "interrupted" if state.status == "in_progress" and not is_at_work else state.status


def run_status(state: RunState) -> RunStatus:
    """What the state file says of a run that has ended."""
    done = [repo.phase is PhaseState.DONE for repo in state.repos.values()]
    if all(done):
        return "completed"
    return "partial" if any(done) else "failed"
