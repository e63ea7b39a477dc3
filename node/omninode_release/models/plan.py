"""The plan: what a run will do, as data. What is shown is what is applied."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from omninode_release.errors import ErrorCode
from omninode_release.models.commit import Level
from omninode_release.models.field_types import (
    ConfigFile,
    Distribution,
    Origin,
    Problem,
    Repo,
    RepoFile,
    Requirement,
    RunId,
    Sha,
    Subject,
    Tag,
    Version,
    Warned,
)
from omninode_release.models.model import Model
from omninode_release.models.pin_rule import WrittenRule
from omninode_release.models.seen import Seen


class PlanStatus(StrEnum):
    """What the run intends for one repository."""

    RELEASE = "release"
    SKIP = "skip"
    ERROR = "error"
    """A real run would refuse: ``error_code`` says why."""
    DONE = "done"
    """Released by an earlier invocation of this run."""


class Reason(Model):
    """The commit that decided a level."""

    sha: Sha
    """Its id."""
    subject: Subject
    """The first line of its message."""


class PinChange(Model):
    """One requirement and what it becomes."""

    name: Annotated[str, Field(examples=["omnibase-core"])]
    """The distribution that is required, as it is spelt there."""
    table: Annotated[str, Field(examples=["project.dependencies"])]
    """The table of pyproject.toml the requirement stands in."""
    before: Annotated[str, Field(examples=["omnibase-core>=1.4,<2"])]
    """The requirement as it was."""
    after: Requirement
    """The requirement as it is now."""


class PlannedPin(Model):
    """A requirement this repository will pin once its sibling is released in the same run."""

    repo: Repo
    """The sibling's repository."""
    distribution: Distribution
    """The name it is required by."""
    version: Version
    """The version the requirement will name."""
    rule: WrittenRule = "exact"
    """Whether it will admit that version alone, or has it as its lower bound."""
    source: Annotated[str, Field(examples=['{git = "https://git.example/core"}'])] | None = None
    """Where it was taken from instead of the index; its pin takes the place of that."""
    changes: tuple[PinChange, ...] = ()
    """Each requirement on it as it is planned to change; empty in plans of earlier versions."""
    together: bool = False
    """It stands in the same repository: a source such as a workspace stays, for development."""
    overrides: bool = False
    """The version is outside what a requirement admitted, which ``pins: override`` lets pass."""

    def approved_facts(self) -> list[str]:
        """What of it an approval covers; an exact pin without a source is as it always was."""
        more = [self.rule, *filter(None, [self.source]), *(["together"] if self.together else [])]
        return [self.distribution, self.version, *(more if more != ["exact"] else [])]


