"""Getting a plan approved: by a token issued beforehand, or by asking a person at the gate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import GatePassed, Note
from omninode_release.gate.console import ConsoleGate
from omninode_release.gate.ports import GateRejected, Question
from omninode_release.gate.registry import GATES
from omninode_release.gate.slack import SlackGate, is_open
from omninode_release.gate.token import approve_by_token, check_token
from omninode_release.models.check import Check
from omninode_release.models.state import Approval, GateRecord
from omninode_release.release.approvals.changes_to_approve import find_changes
from omninode_release.release.approvals.gate_rules import (
    describe_rules,
    find_approval,
    find_slack_for_token,
    how_checked,
    name_approval,
    say_rules,
    say_who_may_approve,
    surroundings,
    warn_of_gate,
)
from omninode_release.release.approvals.thread_updates import ThreadUpdates
from omninode_release.release.requests.typed_request import type_again, type_request
from omninode_release.text.gate_message import gate_message, gate_question
from omninode_release.text.run_summary import summary_message
from omninode_release.text.slack.blocks import make_gate_blocks, make_summary_blocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omninode_release.gate.ports import Gate
    from omninode_release.models.plan import Plan
    from omninode_release.models.state import TokenCheck
    from omninode_release.release.ending import Outcome
    from omninode_release.release.record import RunRecord
    from omninode_release.release.session import Session
    from omninode_release.release.world import World

_VERIFY_SECONDS = 120
"""How long Slack is asked about a token, for which no person is waited for."""


class Approved(NamedTuple):
    """A plan that was let through: by which approval, and what the gate's record says of it."""

    approval: Approval
    by: str
    """For the person who follows the run."""
    record: dict[str, Any]


class Earlier(NamedTuple):
    """What earlier invocations of the run have left of the gate."""

    approvals: tuple[Approval, ...] = ()
    asked: GateRecord | None = None
    """The last question that was put."""
    fitting: Approval | None = None
    """The approval that is taken up instead of asking again."""


