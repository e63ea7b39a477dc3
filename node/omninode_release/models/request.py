"""A skill request: how a node runner or an agent runtime calls the tool with JSON."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from omninode_release.models.base import Model


class ModelSkillRequest(Model):
    """One call of the skill; ``""`` and ``"true"`` as a value make a bare flag."""

    skill_name: str = Field(min_length=1, pattern=r"\S")
    skill_path: str = Field(pattern=r"SKILL\.md$")
    args: dict[str, str] = {}
    correlation_id: UUID
