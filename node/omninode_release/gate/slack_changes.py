"""What the gate message has no room for, in its thread: the changes of each repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.events import Note
from omninode_release.gate.slack_calls import tell
from omninode_release.text.slack_markup import is_too_long, slack_text, split_text

if TYPE_CHECKING:
    from omninode_release.gate.ports import Question
    from omninode_release.gate.slack_calls import PatientSlack

_CHANGES = "What will be released"
_PART = 3_700  # characters, a heading and what was left out aside
_MOST_PARTS = 20


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
