"""What each phase leaves as evidence; each has a schema and is checked against it when recorded."""

from __future__ import annotations

from typing import Literal

from omninode_release.models.base import Model
from omninode_release.models.phase import Phase

PypiStatus = Literal["available", "pending", "skipped", "failed"]


class LateCommit(Model):
    """A commit that reached the base branch after the plan was approved."""

    sha: str
    subject: str


class WorktreeOutput(Model):
    """Where the release is prepared."""

    worktree_path: str
    branch: str
    base_sha: str
    """The base branch's tip the release branch starts at."""
    late: tuple[LateCommit, ...] = ()


class BumpOutput(Model):
    """The version stands in these files (paths relative to the repository)."""

    version: str
    files: tuple[str, ...]


class PinChange(Model):
    """One requirement and what it became."""

    name: str
    table: str
    before: str
    after: str


class PinOutput(Model):
    """Requirements that name exactly what this run released."""

    pinned: tuple[str, ...]
    """``name==version``, every sibling this repository pins."""
    changed: tuple[PinChange, ...] = ()


class ChangelogOutput(Model):
    """The entry as it stands in the file."""

    path: str
    entry: str


class LockOutput(Model):
    """The lock file agrees with the manifest, or there is none to agree."""

    locked: bool
    reason: str | None = None
    """Why nothing was locked."""
    moved: tuple[str, ...] = ()
    """Packages other than ours and the pinned ones whose locked version changed."""


class LintOutput(Model):
    """Every hook passed, or there is no hook to pass."""

    ran: bool
    reason: str | None = None
    """Why no hook ran."""
    rewritten: tuple[str, ...] = ()
    """Files of this release that hooks rewrote before they passed."""


class CommitOutput(Model):
    """The release commit."""

    sha: str
    subject: str


class PushOutput(Model):
    """The release branch on the remote."""

    branch: str
    sha: str


class PrOutput(Model):
    """The pull request of the release branch."""

    number: int
    url: str


class MergeOutput(Model):
    """The commit on the base branch that carries the new version."""

    merge_sha: str
    late: tuple[LateCommit, ...] = ()
    """Commits that reached the base branch between branching and merging."""


class TagOutput(Model):
    """Release tags on the merge commit, as the remote has them."""

    tags: tuple[str, ...]
    sha: str


class PublishOutput(Model):
    """What the package index offers."""

    pypi_status: PypiStatus
    url: str | None = None
    """The workflow run that published."""
    files: tuple[str, ...] = ()


Output = (
    WorktreeOutput
    | BumpOutput
    | PinOutput
    | ChangelogOutput
    | LockOutput
    | LintOutput
    | CommitOutput
    | PushOutput
    | PrOutput
    | MergeOutput
    | TagOutput
    | PublishOutput
)

OUTPUT_OF: dict[Phase, type[Output]] = {
    Phase.WORKTREE: WorktreeOutput,
    Phase.BUMP: BumpOutput,
    Phase.PIN: PinOutput,
    Phase.CHANGELOG: ChangelogOutput,
    Phase.LOCK: LockOutput,
    Phase.LINT: LintOutput,
    Phase.COMMIT: CommitOutput,
    Phase.PUSH: PushOutput,
    Phase.PR: PrOutput,
    Phase.MERGE: MergeOutput,
    Phase.TAG: TagOutput,
    Phase.PUBLISH: PublishOutput,
}
