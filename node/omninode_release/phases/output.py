"""What a phase leaves: its evidence, and what state, result and a person are shown of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

from omninode_release.models.commit import Commit
from omninode_release.models.field_types import Sha, Subject
from omninode_release.models.model import Model


class LateCommit(Model):
    """A commit that reached the base branch after the plan was approved."""

    sha: Sha
    """Its id."""
    subject: Subject
    """The first line of its message."""

    @classmethod
    def of(cls, commits: Iterable[Commit]) -> tuple[LateCommit, ...]:
        """Commits as the evidence keeps them."""
        return tuple(cls(sha=commit.sha, subject=commit.subject) for commit in commits)


class PhaseOutput(Model):
    """The evidence of one phase; it is checked against its schema when it is recorded."""

    @abstractmethod
    def summary(self) -> str:
        """The output in one line, for a person who watches the run."""

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
