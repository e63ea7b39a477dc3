"""What every model of ours has in common: it cannot change, and it refuses unknown keys."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen value; an unknown key is an error, not a guess.

    Its validator is built when it is first used: a dry run needs few of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
