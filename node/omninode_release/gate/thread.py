"""Judging a gate's thread: which replies count, what they decide, and who is owed an answer.

Messages in, a reading out. Nothing outside this file decides who may approve.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.gate.reply import decide_reply
from omninode_release.models.plan import short_hash
from omninode_release.text.slack.markup import typed_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from omninode_release.adapters.slack import Bot, Message
    from omninode_release.gate.reply import Decision
    from omninode_release.models.config_parts import GateCommands

APPROVED, REJECTED, CLOSED = "[APPROVED]", "[REJECTED]", "[CLOSED]"
"""How our own last words in a thread begin; CLOSED decides nothing."""
LAST_WORDS = (APPROVED, REJECTED, CLOSED)
# A reply that was also sent to the channel; every other subtype is no plain message of a person.
_BY_PEOPLE = frozenset({"", "thread_broadcast"})
# What Slack writes in a person's name when something happens to a channel or a message.
_OF_SLACK = ("channel_", "group_", "pinned_", "unpinned_", "tombstone", "bot_message", "reminder_")
_A_BOT = "a bot"


@dataclass(frozen=True)
class Rules:
    """What a reply is judged by."""

    bot: Bot
    commands: GateCommands
    approvers: tuple[str, ...]
    """User ids; every full member in the channel when empty."""
    plan_hash: str
    excluded: Mapping[str, str] = field(default_factory=dict)
    """Who was looked up and is no full member of the workspace, and why."""

    def may_approve(self, user: str) -> bool:
        return self.is_named(user) and user not in self.excluded

    def may_reject(self, user: str) -> bool:
        """A guest's doubt counts where everybody is asked; that of a program does not."""
        return self.is_named(user) and self.excluded.get(user) != _A_BOT

    def is_named(self, user: str) -> bool:
        return not self.approvers or user in self.approvers


class Reading(NamedTuple):
    """What a thread says so far."""

    decision: Decision | None
    by: str = ""
    text: str = ""
    """What the person wrote who decided."""
    through_app: bool = False
    """An app wrote it in that person's name, or is that user itself."""
    unanswered: tuple[Message, ...] = ()
    """One reply each of people who decided nothing and were not told so yet."""
    last_word: str = ""
    """APPROVED, REJECTED or CLOSED, once we have said so in the thread."""
    is_withdrawn: bool = False
    """The question itself was deleted."""
    excluded: Mapping[str, str] = {}
    """Those whose reply would have counted, were they full members, and what they are."""


def read_thread(
    thread: Sequence[Message],
    posted_ts: str,
    rules: Rules,
    find_reason_to_exclude: Callable[[str], str | None],
) -> Reading:
    """What is decided in the thread of ``posted_ts``; of several decisive replies a reject wins.

    ``find_reason_to_exclude`` is asked about a person before that person's approval counts.
    """
    members: set[str] = set()
    excluded: dict[str, str] = {}
    while True:
        found = _read(thread, posted_ts, replace(rules, excluded=excluded))
        if found.by in members or not (found.decision == "approved" or found.through_app):
            return found._replace(excluded=excluded)
        why = find_reason_to_exclude(found.by)
        if why is None:
            members.add(found.by)
        else:
            excluded[found.by] = why


def _read(thread: Sequence[Message], posted_ts: str, rules: Rules) -> Reading:
    parent = next((m for m in thread if m.ts == posted_ts), None)
    ours = [m for m in thread if m.by(rules.bot) and m.ts != posted_ts]
    said = [word for m in ours for word in LAST_WORDS if m.text.startswith(word)]
    last_word = said[-1] if said else ""
    if parent is None or parent.is_deleted:
        return Reading(None, last_word=last_word, is_withdrawn=True)
    replies = [m for m in thread if m.after(posted_ts) and m.user and not m.by(rules.bot)]
    for wanted in ("rejected", "approved"):
        for message in replies:
            if _decide(message, rules) == wanted:
                text = typed_text(message.text)
                through_app = bool(message.bot_id)
                return Reading(wanted, message.user, text, through_app, last_word=last_word)
    told = "\n".join(m.text for m in ours)
    plain = [m for m in replies if _is_plain(m) and f"<@{m.user}>" not in told]
    first = {m.user: m for m in reversed(plain)}
    return Reading(None, unanswered=tuple(first.values()), last_word=last_word)


def _decide(message: Message, rules: Rules) -> Decision | None:
    """What one reply decides: a rejection in any form, an approval as a plain message only."""
    decision = decide_reply(typed_text(message.text), rules.commands, rules.plan_hash)
    if decision == "rejected" and not message.subtype.startswith(_OF_SLACK):
        return decision if rules.may_reject(message.user) else None
    is_whole = _is_plain(message) and not message.has_more
    approves = decision == "approved" and is_whole and rules.may_approve(message.user)
    return "approved" if approves else None


def explain_reply(message: Message, rules: Rules) -> str:
    """The answer to a reply that decides nothing; naming its author marks them as answered."""
    approve, reject = rules.commands.approve[0], rules.commands.reject[0]
    if not rules.is_named(message.user):
        return f"<@{message.user}> is not one of this release's approvers; nothing is decided."
    if message.user in rules.excluded:
        return (
            f"<@{message.user}> is {rules.excluded[message.user]}; a full member of the workspace"
            " must approve. Nothing is decided."
        )
    return (
        f"<@{message.user}> that decides nothing. The whole message must be: {approve} (or:"
        f" {approve} {short_hash(rules.plan_hash)}), or begin with: {reject}"
    )


def names_plan(text: str, run_id: str, plan_hash: str) -> bool:
    """True when a gate message is about this run and plan; the lines are ``gate_message``'s."""
    return {f"Run: {run_id}", f"Plan Hash: {plan_hash}"} <= set(text.split("\n"))


def _is_plain(message: Message) -> bool:
    """True when a person wrote it: an app that posts in a person's name leaves its ``bot_id``."""
    return message.subtype in _BY_PEOPLE and not message.bot_id
