"""One thing that a release will need, and what a look at it found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, Self

from omninode_release.errors import ErrorCode, ReleaseError

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

    @classmethod
    def failure(cls, subject: str, name: str, error: ReleaseError) -> Self:
        """The check that ``error`` failed."""
        return cls(subject, name, "failed", error.message, error.hint or "", error.code)

    def repeats(self, other: Check) -> bool:
        """True where another look at the same has found it, too."""
        of_same = (other.subject, other.state, other.code) == (self.subject, self.state, self.code)
        return of_same and bool(other.text) and other.text in self.text

    @property
    def words(self) -> str:
        """All of it in one line, for a list."""
        hint = f" → {self.hint}" if self.hint else ""
        return f"{self.subject} {self.name}: {self.text.rstrip('.')}{hint}"


class CannotTell(Exception):
    """What a question is about could not be looked at; that is never taken for fine."""


def ask(subject: str, name: str, question: Callable[[], str]) -> Check:
    """The check that ``question`` makes.

    It answers with what it found, raises ReleaseError for what would fail a release, and CannotTell
    when it could not look.
    """
    try:
        return Check(subject, name, "ok", question())
    except CannotTell as unknown:
        return Check(subject, name, "unknown", str(unknown))
    except ReleaseError as error:
        return Check.failure(subject, name, error)
