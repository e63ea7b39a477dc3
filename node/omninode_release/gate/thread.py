"""Judging a gate's thread: which replies count, what they decide, and who is owed an answer.

Pure: messages in, a reading out. Nothing outside this file decides who may approve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from omninode_release.adapters.slack import Bot, Message
from omninode_release.gate.reply import Decision, decide_reply
from omninode_release.models.config import GateCommands
from omninode_release.models.plan import short_hash

APPROVED, REJECTED, CLOSED = "[APPROVED]", "[REJECTED]", "[CLOSED]"
"""How our own last words in a thread begin; CLOSED decides nothing."""
_LAST_WORDS = (APPROVED, REJECTED, CLOSED)
# A reply that was also sent to the channel; every other subtype is no plain message of a person.
_BY_PEOPLE = frozenset({"", "thread_broadcast"})


@dataclass(frozen=True)
class Rules:
    """What a reply is judged by."""

    bot: Bot
    commands: GateCommands
    approvers: tuple[str, ...]
    """User ids; every member of the channel when empty."""
    plan_hash: str

    def may_decide(self, user: str) -> bool:
        return not self.approvers or user in self.approvers


class Reading(NamedTuple):
    """What a thread says so far."""

    decision: Decision | None
    by: str = ""
    text: str = ""
    unanswered: tuple[Message, ...] = ()
    """One reply each of people who decided nothing and were not told so yet."""
    last_word: str = ""
    """APPROVED, REJECTED or CLOSED, once we have said so in the thread."""


def read_thread(thread: Sequence[Message], posted_ts: str, rules: Rules) -> Reading:
    """What is decided in the thread of ``posted_ts``; of several decisive replies a reject wins."""
    ours = [m for m in thread if m.by(rules.bot) and m.ts != posted_ts]
    told = "\n".join(m.text for m in ours)
    said = [word for m in ours for word in _LAST_WORDS if m.text.startswith(word)]
    last_word = said[-1] if said else ""
    replies = [m for m in thread if m.after(posted_ts) and _is_by_person(m, rules.bot)]
    decided = [
        (decision, m)
        for m in replies
        if rules.may_decide(m.user)
        and (decision := decide_reply(m.text, rules.commands, rules.plan_hash)) is not None
    ]
    for wanted in ("rejected", "approved"):
        for decision, message in decided:
            if decision == wanted:
                return Reading(decision, message.user, message.text, last_word=last_word)
    first = {m.user: m for m in reversed(replies) if f"<@{m.user}>" not in told}
    return Reading(None, unanswered=tuple(first.values()), last_word=last_word)


def explain_reply(message: Message, rules: Rules) -> str:
    """The answer to a reply that decides nothing; naming its author marks them as answered."""
    approve, reject = rules.commands.approve[0], rules.commands.reject[0]
    if not rules.may_decide(message.user):
        return f"<@{message.user}> is not one of this release's approvers; nothing is decided."
    return (
        f"<@{message.user}> that decides nothing. The whole message must be: {approve} (or:"
        f" {approve} {short_hash(rules.plan_hash)}), or begin with: {reject}"
    )


def names_plan(text: str, run_id: str, plan_hash: str) -> bool:
    """True when a gate message is about this run and plan; the lines are ``gate_message``'s."""
    return {f"Run: {run_id}", f"Plan Hash: {plan_hash}"} <= set(text.splitlines())


def _is_by_person(message: Message, bot: Bot) -> bool:
    """True when a person wrote it: an app that posts in a person's name leaves its ``bot_id``."""
    plain = message.subtype in _BY_PEOPLE and not message.bot_id
    return plain and bool(message.user) and not message.by(bot)
