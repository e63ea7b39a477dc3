"""Why a repository gets the version it gets, or got the one it has."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from omninode_release.models.commit import Level
from omninode_release.models.field_types import Problem, Repo, Sha, Tag, Version
from omninode_release.models.model import Model
from omninode_release.models.plan import PinChange, PlanStatus
from omninode_release.models.plan_file import JudgedCommit
from omninode_release.models.seen import Seen


class Explanation(Model):
    """One version of one repository, and all that led to it."""

    repo: Repo
    """The repository's name."""
    status: PlanStatus
    """What a run intends for it; ``done`` of a version that is released."""
    old: Version | None
    """The version before; null where it could not be read, or nothing was released before."""
    new: Version | None
    """The version that is explained; null where there is nothing to release."""
    level: Level | None
    """The part of the version that is raised; a major of 0.x raises the minor part where
    ``major_on_zero`` is false."""
    why: Annotated[str, Field(examples=["minor by 4f1c2d3e4f5a feat: names"])]
    """What decided, in words."""
    since: Tag | None
    """The release its commits are counted from; null of the first."""
    commit: Sha | None
    """The newest of its commits: the base branch's tip, or what the tag is on."""
    history: tuple[JudgedCommit, ...]
    """Its commits, newest first, each with its level and the rule for it."""
    pins: tuple[PinChange, ...]
    """Requirements on siblings, and what becomes of them, or became."""
    needed_by: tuple[Repo, ...]
    """The repositories that require its package today."""
    seen: tuple[Seen, ...]
    """What looks like release data and was not used."""
    problem: Problem | None = None
    """Why a run would refuse to release it."""