class RepoPlan(Model):
    """One repository's row of the plan."""

    repo: Repo
    """The repository's name."""
    tier: int
    """Its tier; 1 is released first."""
    status: PlanStatus
    """What the run intends for it."""
    distribution: Distribution | None = None
    """What its package is called on the index."""
    repository: Repo | None = None
    """The repository that holds it, where that has another name."""
    path: RepoFile | None = None
    """The folder of its repository that it stands in; null for the root."""
    base_branch: Annotated[str, Field(examples=["main"])] | None = None
    """The remote's default branch, which is released."""
    base_sha: Sha | None = None
    """That branch's tip."""
    last_tag: Tag | None = None
    """The highest release tag, on whatever branch; null before the first release."""
    merged_tag: Tag | None = None
    """The highest release tag that the tip contains, where that is another."""
    tag_format: Annotated[str, Field(examples=["v{version}"])] | None = None
    """The format that its tag is made in; null for the first of ``tag_formats``."""
    current: Version | None = None
    """The higher of the last tag's version and the manifest's."""
    new: Version | None = None
    """The version to be released."""
    bump: Level | None = None
    """The part of the version that is raised; a major of 0.x raises the minor part where
    ``major_on_zero`` is false."""
    forced: bool = False
    """Level or version were said by a person, and not taken from the commits' types."""
    word: Annotated[str, Field(examples=["--bump omnibase_core=minor"])] | None = None
    """How they were said."""
    declared_by: Annotated[str, Field(examples=["CHANGES.rst line 3 (Version 1.5.0)"])] | None = (
        None
    )
    """What of the changelog or its fragments decided, where it was not the commits alone."""
    pre_release_of: Version | None = None
    """The final release that ``new`` is a pre-release of, or where there is nothing new since one,
    that one; null where it is final itself."""
    offered: Version | None = None
    """Where it has nothing to release, the version by which ``--version`` releases it."""
    commits: int = 0
    """``git rev-list --count base ^last_tag ^merged_tag``."""
    decided_by: Reason | None = None
    """The newest commit of the highest level; null where nothing is released, or no commit asks
    for it."""
    cascaded_from: tuple[Repo, ...] = ()
    """Siblings on which its exact pins would stay behind: it has nothing else to release."""
    pins: tuple[PlannedPin, ...] = ()
    """Requirements on siblings that are released earlier in this run."""
    moved_to: Origin | None = None
    """Where its origin leads, where the run was planned for another repository at first."""
    error_code: ErrorCode | None = None
    """Why a real run would refuse; NOTHING_TO_RELEASE of a skipped repository."""
    error: Problem | None = None
    """The same in words."""

    @property
    def package(self) -> str:
        """What its package is called, by its repository's name where no manifest could tell."""
        return self.distribution or self.repo

    @property
    def clone(self) -> str:
        """The repository that it is released by a branch and a pull request of."""
        return self.repository or self.repo

    @property
    def versions(self) -> tuple[str, str]:
        """Current and new version of a repository that is to be released."""
        if self.current is None or self.new is None:
            raise ValueError(f"{self.repo} has no planned version")
        return self.current, self.new

    def digest(self) -> str:
        """Identify what an approval of this row approves (design of ``plan_hash``)."""
        return _sha256(self._approved_facts())

    def _approved_facts(self) -> dict[str, Any]:
        # What is as it always was is left out: a hash of an earlier version stays what it is.
        own_format = {"tag_format": self.tag_format} if self.tag_format else {}
        cascade = {"cascaded_from": self.cascaded_from} if self.cascaded_from else {}
        place = {"repository": self.repository, "path": self.path, "moved_to": self.moved_to}
        return (
            own_format
            | cascade
            | {key: each for key, each in place.items() if each is not None}
            | {
                "repo": self.repo,
                "tier": self.tier,
                "current": self.current,
                "new": self.new,
                "bump": self.bump,
                "commits": self.commits,
                "pins": [pin.approved_facts() for pin in self.pins],
                "base": self.base_sha,
            }
        )


Rehearsed = Literal["done", "in part", "left out"]
"""Whether the release was rehearsed before the gate; ``in part``: a warning names what was not, and
why; ``left out`` is by the configuration."""


class Plan(Model):
    """A run's plan, in the order it will be carried out."""

    run_id: RunId
    """The run it is the plan of."""
    entries: tuple[RepoPlan, ...]
    """One row per repository, in the order of the release."""
    warnings: tuple[Warned, ...] = ()
    """What a person should know before approving."""
    seen: tuple[Seen, ...] = ()
    """What looks like release data and has no part in the plan."""
    rehearsal: Rehearsed | None = None
    """Whether it was rehearsed; null of a dry run that did not ask for it."""
    configuration: ConfigFile | None = None
    """The configuration it follows; null in a plan of version 0.1.0."""

    @property
    def plan_hash(self) -> str:
        """``sha256:`` over the canonical JSON of every row that is still to be released.

        The same world gives the same hash; shown as its first twelve hex digits.
        """
        return "sha256:" + _sha256([entry._approved_facts() for entry in self.remaining])  # noqa: SLF001

    @property
    def remaining(self) -> tuple[RepoPlan, ...]:
        """Rows still to be released."""
        return tuple(e for e in self.entries if e.status is PlanStatus.RELEASE)

    @property
    def released(self) -> tuple[RepoPlan, ...]:
        """Rows that an earlier invocation has released."""
        return tuple(e for e in self.entries if e.status is PlanStatus.DONE)

    @property
    def errors(self) -> tuple[RepoPlan, ...]:
        """Rows for which a real run refuses."""
        return tuple(e for e in self.entries if e.status is PlanStatus.ERROR)

    def with_warnings(self, lines: Iterable[str]) -> Plan:
        """The same plan with more that a person should know; each is said once."""
        return self.model_copy(update={"warnings": tuple(dict.fromkeys((*self.warnings, *lines)))})

    def entry(self, repo: str) -> RepoPlan:
        return next(entry for entry in self.entries if entry.repo == repo)


def short_hash(plan_hash: str) -> str:
    """The form a person reads and types: the first twelve hex digits."""
    return plan_hash.removeprefix("sha256:")[:12]


def _sha256(value: Any) -> str:  # noqa: ANN401 - any JSON value
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
