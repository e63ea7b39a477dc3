"""The whole plan as data: what a dry run prints as JSON, and what a file holds for a later run.

It approves nothing. A run that is given one makes its own plan, as always, and goes to its gate
only when that is the very same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from omninode_release.models.commit import Level
from omninode_release.models.field_types import (
    Bumps,
    ConfigDigest,
    ConfigFile,
    Moment,
    PlanHash,
    Problem,
    Repo,
    RunId,
    Sha,
    Subject,
    Tag,
    Ticket,
    Versions,
    Warned,
)
from omninode_release.models.model import Model
from omninode_release.models.plan import Plan, Rehearsed, RepoPlan
from omninode_release.models.seen import Seen
from omninode_release.models.version_words import PreKind, VersionWords

PLAN_FILE_VERSION: Literal[1] = 1

Digest = Annotated[
    str,
    Field(
        pattern=r"^sha256:[0-9a-f]{64}$",
        examples=["sha256:9b1f0c5e7a2d4483d1f0a9b8c7d6e5f4031221304f5e6d7c8b9aa0b1c2d3e4f5"],
    ),
]
"""``sha256:`` over the canonical JSON of everything beside it."""


@dataclass(frozen=True, slots=True)
class JudgedCommit:
    """One commit since the last release, and what it means for this one."""

    # No model: there may be as many as there are commits.
    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    sha: Sha
    """Its id."""
    subject: Subject
    """The first line of its message."""
    level: Level | None
    """The level it asks for; null where it does not count."""
    rule: Annotated[str, Field(examples=["`feat` asks for minor"])]
    """The rule it was judged by."""


class PlannedRow(RepoPlan):
    """One repository's row, with what led to it and what will come of it."""

    history: tuple[JudgedCommit, ...] = ()
    """Its commits since the last release, newest first."""
    tags: tuple[Tag, ...] = ()
    """The tags that will be made."""
    entry: Annotated[str, Field(examples=["### Added\n\n- Names.\n"])] | None = None
    """Its changelog entry as it would be written today; null where nothing is released."""
    entry_problem: Problem | None = None
    """Why no entry can be shown."""
    needed_by: tuple[Repo, ...] = ()
    """The repositories that require its package."""


class PlanFile(Model):
    """A plan, what it was made of, and a digest of all of it."""

    schema_version: Literal[1] = PLAN_FILE_VERSION
    """The version of this schema."""
    run_id: RunId
    """The run it is the plan of."""
    made_at: Moment
    """When it was made."""
    organization: Annotated[str, Field(examples=["OmniNode-ai"])]
    """Whose packages it releases."""
    configuration: ConfigFile | None
    """The configuration it follows."""
    config_digest: ConfigDigest
    """Top-level configuration key to a digest of its value; keys at their defaults are left out."""
    targets: tuple[Repo, ...]
    """The repositories that were asked for."""
    bump_override: Level | None = None
    """The --bump it was made with."""
    bump_overrides: Bumps
    """The --bump REPO=LEVEL it was made with."""
    version_overrides: Versions
    """The --version REPO=X.Y.Z it was made with."""
    pre: PreKind | None = None
    """The --pre it was made with."""
    ticket: Ticket | None = None
    """The --ticket it was made with."""
    plan_hash: PlanHash
    """What an approval of it names."""
    entries: tuple[PlannedRow, ...]
    """One row per repository, in the order of the release."""
    warnings: tuple[Warned, ...] = ()
    """What a person should know before approving."""
    seen: tuple[Seen, ...] = ()
    """What looks like release data and has no part in the plan."""
    rehearsal: Rehearsed | None = None
    """Whether it was rehearsed; null of a dry run that did not ask for it."""
    digest: Digest
    """``sha256:`` over the canonical JSON of every other field."""

    @property
    def words(self) -> VersionWords:
        """What was said of versions when it was made."""
        return VersionWords(
            self.bump_override, self.bump_overrides, self.version_overrides, self.pre
        )

    @property
    def rows(self) -> tuple[RepoPlan, ...]:
        names = RepoPlan.model_fields
        return tuple(
            RepoPlan.model_validate({name: getattr(row, name) for name in names})
            for row in self.entries
        )

    @property
    def plan(self) -> Plan:
        return Plan(run_id=self.run_id, entries=self.rows)
