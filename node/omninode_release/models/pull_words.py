"""What a release's pull request says beside what the run writes, as a configuration writes it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from omninode_release.models.model import Model
from omninode_release.models.template import LineTemplate, SubjectTemplate

Label = Annotated[str, Field(pattern=r"^[^\s,\x00-\x1f](?:[^,\x00-\x1f]{0,48}[^\s,\x00-\x1f])?$")]
"""A label's name."""


class PullWords(Model):
    """What pull requests of releases say beside what the run writes."""

    title: SubjectTemplate | None = None
    """The title, where it is not the subject of the release commit."""
    body: tuple[LineTemplate, ...] = Field(default=(), examples=[["Evidence-Ticket: {ticket}"]])
    """Lines of the body, above the lines by which the run knows its own."""
    labels: tuple[Label, ...] = Field(default=(), examples=[["release"]])
    """Labels that the repository has."""
