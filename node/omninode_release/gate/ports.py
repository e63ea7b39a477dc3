"""What a run asks of a gate, whatever stands behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TextIO

from omninode_release.errors import ErrorCode, ReleaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from omninode_release.events import Report
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.state import GateRecord
    from omninode_release.system.account import Account
    from omninode_release.system.clock import Clock
    from omninode_release.system.process import Runner
    from omninode_release.system.secrets import Secrets


START_AGAIN = "start again"
"""In a gate's hint: the run knows the command that does."""


class Surroundings(NamedTuple):
    """What a gate is opened with."""

    config: ReleaseConfig
    variables: Mapping[str, str]
    """The user's environment, credentials included."""
    clock: Clock
    report: Report
    stdin: TextIO
    stdout: TextIO
    account: Account
    """Whom a person at the terminal answers as."""
    credentials: Path | None
    """The file with Slack's credentials, for what the environment does not say, if one can be."""
    secrets: Secrets
    """What is posted and shown nowhere."""
    run: Runner
    """Runs a program that asks a service."""
    width: int | None = None
    """How many columns stdout has; None where a line may have any length."""


class Change(NamedTuple):
    """What one repository of the plan releases, for a person who wants to see it first."""

    repo: str
    text: str
    """The changelog entry and where the rest can be read."""
    show_diff: Callable[[], str]
    """Answers which files differ from the last release."""
    compare_url: str | None = None
    """Where a person sees the commits; None where nowhere."""


class Question(NamedTuple):
    """What a person is asked to approve; foreign words in it are not made harmless yet."""

    message: str
    """The spec's gate message."""
    run_id: str
    plan_hash: str
    rules: str = ""
    """Who may approve, and what becomes of late commits."""
    changes: tuple[Change, ...] = ()
    blocks: tuple[Mapping[str, Any], ...] = ()
    """The message as Slack's Block Kit shows it."""
    brief: str = ""
    """The message without plan and rules, for one who has just been shown them; empty where all
    is said."""
    planned_at: datetime | None = None
    """When the plan was made that --plan names: before that no person has seen it."""
    is_known: bool = False
    """All that is left was approved before, in this run."""


class GateAnswer(NamedTuple):
    """An approval."""

    approver: str
    """As the provider knows them: an account of this machine, a Slack user id."""
    posted_ts: str | None = None
    """Slack's id of the message that was answered."""
    note: str = ""
    """What a person should know of it."""


class GateRejected(ReleaseError):
    """A person said no, or took the question away."""

    def __init__(self, message: str, *, by: str | None, reason: str) -> None:
        super().__init__(
            ErrorCode.GATE_REJECTED,
            message,
            hint="start again for another plan: repositories by name, --bump, --version",
            detail=reason,
        )
        self.by = by
        self.reason = reason


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
