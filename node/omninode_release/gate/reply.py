"""Reading a person's answer: an approval is strict, a rejection counts however it is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from omninode_release.models.plan import short_hash

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omninode_release.models.config import GateCommands

Decision = Literal["approved", "rejected"]

# Slack's mentions, channels and links, and its :emoji: names.
_MARKUP = re.compile(r"<[@#!][^>\n]*>|:[\w+'-]+:(?!\w)")
# Where a sentence or a clause begins, and what may stand before its first word that matters.
_BEGIN = r"(?:^|[.!?;:,/|\u2013\u2014]|\s-\s)[\W_]*(?:(?:i|we|please|sorry|must|hereby)\s+[\W_]*)*"


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
    rejecting = re.compile(rf"{_BEGIN}(?:{any_word})(?:s|ed|ing)?(?![^\W_])", re.IGNORECASE)
    return any(rejecting.search(line) for line in _own_lines(text))


def _own_lines(text: str) -> Iterator[str]:
    """The lines without what is quoted: another's word decides nothing."""
    for line in _MARKUP.sub(" ", text).splitlines():
        if not line.lstrip().startswith(">"):
            yield line.strip()
