"""Asking Slack patiently: rate limits and outages are waited out, up to a deadline.

What the gate message has no room for is told in its thread: the changes of each repository.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from omninode_release.adapters.slack_errors import SlackFailure
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import Note, Waiting
from omninode_release.gate.ports import START_AGAIN
from omninode_release.gate.thread import Reading, read_thread
from omninode_release.system.wait import NotYet, Pauses, poll
from omninode_release.text.slack.markup import is_too_long, slack_text, split_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from omninode_release.adapters.slack import Message, Slack
    from omninode_release.events import Report
    from omninode_release.gate.ports import Question
    from omninode_release.gate.thread import Rules
    from omninode_release.models.config_parts import Polling
    from omninode_release.system.clock import Clock

_T = TypeVar("_T")
_LAST_WORD_ATTEMPTS = 3
_LAST_WORD_PATIENCE = 5.0
_LAST_WORD_PAUSE = 1.0
# Slack's answers to blocks that it does not take; nothing was posted then.
_BLOCKS_REFUSED = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "invalid_attachments", "msg_blocks_too_long"}
)
_CHANGES = "What will be released"
_PART = 3_700  # characters, a heading and what was left out aside
_MOST_PARTS = 20


@dataclass(frozen=True)
class PatientSlack:
    """The channel, for a caller who has time until ``deadline``."""

    slack: Slack
    clock: Clock
    polling: Polling
    report: Report
    seconds: float
    """How long the caller meant to wait in all; for the error that says that it was in vain."""
    deadline: float

    def call(self, call: Callable[[], _T]) -> _T:
        """What ``call`` answers, through rate limits and outages. Raises GATE_TIMEOUT."""

        def attempt() -> _T | NotYet:
            try:
                return call()
            except SlackFailure as failure:
                if failure.kind == "refused":
                    failure.hint = f"{failure.hint}, then {START_AGAIN}"
                    raise
                return NotYet(failure.message, failure.after)

        answer = self._poll(attempt, Pauses(self.polling.min_seconds, self.polling.max_seconds))
        if isinstance(answer, NotYet):
            raise self.timeout_error(answer.why)
        return answer

    def poll(self, probe: Callable[[], _T | NotYet]) -> _T | NotYet:
        """What ``probe`` answers about what a person does, or its last NotYet at the deadline."""
        first, longest = self.polling.min_seconds, self.polling.max_seconds
        return self._poll(probe, Pauses.for_event(first, longest))

    def _poll(
        self, probe: Callable[[], _T | NotYet], pauses: Pauses, *, until: float = math.inf
    ) -> _T | NotYet:
        return poll(
            probe,
            self.clock,
            seconds=min(until, self.deadline) - self.clock.monotonic(),
            pauses=pauses,
            report=lambda why, left: self.report(Waiting(why, left)),
        )

    @property
    def is_over(self) -> bool:
        return self.clock.monotonic() >= self.deadline

    def find_own(self, find: Callable[[], _T | None], *, until: float) -> _T | None:
        """What ``find`` answers about a message that was perhaps posted, and may show ``until``."""
        answer = self._poll(
            lambda: find() or NotYet("the gate's question, which may be in Slack already, to show"),
            Pauses.for_event(self.polling.min_seconds, self.polling.max_seconds),
            until=until,
        )
        return None if isinstance(answer, NotYet) else answer

    def read(self, ts: str, rules: Rules) -> Reading:
        """What is decided in a thread; one whose question is gone at two looks is withdrawn."""
        reading = Reading(None, is_withdrawn=True)

        def look() -> Reading | NotYet:
            nonlocal reading
            reading = self._read(ts, rules)
            return NotYet() if reading.is_withdrawn else reading

        # Right after it was posted, one of Slack's servers may not know it yet.
        poll(
            look,
            self.clock,
            seconds=self.deadline - self.clock.monotonic(),
            pauses=Pauses.every(self.polling.min_seconds),
            attempts=2,
        )
        return reading

    def _read(self, ts: str, rules: Rules) -> Reading:
        return read_thread(
            self.find_thread(ts),
            ts,
            rules,
            lambda user: self.call(lambda: self.slack.find_reason_to_exclude(user, rules.bot)),
        )

    def find_thread(self, ts: str) -> list[Message]:
        """The thread of a message; empty where there is none."""
        try:
            return self.call(lambda: self.slack.thread(ts))
        except SlackFailure as failure:
            if failure.why != "thread_not_found":  # deleted, or posted to another channel
                raise
            return []

    def timeout_error(self, what: str) -> ReleaseError:
        return ReleaseError(
            ErrorCode.GATE_TIMEOUT,
            f"expected a decision within {self.seconds / 60:g} minutes: {what.rstrip('.')}.",
            hint=f"{START_AGAIN}, or pass the token of a gate message that was approved",
        )


def post(
    slack: Slack,
    text: str,
    *,
    thread: str | None = None,
    blocks: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Post a message, of which a person is shown the ``blocks`` where Slack takes them.

    Answers its ``ts``; raises SlackFailure.
    """
    if blocks:
        try:
            return slack.post(text, thread=thread, blocks=list(blocks))
        except SlackFailure as failure:
            if failure.why.partition(" ")[0] not in _BLOCKS_REFUSED:
                raise
    return slack.post(text, thread=thread)


def tell(
    slack: Slack,
    clock: Clock,
    ts: str,
    text: str,
    *,
    attempts: int = _LAST_WORD_ATTEMPTS,
    blocks: Sequence[Mapping[str, Any]] = (),
) -> SlackFailure | None:
    """Say something in a thread; that it could not be said is answered, and no reason to fail."""
    failed: SlackFailure | None = None

    def say() -> NotYet | None:
        nonlocal failed
        try:
            post(slack, text, thread=ts, blocks=blocks)
        except SlackFailure as failure:
            failed = failure
            if failure.kind == "busy" and failure.after <= _LAST_WORD_PATIENCE:
                return NotYet(failure.message, failure.after)
        else:
            failed = None
        return None

    poll(
        say,
        clock,
        seconds=attempts * _LAST_WORD_PATIENCE,
        pauses=Pauses.every(_LAST_WORD_PAUSE),
        attempts=attempts,
    )
    return failed


def post_changes(patient: PatientSlack, ts: str, question: Question, *, done: int) -> None:
    """Post them below the message ``ts``, in parts; ``done`` parts stand there."""
    parts = list(split_text(slack_text("\n\n".join(_list_texts(question))), _PART))
    shown = parts[:_MOST_PARTS]
    for number, part in enumerate(shown[done:], start=done + 1):
        left_out = len(parts) - len(shown) if number == len(shown) else 0
        more = f"\n… {left_out} parts more, too long for a thread." if left_out else ""
        head = f"{_CHANGES} ({number} of {len(shown)}):"
        failure = tell(patient.slack, patient.clock, ts, f"{head}\n\n{part}{more}")
        if failure is not None:
            patient.report(Note(f"{head} was not posted: {failure.message}"))
            if failure.kind == "refused" or patient.is_over:
                return


def count_parts(patient: PatientSlack, ts: str, question: Question) -> int:
    """How many parts an earlier invocation has posted already."""
    if not _list_texts(question):
        return 0
    thread = patient.call(lambda: patient.slack.thread(ts))
    return sum(message.text.startswith(_CHANGES) for message in thread)


def _list_texts(question: Question) -> list[str]:
    """What stands in the thread: the whole message where it was cut, rules, changes."""
    whole = question.message if is_too_long(question.message) else ""
    changes = (change.text for change in question.changes)
    return [text for text in (whole, question.rules, *changes) if text]
