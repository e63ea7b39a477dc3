"""What models of ours have in common: when they are built, and what they refuse."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from omninode_release.errors.stops import hold_back_stops


class BuiltLate(BaseModel):
    """A model whose validator is built when it is first used: a dry run needs few of them."""

    model_config = ConfigDict(defer_build=True)

    @classmethod
    def model_rebuild(cls, **given: Any) -> bool | None:  # noqa: ANN401 - all is handed on
        """Build it. Pydantic takes what interrupts that for a fault of the model, so a stop waits.

        No name is looked up where the model happens to be used first.
        """
        with hold_back_stops():
            return super().model_rebuild(**{**given, "_types_namespace": {}})


class Model(BuiltLate):
    """A frozen value; an unknown key is an error, not a guess."""

    model_config = ConfigDict(frozen=True, extra="forbid")
