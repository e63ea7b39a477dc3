"""What each phase leaves as evidence; each has a schema and is checked against it when recorded."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from omninode_release.models.field_types import (
    Branch,
    Folder,
    PullUrl,
    RepoFile,
    Requirement,
    RunUrl,
    Sha,
    Subject,
    Tag,
    Version,
)
from omninode_release.models.model import Model
from omninode_release.models.phase import Phase

PypiStatus = Literal["available", "pending", "skipped", "failed"]
_NoLock = Annotated[str, Field(examples=["no uv.lock is tracked"])]
_NoHooks = Annotated[str, Field(examples=["no .pre-commit-config.yaml"])]
_Entry = Annotated[str, Field(examples=["## [1.5.0] - 2026-02-25\n\n### Added\n\n- Names.\n"])]


class LateCommit(Model):
    """A commit that reached the base branch after the plan was approved."""

    sha: Sha
    """Its id."""
    subject: Subject
    """The first line of its message."""


class WorktreeOutput(Model):
    """Where the release is prepared."""

    worktree_path: Folder
    """The worktree's folder, absolute."""
    branch: Branch
    """The release branch that is checked out there."""
    base_sha: Sha
    """The base branch's tip the release branch starts at."""
    late: tuple[LateCommit, ...] = ()
    """Commits between the plan and that tip."""


class BumpOutput(Model):
    """The version stands in these files (paths relative to the repository)."""

    version: Version
    """The new version."""
    files: tuple[RepoFile, ...]
    """Every file that holds it."""


class PinChange(Model):
    """One requirement and what it became."""

    name: Annotated[str, Field(examples=["omnibase-core"])]
    """The distribution that is required, as it is spelt there."""
    table: Annotated[str, Field(examples=["project.dependencies"])]
    """The table of pyproject.toml the requirement stands in."""
    before: Annotated[str, Field(examples=["omnibase-core>=1.4,<2"])]
    """The requirement as it was."""
    after: Requirement
    """The requirement as it is now."""


class PinOutput(Model):
    """Requirements that name exactly what this run released."""

    pinned: tuple[Requirement, ...]
    """``name==version``, every sibling this repository pins."""
    changed: tuple[PinChange, ...] = ()
    """Those that were not so before."""


class ChangelogOutput(Model):
    """The entry as it stands in the file."""

    path: Annotated[str, Field(examples=["CHANGELOG.md"])]
    """The changelog, relative to the repository."""
    entry: _Entry
    """The entry's text, heading included."""


class LockOutput(Model):
    """The lock file agrees with the manifest, or there is none to agree."""

    locked: bool
    """Whether there is a lock file, which agrees now."""
    reason: _NoLock | None = None
    """Why nothing was locked."""
    moved: tuple[Annotated[str, Field(examples=["httpx 0.27.0 -> 0.27.2"])], ...] = ()
    """Packages other than ours and the pinned ones whose locked version changed."""


class LintOutput(Model):
    """Every hook passed, or there is no hook to pass."""

    ran: bool
    """Whether there are hooks, all of which passed."""
    reason: _NoHooks | None = None
    """Why no hook ran."""
    rewritten: tuple[RepoFile, ...] = ()
    """Files of this release that hooks rewrote before they passed."""


class CommitOutput(Model):
    """The release commit."""

    sha: Sha
    """Its id on the release branch."""
    subject: Annotated[str, Field(examples=["release: omnibase_core v1.5.0 [OMN-1234]"])]
    """The first line of its message."""


class PushOutput(Model):
    """The release branch on the remote."""

    branch: Branch
    """Its name."""
    sha: Sha
    """The commit it is at."""


class PrOutput(Model):
    """The pull request of the release branch."""

    number: Annotated[int, Field(examples=[42])]
    """Its number on the forge."""
    url: PullUrl
    """Its address."""


class MergeOutput(Model):
    """The commit on the base branch that carries the new version."""

    merge_sha: Sha
    """Its id."""
    late: tuple[LateCommit, ...] = ()
    """Commits that reached the base branch between branching and merging."""


class TagOutput(Model):
    """Release tags on the merge commit, as the remote has them."""

    tags: tuple[Tag, ...]
    """Their names, ``<repo>/vX.Y.Z`` first."""
    sha: Sha
    """The commit all of them are on."""


class PublishOutput(Model):
    """What the package index offers."""

    pypi_status: PypiStatus
    """``skipped``: nobody waited; ``pending``: not there yet; ``failed``: nothing will come."""
    url: RunUrl | None = None
    """The workflow run that published."""
    files: tuple[Annotated[str, Field(examples=["omnibase_core-1.5.0-py3-none-any.whl"])], ...] = ()
    """The version's files on the index."""


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
