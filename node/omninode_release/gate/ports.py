"""What a run asks of a gate, whatever stands behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol, TextIO

from omninode_release.events import Report
from omninode_release.models.config import ReleaseConfig
from omninode_release.models.state import GateRecord
from omninode_release.system.clock import Clock


class Surroundings(NamedTuple):
    """What a gate is opened with."""

    config: ReleaseConfig
    variables: Mapping[str, str]
    """The user's environment, credentials included."""
    clock: Clock
    report: Report
    stdin: TextIO
    stdout: TextIO


class Question(NamedTuple):
    """What a person is asked to approve."""

    message: str
    """The spec's gate message; foreign words in it are not made harmless yet."""
    run_id: str
    plan_hash: str


class GateAnswer(NamedTuple):
    """An approval."""

    approver: str
    """As the provider knows them: a login name, a Slack user id."""
    posted_ts: str | None = None
    """Slack's id of the message that was answered."""


class Gate(Protocol):
    """Where a person is asked."""

    def require(self) -> None:
        """Raise when no person can be asked here."""
        ...

    def ask(
        self, question: Question, earlier: GateRecord | None, posted: Callable[[str], None]
    ) -> GateAnswer:
        """Wait for an approval. Raises GATE_REJECTED, GATE_TIMEOUT or GATE_FAILED.

        ``earlier`` is the record of the question an interrupted invocation put, if any;
        ``posted`` is told the message's id as soon as there is one, and writes it down.
        """
        ...
