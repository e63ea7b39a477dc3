"""What a run has released, as a file to keep: each thing by what tells it from any other."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from omninode_release.errors import ErrorCode
from omninode_release.models.field_types import (
    Distribution,
    Moment,
    PlanHash,
    Problem,
    PullUrl,
    Repo,
    RunId,
    RunUrl,
    Sha,
    Tag,
    Version,
)
from omninode_release.models.model import Model
from omninode_release.models.phase import PhaseState
from omninode_release.models.plan_file import Digest
from omninode_release.models.result import PypiStatus

RELEASE_SET_VERSION: Literal[1] = 1
_Hash = Annotated[
    str, Field(examples=["9b1f0c5e7a2d4483d1f0a9b8c7d6e5f4031221304f5e6d7c8b9aa0b1c2d3e4f5"])
]


class ReleasedFile(Model):
    """One file of a version, as the index has it."""

    filename: Annotated[str, Field(examples=["omnibase_core-1.5.0-py3-none-any.whl"])]
    """Its name."""
    kind: Literal["wheel", "sdist"]
    """What it is."""
    sha256: _Hash | None
    """Its SHA-256; null where the index does not say it."""
    provenance: (
        Annotated[
            str,
            Field(
                examples=["https://index.example/integrity/core/1.5.0/core-1.5.0.tar.gz/provenance"]
            ),
        ]
        | None
    ) = None
    """Where the index has its attestations (PEP 740); null where there are none."""
    provenance_sha256: _Hash | None = None
    """The SHA-256 of that document; null where it could not be read."""


class Released(Model):
    """One repository that is released."""

    repo: Repo
    """The repository's name."""
    remote: Annotated[str, Field(examples=["https://github.com/OmniNode-ai/omnibase_core.git"])]
    """The repository's address, without a password."""
    distribution: Distribution
    """What its package is called on the index."""
    version: Version
    """The version that was released."""
    commit: Sha
    """The commit on the base branch that was released."""
    tags: tuple[Tag, ...]
    """The tags on that commit."""
    pr_url: PullUrl | None
    """Its pull request's address."""
    workflow_run: RunUrl | None
    """The workflow run that published; null where none did, or the forge does not say."""
    approver: Annotated[str, Field(examples=["U012ABCDEF"])] | None
    """Who approved its row; null where only a token's form was checked."""
    plan_hash: PlanHash | None
    """The plan that was approved."""
    pypi_status: PypiStatus
    """What the index offered when the run saw it last."""
    files: tuple[ReleasedFile, ...]
    """The version's files on the index; none where nothing is published or was waited for."""
    files_problem: Problem | None = None
    """Why the index could not tell its files."""


class NotReleased(Model):
    """One repository that the run was to release and has not."""

    repo: Repo
    """The repository's name."""
    version: Version
    """The version it was to release."""
    phase: PhaseState
    """The last state reached."""
    error_code: ErrorCode | None
    """Why it stopped."""


class ReleaseSet(Model):
    """All that one run has released, and a digest of it."""

    schema_version: Literal[1] = RELEASE_SET_VERSION
    """The version of this schema."""
    run_id: RunId
    """The run."""
    organization: Annotated[str, Field(examples=["OmniNode-ai"])]
    """Whose packages they are."""
    started_at: Moment
    """When the run's first invocation began."""
    written_at: Moment
    """When this was written."""
    complete: bool
    """False of a part: the run has more to release."""
    plan_hash: PlanHash
    """The plan that was shown last."""
    released: tuple[Released, ...]
    """What is released, in the order of the release."""
    not_released: tuple[NotReleased, ...]
    """What is not; empty where the set is complete."""
    digest: Digest
    """``sha256:`` over the canonical JSON of every other field."""
