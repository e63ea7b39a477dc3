"""The gate in Slack: the plan is posted to a channel, and a person answers in its thread.

At most one question is open for a run and plan: one that was put and not yet answered is taken
up again after a crash, and a message whose answer was lost on the way is looked for in the
channel before another one is posted. Rate limits and outages are waited out inside the deadline.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from omninode_release.adapters.slack_errors import SlackFailure, no_bots_token_error
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import Note
from omninode_release.gate.ports import GateAnswer, GateRejected
from omninode_release.gate.slack_calls import PatientSlack, count_parts, post, post_changes, tell
from omninode_release.gate.thread import (
    APPROVED,
    CLOSED,
    LAST_WORDS,
    REJECTED,
    Reading,
    Rules,
    explain_reply,
    names_plan,
)
from omninode_release.models.plan import short_hash
from omninode_release.system.wait import NotYet
from omninode_release.text.slack.markup import one_message, slack_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from omninode_release.adapters.slack import Slack
    from omninode_release.events import Report
    from omninode_release.gate.ports import Question
    from omninode_release.models.config_parts import GateCommands, Polling
    from omninode_release.models.state import GateRecord
    from omninode_release.system.clock import Clock

_USER_ID = re.compile(r"[UW][A-Z0-9]{2,}", re.ASCII)
# A token names a message, whenever it was approved: people are told.
_LATE = "An approval here begins nothing now; it counts for a token that names this message."
_SKEW_SECONDS = 600  # how far this machine's clock may be ahead of Slack's


@dataclass(frozen=True)
class SlackGate:
    """Asks in a channel; only a reply in the thread, by an approver, decides."""

    slack: Slack
    clock: Clock
    commands: GateCommands
    approvers: tuple[str, ...]
    seconds: float
    polling: Polling
    report: Report
    grace: float
    """Seconds that a message which was posted a moment ago may take to show."""

    def require(self) -> None:
        """Raise CREDENTIALS_MISSING or CONFIG_INVALID for what cannot work; nothing is sent."""
        channel = self.slack.credentials.channel
        if not self.slack.credentials.channel_is_an_id:
            raise ReleaseError(
                ErrorCode.CREDENTIALS_MISSING,
                f"expected SLACK_CHANNEL_ID to be a channel's id, found {channel!r}.",
                hint="copy the id (C…) from the channel's details in Slack",
            )
        fault = self.slack.credentials.token_fault
        if fault is not None:
            raise no_bots_token_error(fault)
        names = [name for name in self.approvers if not _USER_ID.fullmatch(name)]
        if names:
            raise ReleaseError(
                ErrorCode.CONFIG_INVALID,
                f"expected approvers to be Slack user ids, found {', '.join(map(repr, names))}.",
                hint="copy each member's id (U…) from their profile: a member can change a name",
            )

    def ask(
        self, question: Question, earlier: GateRecord | None, posted: Callable[[str], None]
    ) -> GateAnswer:
        """Wait for an approval in the thread. Raises GATE_REJECTED, GATE_TIMEOUT, GATE_FAILED."""
        patient = self._be_patient()
        rules = self._make_rules(question.plan_hash, patient)
        ts = self._find_open_question(question, earlier, rules, patient)
        is_new = ts is None
        ts = ts or self._post(question, rules, patient)
        posted(ts)
        done = 0 if is_new else count_parts(patient, ts, question)
        post_changes(patient, ts, question, done=done)
        channel = self.slack.credentials.channel
        self.report(Note(f"asked in Slack, channel {channel}, message {ts}: answer in its thread"))
        return self._conclude(ts, question, self._await(ts, rules, patient), patient)

    def _conclude(
        self, ts: str, question: Question, reading: Reading, patient: PatientSlack
    ) -> GateAnswer:
        about = f"run {question.run_id}, plan {short_hash(question.plan_hash)}"
        if reading.is_withdrawn:
            raise GateRejected(
                f"the gate message {ts} was deleted in Slack, which withdraws the question; Slack"
                " does not say who did it.",
                by=None,
                reason="the gate message was deleted",
            )
        if reading.decision == "approved":
            self._tell(ts, f"{APPROVED} by <@{reading.by}>: {about}. The release begins.")
            return GateAnswer(reading.by, ts)
        if reading.decision == "rejected":
            self._tell(ts, f"{REJECTED} by <@{reading.by}>: {about}. Nothing was modified.")
            raise GateRejected(
                f"{reading.by} rejected the plan in Slack.", by=reading.by, reason=reading.text
            )
        self._tell(ts, f"{CLOSED} no decision came in time: {about}. {_LATE}")
        raise patient.timeout_error("the gate was not answered in Slack")

    def verify(self, ts: str, run_id: str, plan_hash: str) -> str:
        """Who approved, in the thread of ``ts``, this run and plan. Raises INVALID_GATE_TOKEN."""
        patient = self._be_patient()
        rules = self._make_rules(plan_hash, patient)
        thread = patient.find_thread(ts)
        parent = thread[0] if thread and thread[0].ts == ts else None
        reading = patient.read(ts, rules) if parent else Reading(None)
        if parent is None:
            found = "no such message"
        elif parent.is_deleted:
            found = "that it was deleted"
        elif not parent.by(rules.bot):
            found = "a message of another author"
        elif not names_plan(parent.text, run_id, plan_hash):
            found = f"a message about something else than run {run_id} and plan {plan_hash}"
        elif reading.decision != "approved":
            found = f"its thread {reading.decision or 'undecided'}{_name_excluded(reading)}"
        else:
            return reading.by
        raise ReleaseError(
            ErrorCode.INVALID_GATE_TOKEN,
            f"expected the gate message {ts}, approved, in Slack's channel"
            f" {self.slack.credentials.channel}, found {found}.",
            hint="leave --gate-attestation out and answer the gate, or pass the token of a gate"
            " message that was approved",
        )

    def withdraw(self, earlier: GateRecord | None, why: str) -> None:
        """Say in the thread of a question that is still open that it is not any more."""
        if earlier is not None and is_open(earlier) and earlier.posted_ts is not None:
            self._tell(earlier.posted_ts, f"{CLOSED} {why} Answers here no longer count.")

    def update(
        self, ts: str, text: str, blocks: Sequence[Mapping[str, Any]]
    ) -> SlackFailure | None:
        """Say in a question's thread how the run goes on, once; what went wrong is answered."""
        return self._tell(ts, slack_text(text), attempts=1, blocks=blocks)

    def announce(self, text: str, blocks: Sequence[Mapping[str, Any]] = ()) -> SlackFailure | None:
        """Post for information; what went wrong is answered, not raised."""
        try:
            post(self.slack, one_message(text), blocks=blocks)
        except SlackFailure as failure:
            return failure
        return None

    # Putting the question.

    def _be_patient(self) -> PatientSlack:
        deadline = self.clock.monotonic() + self.seconds
        return PatientSlack(
            self.slack, self.clock, self.polling, self.report, self.seconds, deadline
        )

    def _make_rules(self, plan_hash: str, patient: PatientSlack) -> Rules:
        return Rules(patient.call(self.slack.bot), self.commands, self.approvers, plan_hash)

    def _find_open_question(
        self, question: Question, earlier: GateRecord | None, rules: Rules, patient: PatientSlack
    ) -> str | None:
        """The question's message, if an interrupted invocation has posted it already."""
        if earlier is None or not is_open(earlier):
            return None
        if earlier.plan_hash != question.plan_hash:
            self.withdraw(earlier, "The plan has changed.")
            return None
        if earlier.posted_ts is None:
            now = self.clock.now()
            asked = min(earlier.asked_at or now, now)  # later, where the clock was set back
            until = self.clock.monotonic() + self.grace - (now - asked).total_seconds()
            return patient.call(
                lambda: patient.find_own(
                    lambda: self._find(question, rules, asked.timestamp()), until=until
                )
            )
        ts = earlier.posted_ts
        reading = patient.read(ts, rules)
        if reading.is_withdrawn:
            self.report(Note(f"the question in message {ts} was deleted in Slack; it is put anew"))
            return None
        return None if reading.decision is None and reading.last_word else ts

    def _post(self, question: Question, rules: Rules, patient: PatientSlack) -> str:
        since, text = self.clock.now().timestamp(), one_message(question.message)
        until: float | None = None  # where an answer was lost: when what was posted has to show

        def find() -> str | None:
            return self._find(question, rules, since)

        def put() -> str:
            nonlocal until
            if until is not None and (ts := patient.find_own(find, until=until)):
                return ts
            until = None
            try:
                return post(self.slack, text, blocks=question.blocks)
            except SlackFailure as failure:
                if failure.kind == "lost":
                    until = self.clock.monotonic() + self.grace
                raise

        return patient.call(put)

    def _find(self, question: Question, rules: Rules, since: float) -> str | None:
        """The question among the channel's messages, if it stands there and is still open."""
        for message in self.slack.history(since=since - _SKEW_SECONDS):
            is_ours = message.by(rules.bot)
            if is_ours and names_plan(message.text, question.run_id, question.plan_hash):
                ours = (each for each in self.slack.thread(message.ts) if each.by(rules.bot))
                if not any(each.text.startswith(LAST_WORDS) for each in ours):
                    return message.ts
        return None

    # Waiting for the answer.

    def _await(self, ts: str, rules: Rules, patient: PatientSlack) -> Reading:
        """The decision; one without is the end of the deadline."""
        is_mute = False

        def look() -> Reading | NotYet:
            nonlocal is_mute
            reading = patient.read(ts, rules)
            if reading.decision is not None or reading.is_withdrawn or patient.is_over:
                return reading
            known = replace(rules, excluded=reading.excluded)
            for message in reading.unanswered:
                if is_mute or patient.is_over:
                    break
                failure = self._tell(ts, explain_reply(message, known), attempts=1)
                is_mute = failure is not None and failure.kind == "refused"
            return NotYet("an answer to the gate in Slack")

        reading = patient.poll(look)
        return Reading(None) if isinstance(reading, NotYet) else reading

    def _tell(self, ts: str, text: str, **more: Any) -> SlackFailure | None:  # noqa: ANN401
        return tell(self.slack, self.clock, ts, text, **more)


def is_open(record: GateRecord) -> bool:
    """True when the record is of a question in Slack that has not been decided."""
    return record.provider == "slack" and record.decision == "pending"


def _name_excluded(reading: Reading) -> str:
    """Those whose approval did not count, for a message."""
    told = ", ".join(f"{user} is {what}" for user, what in reading.excluded.items())
    return f" ({told})" if told else ""
