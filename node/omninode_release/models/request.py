"""A skill request: how a node runner or an agent runtime calls the tool with JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from omninode_release.models.commit import Level
from omninode_release.models.model import Model


class ModelSkillRequest(Model):
    """One call of the skill; ``""`` and ``"true"`` as a value make a bare flag."""

    skill_name: str = Field(min_length=1, pattern=r"\S", examples=["release"])
    """The skill that is called."""
    skill_path: str = Field(pattern=r"SKILL\.md$", examples=["skills/release/SKILL.md"])
    """Where the caller read of it."""
    args: Annotated[dict[str, str], Field(examples=[{"--dry-run": "", "--bump": "minor"}])] = Field(
        default_factory=dict
    )
    """Arguments by name."""
    correlation_id: Annotated[UUID, Field(examples=["5f0c1d2e-3a4b-4c5d-8e6f-708192a3b4c5"])]
    """Links request and result in the caller's log."""


@dataclass(frozen=True)
class ReleaseRequest:
    """What one invocation asks for, however it was made: command line, node runner, handler."""

    repos: tuple[str, ...] = ()
    """Empty: every repository of the graph."""
    bump: Level | None = None
    dry_run: bool = False
    resume: str | None = None
    skip_pypi_wait: bool = False
    pypi_timeout_minutes: float = 10.0
    run_id: str | None = None
    gate_attestation: str | None = None
    context_id: str | None = None
    ticket: str | None = None
    offline: bool = False
    strict: bool = False
    preflight: bool = False
