"""What every model of ours has in common: it cannot change, and it refuses unknown keys."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen value; an unknown key is an error, not a guess."""

    model_config = ConfigDict(frozen=True, extra="forbid")
