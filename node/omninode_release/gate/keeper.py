"""Letting a plan through: by a token issued beforehand, or by asking somebody."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, TextIO

from omninode_release.adapters.slack import (
    CHANNEL_VARIABLE,
    TOKEN_VARIABLE,
    Slack,
    credentials,
    env_file,
)
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import Report
from omninode_release.gate.attestation import approve_by_token
from omninode_release.gate.base import Gate, Question
from omninode_release.gate.console import ConsoleGate
from omninode_release.gate.slack import SlackGate, is_open
from omninode_release.models.config import ReleaseConfig
from omninode_release.models.plan import Plan
from omninode_release.models.state import Approval, GateRecord
from omninode_release.system.clock import Clock
from omninode_release.text.gate_message import gate_message

SLACK_URL_VARIABLE = "OMNI_RELEASE_SLACK_URL"
_VERIFY_SECONDS = 120  # for a token nobody is waited for, only Slack


class Passed(NamedTuple):
    """A plan was let through: who did it, and by which message."""

    approval: Approval
    approver: str | None
    posted_ts: str | None
    warning: str | None = None


@dataclass(frozen=True)
class Gatekeeper:
    """The gate of one run."""

    config: ReleaseConfig
    run_id: str
    token: str | None
    """A gate token; without one, somebody is asked."""
    gate: Gate | None
    slack: SlackGate | None
    """Where a token is verified; None where credentials are missing or not needed."""
    environ: Mapping[str, str]

    def require(self) -> None:
        """Find out before anything is scanned whether the gate can be passed at all."""
        verified = self.config.attestation == "verify"
        needed = self.config.gate == "slack" if self.token is None else verified
        if needed and self.slack is None:
            raise no_credentials(self.environ)
        if self.token is not None:
            if self.slack is not None:
                self.slack.require()
        elif self.slack is not None:
            self.slack.require()

    def require_somebody(self) -> None:
        """Find out, once there is something to ask, whether somebody can be asked on a terminal."""
        if self.token is None and self.slack is None and self.gate is not None:
            self.gate.require()

    def record(self, plan: Plan, asked: GateRecord | None, now: datetime) -> GateRecord:
        """The state's record before the gate is passed; that of an open question is kept."""
        if self.token is not None:
            return GateRecord(provider="attestation", decision="pending", plan_hash=plan.plan_hash)
        if asked is not None and is_open(asked) and asked.plan_hash == plan.plan_hash:
            return asked
        return GateRecord(
            provider=self.config.gate,
            decision="pending",
            plan_hash=plan.plan_hash,
            asked_at=now,
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown if a program should come upon it."""
        return (self.slack.slack.credentials.token,) if self.slack else ()

    def by_token(
        self, token: str, plan: Plan, approvals: Sequence[Approval], asked: GateRecord | None
    ) -> Passed:
        """Let the plan through by a token. Raises INVALID_GATE_TOKEN."""
        approval = approve_by_token(token, plan, approvals)
        if self.config.attestation == "format":
            return Passed(approval, None, None)
        if self.slack is None:
            return Passed(
                approval,
                None,
                None,
                f"the gate token {token} was checked for its form only: there are no Slack"
                " credentials to verify it with",
            )
        ts = token.partition(":")[0]
        brief = replace(self.slack, seconds=min(self.slack.seconds, _VERIFY_SECONDS))
        passed = Passed(approval, brief.attested(ts, self.run_id, approval.plan_hash), ts)
        if asked is not None and asked.posted_ts != ts:
            self.slack.withdraw(asked, "The release goes on with a gate token.")
        return passed

    def by_asking(
        self, plan: Plan, asked: GateRecord | None, posted: Callable[[str], None]
    ) -> Passed:
        """Let the plan through because somebody says so. Raises what ``Gate.ask`` does."""
        if self.gate is None:
            raise no_credentials(self.environ)
        commands = self.config.commands
        message = gate_message(plan, approve=commands.approve[0], reject=commands.reject[0])
        answer = self.gate.ask(Question(message, self.run_id, plan.plan_hash), asked, posted)
        token = f"{answer.posted_ts}:{self.run_id}" if answer.posted_ts else None
        rows = {row.repo: row.digest() for row in plan.remaining}
        approval = Approval(plan_hash=plan.plan_hash, rows=rows, token=token)
        return Passed(approval, answer.approver, answer.posted_ts)

    def announce(self, text: str) -> str | None:
        """Tell the channel how a run went; answers why that failed, and never raises."""
        if self.config.gate != "slack" or self.slack is None:
            return None
        failure = self.slack.announce(text)
        return failure.message if failure else None


def gatekeeper(
    config: ReleaseConfig,
    *,
    run_id: str,
    token: str | None,
    environ: Mapping[str, str],
    clock: Clock,
    report: Report,
    stdin: TextIO,
    stdout: TextIO,
) -> Gatekeeper:
    """The gate the configuration names, with what the environment has for it."""
    verifies = token is not None and config.attestation != "format"
    needed = config.gate == "slack" or verifies
    slack = slack_gate(config, environ, clock, report) if needed else None
    seconds = config.timeouts.gate_minutes * 60
    console = ConsoleGate(stdin, stdout, clock, config.commands, seconds)
    gate: Gate | None = slack if config.gate == "slack" else console
    return Gatekeeper(config, run_id, token, gate, slack, environ)


def slack_gate(
    config: ReleaseConfig, environ: Mapping[str, str], clock: Clock, report: Report
) -> SlackGate | None:
    """The gate in Slack; None where credentials are missing."""
    found = credentials(environ, _home(environ))
    if found is None:
        return None
    return SlackGate(
        Slack(found, environ.get(SLACK_URL_VARIABLE) or None),
        clock,
        config.commands,
        config.approvers,
        config.timeouts.gate_minutes * 60,
        config.polling,
        report,
    )


def no_credentials(environ: Mapping[str, str]) -> ReleaseError:
    file = env_file(_home(environ))
    return ReleaseError(
        ErrorCode.CREDENTIALS_MISSING,
        f"expected {TOKEN_VARIABLE} and {CHANNEL_VARIABLE} in the environment or in {file}, found"
        " at most one of them.",
        hint=f"write both into {file} (docs/slack.md), or pass --gate-attestation"
        " <slack_ts>:<run_id>",
    )


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or Path.home())
