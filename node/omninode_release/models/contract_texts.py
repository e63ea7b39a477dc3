"""The parts of contract.yaml that people read: SKILL.md, prompt.md and the reference show them.

``omni-release validate`` compares with the code what can be compared.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from omninode_release.models.commit import Level
from omninode_release.models.model import Model
from omninode_release.models.result import ResultStatus

Prose = Annotated[str, Field(min_length=1, examples=["fails the repository and goes no further"])]
"""A sentence for people; one line, no full stop where it stands in a table."""


class Named(Model):
    """Something with a name that people have to know of."""

    name: Annotated[str, Field(examples=["OMNI_HOME"])]
    """What it is called."""
    description: Prose
    """What it is."""


class StatusSpec(Model):
    """What one result status means."""

    status: ResultStatus
    """Its name."""
    meaning: Prose
    """What happened."""


class ExitSpec(Model):
    """What one exit code means."""

    code: int
    """What the command exits with."""
    name: Literal[
        "ok", "failed", "refused", "partial", "running", "bug", "interrupted", "terminated"
    ]
    """What the code calls it."""
    meaning: Prose
    """What happened."""


class Credential(Named):
    """Something secret, by name only."""

    source: Prose
    """Where it is looked for."""


class Stage(Named):
    """One of the five phases of a whole run; not to be confused with the steps of a repository."""

    number: int = Field(ge=0)
    """Its place in the order."""


class Neighbour(Named):
    """A skill or workflow of the organisation that a run has to do with."""

    kind: Literal["skill", "helper", "workflow"]
    """What it is."""


class BumpRule(Model):
    """A commit and the level it asks for; `omni-release validate` puts it to the code."""

    commit: Annotated[str, Field(examples=["fix(retry): give up after an hour"])]
    """Its message."""
    level: Level | None
    """The level; null where it asks for no release."""


class Rules(Model):
    """What a run holds to, in sentences for people."""

    safety: tuple[Prose, ...]
    """What never happens."""
    never: tuple[Prose, ...]
    """What an agent that drives the program must not do, whatever it is told."""
    drift_guard: tuple[Prose, ...]
    """When the tier graph is out of date."""
    bump: tuple[Prose, ...]
    """How the new version comes about, beside ``bump_rules``."""
    pin: tuple[Prose, ...]
    """What becomes of requirements on siblings."""
    gate: tuple[Prose, ...]
    """What counts as consent."""
    resume: tuple[Prose, ...]
    """Where a run that stopped goes on."""
