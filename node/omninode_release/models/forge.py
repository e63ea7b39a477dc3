"""What a forge knows of a repository: pull requests, checks, runs of the publish workflow."""

from __future__ import annotations

from typing import Literal, NamedTuple

StatusCheckState = Literal["pending", "success", "failure", "cancelled"]
PullState = Literal["open", "merged", "closed"]
ReviewState = Literal["not_required", "required", "approved", "changes_requested"]
QueueState = Literal["none", "present", "entered"]
WorkflowRunState = Literal["running", "success", "failure"]
AvailabilityState = Literal["available", "pending", "absent", "unknown"]


class Slug(NamedTuple):
    """A repository as a forge names it."""

    host: str
    owner: str
    name: str

    @property
    def path(self) -> str:
        return f"{self.owner}/{self.name}"

    @property
    def typed(self) -> str:
        """As a person names it to gh, which takes one without a host for github.com's."""
        return self.path if self.host == "github.com" else f"{self.host}/{self.path}"


class StatusCheck(NamedTuple):
    """One check on a pull request's head commit."""

    name: str
    state: StatusCheckState
    """``cancelled``: it ended without a verdict, perhaps for a newer run of it."""
    url: str | None = None
    detail: str = ""
    required: bool = False
    """The base branch's rules ask for it."""
    is_sum: bool = False
    """It stands for several, of which one that was cancelled for a newer run counts as failed."""


class OpenPull(NamedTuple):
    """An open pull request of a program, or of a release branch."""

    number: int
    url: str
    branch: str


class ReleaseBranch(NamedTuple):
    """A branch of the form ``release/<run_id>/<repo>``."""

    run_id: str
    name: str
    pull: OpenPull | None
    """The open pull request of it."""


class PullRequest(NamedTuple):
    """A pull request as the forge has it now."""

    number: int
    url: str
    state: PullState
    branch: str
    base: str
    head_sha: str
    """Its newest commit; of a merged one the commit that was merged."""
    merge_sha: str | None = None
    """The commit the merge made on the base branch; only of a merged one."""
    conflict: bool = False
    checks: tuple[StatusCheck, ...] = ()
    """Those that have reported, and those the base branch requires that have not."""
    settled: bool = True
    """False while the forge is still computing whether it can be merged."""
    checks_reported: bool = True
    """False where no check has reported and none is required: some may still come, or none."""
    draft: bool = False
    behind: bool = False
    """The base branch's rules want it brought up to date first."""
    blocked: bool = False
    """The base branch's rules hold it back, for one of these reasons or another."""
    rules: tuple[str, ...] = ()
    """What they ask for besides, in words; whether it is there is not known."""
    review: ReviewState = "not_required"
    objections: tuple[str, ...] = ()
    """Where reviewers asked for changes."""
    threads: tuple[str, ...] = ()
    """Unresolved conversations, where the base branch's rules want them resolved."""
    queue: QueueState = "none"
    """``present``: the base branch is merged into through a merge queue."""
    put_out: str = ""
    """Why the queue put it out the last time, where it did and the forge says it."""
    body: str = ""
    """What it says of itself."""


class WorkflowRun(NamedTuple):
    """A run of the publish workflow for one tag."""

    url: str
    state: WorkflowRunState
    detail: str = ""
    """The job that failed, or what the run waits for."""
    id: str = ""
    """What tells it from another run for the same tag, where there can be one."""


class Availability(NamedTuple):
    """What a package index says of one version."""

    state: AvailabilityState
    """``pending``: some of its files are there, and not yet all; ``unknown``: no answer came."""
    files: tuple[str, ...] = ()
    note: str = ""
    """What a person should know of it, such as what is still missing."""
    growing: str = ""
    """Why more files may come to a version that can be installed already."""
    withdrawn: bool = False
    """Every file of it is yanked (PEP 592)."""

    @property
    def words(self) -> str:
        """How it stands, for a person."""
        return f"{self.state} ({self.note})" if self.note else self.state


class IndexFile(NamedTuple):
    """One file of a version as a package index lists it."""

    filename: str
    kind: Literal["wheel", "sdist"]
    sha256: str | None
    """None where the index does not say it."""
    provenance: str | None = None
    """Where its attestations are (PEP 740); None where it has none."""
    provenance_sha256: str | None = None
    """The SHA-256 of that document; None where it could not be read."""
    yanked: bool = False


class VersionUse(NamedTuple):
    """What keeps a version from being published, if something does."""

    taken: bool | None
    """True when the version can no longer be published; None when the index did not say."""
    note: str = ""
    """The files that take it, or why it is unknown."""
    closed: str = ""
    """Why the index takes no files of the project, and where that is changed."""
    others: tuple[str, ...] | None = None
    """The other versions that can be installed; None where the index did not say."""
    hint: str = ""
    """What to do about an answer that is none of an index's; empty where there was no answer."""
