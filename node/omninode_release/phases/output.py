"""What a phase leaves: its evidence, and what state, result and a person are shown of it."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import Field

from omninode_release.models.field_types import Sha, Subject
from omninode_release.models.model import Model

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omninode_release.models.commit import Commit


class LateCommit(Model):
    """A commit that is released and was not in the plan: of the base branch, or of the release's.

    A person may commit to the release branch to mend what a hook or a check objects to.
    """

    sha: Sha
    """Its id."""
    subject: Subject
    """The first line of its message."""
    author: Annotated[str, Field(examples=["Ann Example <ann@example.org>"])] | None = None
    """Who wrote it; null in a state that an earlier version wrote."""
    on_release_branch: bool = False
    """It was committed to the release branch, not by this run."""

    @classmethod
    def of(
        cls, commits: Iterable[Commit], *, on_release_branch: bool = False
    ) -> tuple[LateCommit, ...]:
        """Commits as the evidence keeps them."""
        return tuple(
            cls(
                sha=commit.sha,
                subject=commit.subject,
                author=commit.author,
                on_release_branch=on_release_branch,
            )
            for commit in commits
        )

    @property
    def words(self) -> str:
        """The commit in one line: id, subject, author."""
        by = f" by {self.author}" if self.author else ""
        return f"{self.sha} ({self.subject}){by}"


class PhaseOutput(Model):
    """The evidence of one phase; it is checked against its schema when it is recorded."""

    @abstractmethod
    def summary(self) -> str:
        """The output in one line, for a person who watches the run."""

    def find_link(self) -> str | None:
        """Where what the phase made can be looked at."""
        return None

    def find_commit(self) -> str | None:
        """The commit the phase left."""
        return None

    def is_empty(self) -> bool:
        """True when the phase had nothing to do."""
        return False

    def state_fields(self) -> dict[str, object]:
        """Fields of ``RepoState`` that repeat the output for a reader (spec, State File)."""
        return {}

    def result_fields(self) -> dict[str, object]:
        """Fields of ``ResultDetail`` that no field of the state has."""
        return {}

    def owned_files(self) -> tuple[str, ...]:
        """Files of the worktree that the release may change and commits."""
        return ()

    def late_commits(self) -> tuple[LateCommit, ...]:
        """Commits that the release contains and its plan did not know."""
        return ()


_Output = TypeVar("_Output", bound=PhaseOutput)


def find_output(outputs: Iterable[PhaseOutput], kind: type[_Output]) -> _Output | None:
    """The evidence of one phase among that of others."""
    return next((each for each in outputs if isinstance(each, kind)), None)