@dataclass(frozen=True)
class Approver:
    """What stands between a plan and its release."""

    record: RunRecord
    gate: Gate | None
    """None where a token takes its place."""
    slack: SlackGate | None
    """Where a token is verified and the end announced; None without credentials, or a need."""
    check: TokenCheck | None = None
    """How a token is checked; None where a person is asked."""

    @classmethod
    def open(cls, record: RunRecord) -> Approver:
        """Find out before anything is scanned whether a plan can be approved at all.

        Raises INVALID_GATE_TOKEN, CREDENTIALS_MISSING or CONFIG_INVALID.
        """
        session = record.session
        around = surroundings(session)
        if session.request.gate_attestation is None:
            gate = GATES[session.config.gate](around)
            _require_plan(session)
            return cls(record, gate, gate if isinstance(gate, SlackGate) else None)
        check_token(session.request.gate_attestation, session.run_id)
        slack = find_slack_for_token(session)
        return cls(record, None, slack, how_checked(session, slack))

    @property
    def session(self) -> Session:
        """As it is by now."""
        return self.record.session

    def follow(self, session: Session) -> Session:
        """The session, of which the gate's thread is told as repositories end."""
        if self.slack is None:
            return session
        return session.with_subscriber(ThreadUpdates(self.record, self.slack))

    def check_terminal(self) -> list[Check]:
        """Say, once there is something to ask, when a person cannot be asked."""
        try:
            if self.gate is not None:
                self.gate.require()
        except ReleaseError as error:
            type_again(error, type_request(self.session.request, self.session.given_in))
            return [Check.failure("gate", "terminal", error)]
        return []

    def explain(self, plan: Plan, earlier: Earlier) -> Plan:
        """The plan with what a person should know of the gate before it."""
        lines = [*warn_of_gate(self.session, self.check)]
        if earlier.fitting is not None:
            lines.append(name_approval(self.session, earlier.fitting))
        return plan.with_warnings(lines)

    def find_rules_to_show(self, plan: Plan, earlier: Earlier) -> str:
        """The gate's rules, where they are shown with the plan, right above the question."""
        here = isinstance(self.gate, ConsoleGate) and self.gate.is_below_plan
        is_asked = here and plan.remaining and earlier.fitting is None
        return say_rules(self.session, plan) if is_asked else ""

    def approve(self, plan: Plan, earlier: Earlier, world: World) -> None:
        """Get ``plan`` approved, or raise; the record says who decided either way.

        Raises INVALID_GATE_TOKEN, before the state is touched, or what the gate raises.
        """
        asked = earlier.asked
        ready = self._verify_token(plan, earlier) or self._take_up(earlier)
        self.record.begin(plan, self._gate_record(plan, asked), earlier.approvals)
        try:
            approved = ready or self._ask(plan, asked, world)
        except GateRejected as error:
            self.record.note_gate(decision="rejected", approver=error.by, reason=error.reason)
            raise
        except ReleaseError as error:
            type_again(error, ("omni-release", "--resume", self.session.run_id))
            timed_out = error.code is ErrorCode.GATE_TIMEOUT
            self.record.note_gate(decision="timeout" if timed_out else "pending")
            raise
        self.record.approve(plan, approved.approval, **approved.record)
        self.session.report(GatePassed(approved.by, plan.plan_hash))

    def announce(self, outcome: Outcome) -> None:
        """Tell the channel how a run went that was approved; trouble is a note."""
        gate = self.record.state.gate if self.record.state else None
        goes_on = outcome.result.error_code in {ErrorCode.INTERRUPTED, ErrorCode.RUN_LOCKED}
        if gate is None or gate.decision != "approved" or goes_on:
            return
        if self.session.config.gate == "slack" and self.slack is not None:
            text = summary_message(outcome.result)
            failure = self.slack.announce(text, make_summary_blocks(text, outcome.result))
            if failure is not None:
                self.session.report(Note(f"the summary was not posted: {failure.message}"))

    @property
    def _token(self) -> str | None:
        return self.session.request.gate_attestation

    def _gate_record(self, plan: Plan, asked: GateRecord | None) -> GateRecord:
        """The record before anything is decided; that of an open question is kept."""
        session, token = self.session, self._token
        rules = {
            "token_check": self.check,
            "may_approve": say_who_may_approve(session, self.check),
            **describe_rules(session),
        }
        if token is None and asked and is_open(asked) and asked.plan_hash == plan.plan_hash:
            return asked.model_copy(update=rules)
        return GateRecord(
            provider=session.config.gate if token is None else "attestation",
            decision="pending",
            plan_hash=plan.plan_hash,
            asked_at=session.clock.now() if token is None else None,
            **rules,
        )

    # The three ways to an approval.

    def _verify_token(self, plan: Plan, earlier: Earlier) -> Approved | None:
        """What the token approves, if there is one. Raises INVALID_GATE_TOKEN."""
        if self._token is None:
            return None
        asked, now = earlier.asked, self.session.clock.now()
        approval = approve_by_token(self._token, plan, earlier.approvals)
        approver, ts, by = None, None, f"unverified token {self._token}"
        if self.check == "slack":
            ts = self._token.partition(":")[0]
            approver = self._look_up(ts, approval.plan_hash)
            by = f"token {self._token}, which {approver} approved in Slack"
        if self.slack is not None and asked is not None and asked.posted_ts != ts:
            self.slack.withdraw(asked, "The release goes on with a gate token.")
        if approval not in earlier.approvals:
            known = {"provider": "attestation", "approver": approver, "at": now, "posted_ts": ts}
            approval = approval.model_copy(update=known)
        return Approved(approval, by, {"approver": approver, "posted_ts": ts})

    def _look_up(self, ts: str, plan_hash: str) -> str:
        """Who approved a message in Slack. Raises INVALID_GATE_TOKEN."""
        if self.slack is None:
            raise ValueError("nothing can be looked up without Slack")
        brief = replace(self.slack, seconds=min(self.slack.seconds, _VERIFY_SECONDS))
        return brief.verify(ts, self.session.run_id, plan_hash)

    def find_approval(self, plan: Plan, approvals: Sequence[Approval]) -> Approval | None:
        """An earlier approval that covers what is left, and that still stands in Slack."""
        found = find_approval(self.session, plan, approvals)
        if found is None or found.posted_ts is None or self.slack is None:
            return found
        try:
            approver = self._look_up(found.posted_ts, found.plan_hash)
        except ReleaseError as error:
            if error.code is not ErrorCode.INVALID_GATE_TOKEN:
                raise
            self.session.report(Note(f"an earlier approval is not taken up: {error.message}"))
            return None
        return found if approver == found.approver else None

    def _take_up(self, earlier: Earlier) -> Approved | None:
        """An earlier approval, where the configuration wants it taken up."""
        found = earlier.fitting
        if found is None:
            return None
        if self.slack is not None:
            self.slack.withdraw(earlier.asked, "The release goes on with an earlier approval.")
        named = name_approval(self.session, found)
        known = {
            "provider": found.provider,
            "approver": found.approver,
            "at": found.at,
            "posted_ts": found.posted_ts,
            "taken_up": named,
        }
        return Approved(found, f"{found.approver} ({named})", known)

    def _ask(self, plan: Plan, asked: GateRecord | None, world: World) -> Approved:
        if self.gate is None:
            raise ValueError("a token takes the place of the gate")
        commands, run_id = self.session.config.commands, self.session.run_id
        words = {"approve": commands.approve[0], "reject": commands.reject[0]}
        message, brief = gate_message(plan, **words), gate_question(plan, **words)
        rules, changes = say_rules(self.session, plan), find_changes(world, self.record, plan)
        compare = {change.repo: change.compare_url for change in changes}
        blocks = tuple(make_gate_blocks(message, plan, compare))
        answer = self.gate.ask(
            Question(
                message,
                run_id,
                plan.plan_hash,
                rules,
                changes,
                blocks,
                brief,
                planned_at=self.session.given.made_at if self.session.given else None,
                is_known=_is_covered(plan, self.record.written.approvals),
            ),
            asked,
            # Where the question stands is written down before it can be answered.
            posted=lambda ts: self.record.note_gate(posted_ts=ts),
        )
        if answer.note:
            self.record.warnings = (*self.record.warnings, answer.note)
            self.session.report(Note(answer.note))
        approval = Approval(
            plan_hash=plan.plan_hash,
            rows={row.repo: row.digest() for row in plan.remaining},
            token=f"{answer.posted_ts}:{run_id}" if answer.posted_ts else None,
            provider=self.session.config.gate,
            approver=answer.approver,
            at=self.session.clock.now(),
            posted_ts=answer.posted_ts,
        )
        known = {"approver": answer.approver, "posted_ts": answer.posted_ts}
        return Approved(approval, answer.approver, known)


def _require_plan(session: Session) -> None:
    """Raise GATE_FAILED where a reviewer of GitHub's approves and no plan could be seen before."""
    if session.config.gate == "environment" and not (session.given or session.request.resume):
        raise ReleaseError(
            ErrorCode.GATE_FAILED,
            "expected --plan FILE with `gate: environment`, whose reviewer approves before this"
            " command begins, found no plan.",
            hint="omni-release plan --out FILE in a job before, then omni-release release --plan"
            " FILE in the job with the environment",
        )


def _is_covered(plan: Plan, approvals: Sequence[Approval]) -> bool:
    """True when a person has approved all that is left in this run."""
    rows = {row.repo: row.digest() for row in plan.remaining}
    return any(each.approver and rows.items() <= each.rows.items() for each in approvals)
