"""Answers of GitHub's REST API as values; what is said of ``answers`` is true of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, ConfigDict, Field, RootModel

from omninode_release.models.model import BuiltLate

Oid = Annotated[str, Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")]
"""A commit's whole id: it is handed on to git."""
Number = Annotated[int, Field(gt=0)]
Time = Annotated[AwareDatetime, Field(strict=False)]
"""A moment, to the second."""


class RestAnswer(BuiltLate):
    """A part of an answer of the REST API."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class MadeBase(RestAnswer):
    ref: str


class MadeHead(MadeBase):
    sha: Oid


class MadePull(RestAnswer):
    """A pull request that was just made."""

    number: Number
    html_url: str
    head: MadeHead
    base: MadeBase


class Workflow(RestAnswer):
    state: str


class Run(RestAnswer):
    """A run of a workflow."""

    id: int
    head_branch: str | None
    head_sha: str
    """The commit that it is of; of an annotated tag the one behind it."""
    event: str
    status: str | None
    conclusion: str | None
    html_url: str
    run_attempt: int = 1
    """A run that is started again keeps its number and counts its attempts."""

    @property
    def has_ended(self) -> bool:
        """True once GitHub says how, which may be a moment after it says that."""
        return self.status == "completed" and self.conclusion is not None


class Runs(RestAnswer):
    workflow_runs: list[Run]


class JobStep(RestAnswer):
    name: str
    conclusion: str | None = None


class Job(RestAnswer):
    name: str
    conclusion: str | None
    html_url: str | None
    steps: list[JobStep] | None = None


class Jobs(RestAnswer):
    jobs: list[Job]


class Login(RestAnswer):
    login: str


class BegunRun(RestAnswer):
    """A run that is under way."""

    created_at: Time
    html_url: str
    run_attempt: int
    head_sha: Oid
    triggering_actor: Login | None = None
    """Who started this attempt."""


class CurrentJob(RestAnswer):
    """A job of a run; it is made once those it needs are done, and then waits for its approval."""

    id: int
    status: str
    created_at: Time
    runner_name: str | None = None


class CurrentJobs(RestAnswer):
    jobs: list[CurrentJob]


class Deployment(RestAnswer):
    """What GitHub makes of a job that names an environment."""

    id: Number


class Deployments(RootModel[list[Deployment]]):
    """Those of a commit, the newest first."""


class DeploymentStatus(RestAnswer):
    log_url: str | None = None
    """Of a job the address of its log, ``…/actions/runs/RUN/job/JOB``."""


class DeploymentStatuses(RootModel[list[DeploymentStatus]]):
    """What became of one deployment."""


class ReviewedEnvironment(RestAnswer):
    name: str


class Review(RestAnswer):
    """What a reviewer answered to a job that waits to deploy."""

    state: str
    """``approved``, ``rejected`` or ``pending``."""
    environments: list[ReviewedEnvironment]
    user: Login | None = None
    """No person where a program answered, or an account that is gone."""
    comment: str | None = None


class Reviews(RootModel[list[Review]]):
    """All of a run, of every attempt."""


class ReleaseAnswer(RestAnswer):
    html_url: str
    tag_name: str
    draft: bool


class ReleaseList(RootModel[list[ReleaseAnswer]]):
    """The newest Releases, drafts among them."""


class Label(RestAnswer):
    name: str


class Labels(RootModel[list[Label]]):
    """The labels of an issue."""


class BranchParameters(RestAnswer):
    """What a rule asks of pull requests, of a new branch or of words; each kind its own."""

    allowed_merge_methods: list[str] | None = None
    do_not_enforce_on_create: bool = False
    operator: str | None = None
    pattern: str | None = None
    negate: bool = False


class BranchRule(RestAnswer):
    """A rule that a branch, or what a ruleset names, is under."""

    type: str
    ruleset_id: int | None = None
    parameters: BranchParameters | None = None

    @property
    def asked(self) -> BranchParameters:
        return self.parameters or BranchParameters()


class RulesetAnswer(RestAnswer):
    current_user_can_bypass: str | None = None
    """``always``, ``exempt``, ``pull_requests_only`` or ``never``; not told to everybody."""
    rules: list[BranchRule] = Field(default_factory=list)


class BranchRules(RootModel[list[BranchRule]]):
    """All of a branch."""


class Reviewer(RestAnswer):
    type: str


class ProtectionRule(RestAnswer):
    type: str
    wait_timer: int | None = None
    """Minutes."""
    reviewers: list[Reviewer] = Field(default_factory=list)
    """Those of ``required_reviewers``: people and teams, one of whom must approve."""


class DeploymentPolicy(RestAnswer):
    protected_branches: bool
    custom_branch_policies: bool


class Environment(RestAnswer):
    """Where a job of a workflow deploys to, and what it waits for before."""

    name: str
    protection_rules: list[ProtectionRule] = Field(default_factory=list)
    deployment_branch_policy: DeploymentPolicy | None = None


class RefPolicy(RestAnswer):
    name: str
    type: str | None = None
    """``branch`` or ``tag``; an older GitHub says neither."""


class RefPolicies(RestAnswer):
    branch_policies: list[RefPolicy]


class Immutability(RestAnswer):
    enabled: bool
