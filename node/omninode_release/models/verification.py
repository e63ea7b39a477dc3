"""What a look at the published packages together found, once all of a run were released."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from omninode_release.models.field_types import Distribution, Version
from omninode_release.models.model import Model


class Verification(Model):
    """Whether what a run published installs together into an empty environment."""

    state: Literal["passed", "failed", "skipped"]
    """``skipped``: it could not be looked at, or there was nothing to look at."""
    text: Annotated[str, Field(examples=["6 packages install together"])]
    """What was found, in words."""
    packages: dict[Distribution, Version] = Field(default_factory=dict)
    """What was to be installed: distribution to version."""
