"""One thing that a release will need, and what a look at it found."""

from __future__ import annotations

from typing import Literal, NamedTuple

from omninode_release.errors import ErrorCode

CheckState = Literal["ok", "warning", "failed", "unknown"]
"""``warning``: it does not stop a release; ``unknown``: it could not be looked at."""


class Check(NamedTuple):
    """The answer to one question of the pre-flight."""

    subject: str
    """A repository, a program, a host."""
    name: str
    state: CheckState
    text: str
    """What was expected and what was found; of a check that is ok, what was found."""
    hint: str = ""
    """What to type next."""
    code: ErrorCode | None = None
    """What a run that fails by it ends with."""

    @property
    def words(self) -> str:
        """All of it in one line, for a list."""
        hint = f" → {self.hint}" if self.hint else ""
        return f"{self.subject} {self.name}: {self.text.rstrip('.')}{hint}"
