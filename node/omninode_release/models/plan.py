"""The plan: what a run will do, as data. What is shown is what is applied."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import Any

from omninode_release.errors import ErrorCode
from omninode_release.models.base import Model
from omninode_release.models.commit import Level


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

    sha: str
    subject: str


class PlannedPin(Model):
    """A requirement this repository will pin once its sibling is released in the same run."""

    repo: str
    distribution: str
    version: str


class RepoPlan(Model):
    """One repository's row of the plan."""

    repo: str
    tier: int
    status: PlanStatus
    distribution: str | None = None
    base_branch: str | None = None
    base_sha: str | None = None
    last_tag: str | None = None
    current: str | None = None
    new: str | None = None
    bump: Level | None = None
    forced: bool = False
    """The level came from --bump, not from the commits."""
    commits: int = 0
    """``git rev-list --count last_tag..base``."""
    decided_by: Reason | None = None
    pins: tuple[PlannedPin, ...] = ()
    error_code: ErrorCode | None = None
    error: str | None = None

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
        return {
            "repo": self.repo,
            "tier": self.tier,
            "current": self.current,
            "new": self.new,
            "bump": self.bump,
            "commits": self.commits,
            "pins": [[pin.distribution, pin.version] for pin in self.pins],
            "base": self.base_sha,
        }


class Plan(Model):
    """A run's plan, in the order it will be carried out."""

    run_id: str
    entries: tuple[RepoPlan, ...]
    warnings: tuple[str, ...] = ()

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
    def errors(self) -> tuple[RepoPlan, ...]:
        """Rows for which a real run refuses."""
        return tuple(e for e in self.entries if e.status is PlanStatus.ERROR)

    def entry(self, repo: str) -> RepoPlan:
        return next(entry for entry in self.entries if entry.repo == repo)


def short_hash(plan_hash: str) -> str:
    """The form a person reads and types: the first twelve hex digits."""
    return plan_hash.removeprefix("sha256:")[:12]


def _sha256(value: Any) -> str:  # noqa: ANN401 - any JSON value
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
