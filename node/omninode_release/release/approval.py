"""Getting a plan approved: by a token issued beforehand, or by asking a person at the gate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import GatePassed, Note
from omninode_release.gate.ports import Gate, Question, Surroundings
from omninode_release.gate.registry import GATES, find_slack, open_slack
from omninode_release.gate.slack import SlackGate, is_open
from omninode_release.gate.token import approve_by_token, check_token
from omninode_release.models.check import Check
from omninode_release.models.plan import Plan
from omninode_release.models.state import Approval, GateRecord
from omninode_release.release.ending import Outcome
from omninode_release.release.record import RunRecord
from omninode_release.release.session import Session
from omninode_release.text.gate_message import gate_message
from omninode_release.text.summary_message import summary_message

_VERIFY_SECONDS = 120
"""How long Slack is asked about a token, for which no person is waited for."""


class Approved(NamedTuple):
    """A plan that was let through: by which approval, by whom, and in which message."""

    approval: Approval
    approver: str | None = None
    posted_ts: str | None = None


@dataclass(frozen=True)
class Approver:
    """What stands between a plan and its release."""

    record: RunRecord
    gate: Gate | None
    """None where a token takes its place."""
    slack: SlackGate | None
    """Where a token is verified and the end announced; None without credentials, or a need."""

    @classmethod
    def open(cls, record: RunRecord) -> Approver:
        """Find out before anything is scanned whether a plan can be approved at all.

        Raises INVALID_GATE_TOKEN, CREDENTIALS_MISSING or CONFIG_INVALID.
        """
        session = record.session
        config, token = session.config, session.request.gate_attestation
        around = surroundings(session)
        if token is None:
            gate = GATES[config.gate](around)
            return cls(record, gate, gate if isinstance(gate, SlackGate) else None)
        check_token(token, session.run_id)
        if config.attestation == "verify":
            return cls(record, None, open_slack(around))
        needed = config.attestation == "auto" or config.gate == "slack"
        return cls(record, None, find_slack(around) if needed else None)

    @property
    def session(self) -> Session:
        """As it is by now."""
        return self.record.session

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown if a program should come upon it."""
        return (self.slack.slack.credentials.token,) if self.slack else ()

    def check_terminal(self) -> list[Check]:
        """Say, once there is something to ask, when a person cannot be asked."""
        try:
            if self.gate is not None:
                self.gate.require()
        except ReleaseError as error:
            return [
                Check("gate", "terminal", "failed", error.message, error.hint or "", error.code)
            ]
        return []

    def approve(self, plan: Plan, earlier: tuple[Approval, ...], asked: GateRecord | None) -> None:
        """Get ``plan`` approved, or raise; the record says who decided either way.

        Raises INVALID_GATE_TOKEN, before the state is touched, or what the gate raises.
        """
        token = self._verify_token(plan, earlier, asked)
        self.record.begin(plan, self._gate_record(plan, asked), earlier)
        try:
            approved = token or self._ask(plan, asked)
        except ReleaseError as error:
            decision = {ErrorCode.GATE_REJECTED: "rejected", ErrorCode.GATE_TIMEOUT: "timeout"}
            self.record.note_gate(decision=decision.get(error.code, "pending"))
            raise
        self.record.approve(
            plan, approved.approval, approver=approved.approver, posted_ts=approved.posted_ts
        )
        by = f"token {self._token}" if self._token else approved.approver or "an unnamed person"
        self.session.report(GatePassed(by, plan.plan_hash))

    def announce(self, outcome: Outcome) -> None:
        """Tell the channel how a run went that was approved; trouble is a note."""
        gate = self.record.state.gate if self.record.state else None
        interrupted = outcome.result.error_code is ErrorCode.INTERRUPTED
        if gate is None or gate.decision != "approved" or interrupted:
            return
        if self.session.config.gate == "slack" and self.slack is not None:
            failure = self.slack.announce(summary_message(outcome.result))
            if failure is not None:
                self.session.report(Note(f"the summary was not posted: {failure.message}"))

    @property
    def _token(self) -> str | None:
        return self.session.request.gate_attestation

    def _gate_record(self, plan: Plan, asked: GateRecord | None) -> GateRecord:
        """The record before anything is decided; that of an open question is kept."""
        if self._token is not None:
            return GateRecord(provider="attestation", decision="pending", plan_hash=plan.plan_hash)
        if asked is not None and is_open(asked) and asked.plan_hash == plan.plan_hash:
            return asked
        return GateRecord(
            provider=self.session.config.gate,
            decision="pending",
            plan_hash=plan.plan_hash,
            asked_at=self.session.clock.now(),
        )

    def _verify_token(
        self, plan: Plan, earlier: tuple[Approval, ...], asked: GateRecord | None
    ) -> Approved | None:
        """What the token approves, if there is one. Raises INVALID_GATE_TOKEN."""
        if self._token is None:
            return None
        approval = approve_by_token(self._token, plan, earlier)
        if self.session.config.attestation == "format":
            return Approved(approval)
        if self.slack is None:
            self._warn(
                f"the gate token {self._token} was checked for its form only: there are no Slack"
                " credentials to verify it with"
            )
            return Approved(approval)
        ts = self._token.partition(":")[0]
        brief = replace(self.slack, seconds=min(self.slack.seconds, _VERIFY_SECONDS))
        approver = brief.verify(ts, self.session.run_id, approval.plan_hash)
        if asked is not None and asked.posted_ts != ts:
            self.slack.withdraw(asked, "The release goes on with a gate token.")
        return Approved(approval, approver, ts)

    def _ask(self, plan: Plan, asked: GateRecord | None) -> Approved:
        if self.gate is None:
            raise ValueError("a token takes the place of the gate")
        commands, run_id = self.session.config.commands, self.session.run_id
        message = gate_message(plan, approve=commands.approve[0], reject=commands.reject[0])
        answer = self.gate.ask(
            Question(message, run_id, plan.plan_hash),
            asked,
            # Where the question stands is written down before it can be answered.
            posted=lambda ts: self.record.note_gate(posted_ts=ts),
        )
        token = f"{answer.posted_ts}:{run_id}" if answer.posted_ts else None
        rows = {row.repo: row.digest() for row in plan.remaining}
        approval = Approval(plan_hash=plan.plan_hash, rows=rows, token=token)
        return Approved(approval, answer.approver, answer.posted_ts)

    def _warn(self, text: str) -> None:
        self.record.warnings = (*self.record.warnings, text)
        self.session.report(Note(text))


def surroundings(session: Session) -> Surroundings:
    """What a gate of this invocation is opened with."""
    environment = session.environment
    return Surroundings(
        session.config,
        environment.variables,
        session.clock,
        session.report,
        environment.stdin,
        environment.stdout,
    )
