"""The gate in Slack: the plan is posted to a channel, and a person answers in its thread.

At most one question is open for a run and plan: one that was put and not yet answered is taken
up again after a crash, and a message whose answer was lost on the way is looked for in the
channel before another one is posted. Rate limits and outages are waited out inside the deadline.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from omninode_release.adapters.slack import Bot, Message, Slack, SlackFailure
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import Note, Report, Waiting
from omninode_release.gate.ports import GateAnswer, Question
from omninode_release.gate.thread import (
    APPROVED,
    CLOSED,
    REJECTED,
    Reading,
    Rules,
    explain_reply,
    names_plan,
    read_thread,
)
from omninode_release.models.config import GateCommands, Polling
from omninode_release.models.plan import short_hash
from omninode_release.models.state import GateRecord
from omninode_release.system.clock import Clock
from omninode_release.system.wait import NotYet, Pauses, poll
from omninode_release.text.slack_markup import slack_text

_T = TypeVar("_T")
_USER_ID = re.compile(r"[UW][A-Z0-9]{2,}", re.ASCII)
_SKEW_SECONDS = 600  # how far this machine's clock may be ahead of Slack's
_LAST_WORD_ATTEMPTS = 3
_LAST_WORD_PATIENCE = 5.0
_LAST_WORD_PAUSE = 1.0


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

    def require(self) -> None:
        """Raise CREDENTIALS_MISSING or CONFIG_INVALID for what cannot work; nothing is sent."""
        channel = self.slack.credentials.channel
        if not self.slack.credentials.channel_is_an_id:
            raise ReleaseError(
                ErrorCode.CREDENTIALS_MISSING,
                f"expected SLACK_CHANNEL_ID to be a channel's id, found {channel!r}.",
                hint="copy the id (C…) from the channel's details in Slack",
            )
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
        deadline = self.clock.monotonic() + self.seconds
        rules = self._make_rules(question.plan_hash, deadline)
        ts = self._find_open_question(question, earlier, rules, deadline)
        ts = ts or self._post(question, rules, deadline)
        posted(ts)
        channel = self.slack.credentials.channel
        self.report(Note(f"asked in Slack, channel {channel}, message {ts}: answer in its thread"))
        reading = self._await(ts, rules, deadline)
        about = f"run {question.run_id}, plan {short_hash(question.plan_hash)}"
        if reading.decision == "approved":
            self._tell(ts, f"{APPROVED} by <@{reading.by}>: {about}. The release begins.")
            return GateAnswer(reading.by, ts)
        if reading.decision == "rejected":
            self._tell(ts, f"{REJECTED} by <@{reading.by}>: {about}. Nothing was modified.")
            raise ReleaseError(
                ErrorCode.GATE_REJECTED,
                f"{reading.by} rejected the plan in Slack.",
                hint="correct the plan and start again",
            )
        self._tell(ts, f"{CLOSED} no decision came in time: {about}. Answers no longer count.")
        raise self._timeout_error("the gate was not answered in Slack")

    def verify(self, ts: str, run_id: str, plan_hash: str) -> str:
        """Who approved, in the thread of ``ts``, this run and plan. Raises INVALID_GATE_TOKEN."""
        deadline = self.clock.monotonic() + self.seconds
        rules = self._make_rules(plan_hash, deadline)
        try:
            thread = self._call_patiently(lambda: self.slack.thread(ts), deadline)
        except SlackFailure as failure:
            if failure.why != "thread_not_found":
                raise
            thread = []
        parent = thread[0] if thread and thread[0].ts == ts else None
        reading = read_thread(thread, ts, rules)
        if parent is None:
            found = "no such message"
        elif not parent.by(rules.bot):
            found = "a message of another author"
        elif not names_plan(parent.text, run_id, plan_hash):
            found = f"a message about something else than run {run_id} and plan {plan_hash}"
        elif reading.decision != "approved":
            found = f"its thread {reading.decision or 'undecided'}"
        else:
            return reading.by
        raise ReleaseError(
            ErrorCode.INVALID_GATE_TOKEN,
            f"expected the gate message {ts}, approved, in Slack's channel"
            f" {self.slack.credentials.channel}, found {found}.",
            hint="pass the token of an approved gate message, or leave --gate-attestation out and"
            " answer the gate",
        )

    def withdraw(self, earlier: GateRecord | None, why: str) -> None:
        """Say in the thread of a question that is still open that it is not any more."""
        if earlier is not None and is_open(earlier) and earlier.posted_ts is not None:
            self._tell(earlier.posted_ts, f"{CLOSED} {why} Answers here no longer count.")

    def announce(self, text: str) -> SlackFailure | None:
        """Post for information; what went wrong is answered, not raised."""
        try:
            self.slack.post(slack_text(text))
        except SlackFailure as failure:
            return failure
        return None

    # Putting the question.

    def _make_rules(self, plan_hash: str, deadline: float) -> Rules:
        bot = self._call_patiently(self.slack.bot, deadline)
        return Rules(bot, self.commands, self.approvers, plan_hash)

    def _find_open_question(
        self, question: Question, earlier: GateRecord | None, rules: Rules, deadline: float
    ) -> str | None:
        """The question's message, if an interrupted invocation has posted it already."""
        if earlier is None or not is_open(earlier):
            return None
        if earlier.plan_hash != question.plan_hash:
            self.withdraw(earlier, "The plan has changed.")
            return None
        if earlier.posted_ts is None:
            asked = earlier.asked_at or self.clock.now()
            return self._call_patiently(
                lambda: self._find(question, rules, asked.timestamp()), deadline
            )
        ts = earlier.posted_ts
        try:
            thread = self._call_patiently(lambda: self.slack.thread(ts), deadline)
        except SlackFailure as failure:
            if failure.why == "thread_not_found":  # deleted, or posted to another channel
                return None
            raise
        reading = read_thread(thread, ts, rules)
        return None if reading.decision is None and reading.last_word else ts

    def _post(self, question: Question, rules: Rules, deadline: float) -> str:
        since, text = self.clock.now().timestamp(), slack_text(question.message)
        lost = False

        def post() -> str:
            nonlocal lost
            if lost and (ts := self._find(question, rules, since)):
                return ts
            lost = False
            try:
                return self.slack.post(text)
            except SlackFailure as failure:
                lost = failure.kind == "lost"
                raise

        return self._call_patiently(post, deadline)

    def _find(self, question: Question, rules: Rules, since: float) -> str | None:
        """The question among the channel's messages, if it stands there and is still open."""
        for message in self.slack.history(since=since - _SKEW_SECONDS):
            if _is_question(message, question, rules.bot):
                thread = self.slack.thread(message.ts)
                if not read_thread(thread, message.ts, rules).last_word:
                    return message.ts
        return None

    # Waiting for the answer.

    def _await(self, ts: str, rules: Rules, deadline: float) -> Reading:
        """The decision; one without is the end of the deadline."""

        def look() -> Reading | NotYet:
            thread = self._call_patiently(lambda: self.slack.thread(ts), deadline)
            reading = read_thread(thread, ts, rules)
            if reading.decision is not None or self.clock.monotonic() >= deadline:
                return reading
            for message in reading.unanswered:
                self._tell(ts, explain_reply(message, rules), attempts=1)
            return NotYet("an answer to the gate in Slack")

        reading = self._poll(look, deadline)
        return Reading(None) if isinstance(reading, NotYet) else reading

    def _call_patiently(self, call: Callable[[], _T], deadline: float) -> _T:
        """What ``call`` answers, through rate limits and outages. Raises GATE_TIMEOUT."""

        def attempt() -> _T | NotYet:
            try:
                return call()
            except SlackFailure as failure:
                if failure.kind == "refused":
                    raise
                return NotYet(failure.message, failure.after)

        answer = self._poll(attempt, deadline)
        if isinstance(answer, NotYet):
            raise self._timeout_error(answer.why)
        return answer

    def _poll(self, probe: Callable[[], _T | NotYet], deadline: float) -> _T | NotYet:
        return poll(
            probe,
            self.clock,
            seconds=deadline - self.clock.monotonic(),
            pauses=Pauses(self.polling.min_seconds, self.polling.max_seconds),
            report=lambda why, left: self.report(Waiting(why, left)),
        )

    def _tell(self, ts: str, text: str, *, attempts: int = _LAST_WORD_ATTEMPTS) -> None:
        """Say something in the thread; that it could not be said is no reason to fail."""

        def say() -> NotYet | None:
            try:
                self.slack.post(text, thread=ts)
            except SlackFailure as failure:
                if failure.kind == "busy" and failure.after <= _LAST_WORD_PATIENCE:
                    return NotYet(failure.message, failure.after)
            return None

        poll(
            say,
            self.clock,
            seconds=attempts * _LAST_WORD_PATIENCE,
            pauses=Pauses.every(_LAST_WORD_PAUSE),
            attempts=attempts,
        )

    def _timeout_error(self, what: str) -> ReleaseError:
        return ReleaseError(
            ErrorCode.GATE_TIMEOUT,
            f"expected a decision within {self.seconds / 60:g} minutes: {what.rstrip('.')}.",
            hint="start again, or pass --gate-attestation",
        )


def is_open(record: GateRecord) -> bool:
    """True when the record is of a question in Slack that has not been decided."""
    return record.provider == "slack" and record.decision == "pending"


def _is_question(message: Message, question: Question, bot: Bot) -> bool:
    return message.by(bot) and names_plan(message.text, question.run_id, question.plan_hash)
