"""Reading a person's answer: an approval is strict, a rejection counts however it is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from omninode_release.models.plan import short_hash

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omninode_release.models.config_parts import GateCommands

Decision = Literal["approved", "rejected"]

# Slack's mentions, channels and links, and its :emoji: names.
_MARKUP = re.compile(r"<[@#!][^<>\n]*>|:[\w+'-]+:(?!\w)")
# Where a sentence or a clause ends, and what may stand before its first word that matters.
_CLAUSE_END = re.compile(r"[.!?;:,/|\u2013\u2014]|\s-\s")
_OPENING = re.compile(r"[\W_]*(?:(?:i|we|please|sorry|must|hereby)\s+[\W_]*)*", re.IGNORECASE)


def decide_reply(text: str, commands: GateCommands, plan_hash: str) -> Decision | None:
    """What ``text`` decides; None when it decides nothing.

    A rejection is a rejecting word at the beginning of a line, a sentence or a clause, whatever
    marks, emoji or mentions stand around it. An approval is the whole message, optionally followed
    by the short plan hash: "approve once CI is green" and "do not approve" decide nothing.
    """
    if _rejects(text, commands.reject):
        return "rejected"
    words = text.strip().lower().rstrip(".!").split()
    approves = words[:1] != [] and words[0] in {word.lower() for word in commands.approve}
    return "approved" if approves and words[1:] in ([], [short_hash(plan_hash)]) else None


def _rejects(text: str, words: Sequence[str]) -> bool:
    any_word = "|".join(map(re.escape, words))
    rejecting = re.compile(rf"(?:{any_word})(?:s|ed|ing)?(?![^\W_])", re.IGNORECASE)
    for clause in _own_clauses(text):
        opening = _OPENING.match(clause)
        # A rejecting word may itself be of what opens a clause: an emoji.
        if rejecting.match(clause) or (opening and rejecting.match(clause, opening.end())):
            return True
    return False


def _own_clauses(text: str) -> Iterator[str]:
    """Sentences and clauses without what is quoted: another's word decides nothing."""
    for line in _MARKUP.sub(" ", text).splitlines():
        if not line.lstrip().startswith(">"):
            yield from (clause.strip() for clause in _CLAUSE_END.split(line))
