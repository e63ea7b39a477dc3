"""What every model of ours has in common: it cannot change, and it refuses unknown keys."""

from __future__ import annotations

import json

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen value; an unknown key is an error, not a guess.

    Its validator is built when it is first used: a dry run needs few of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    def write_json(self) -> str:
        """The value as JSON for people, as ``encode_json`` writes it, without a copy of it."""
        try:
            return self.model_dump_json(indent=2)
        except ValueError:  # half characters, of a file name that is not UTF-8
            return json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False)
