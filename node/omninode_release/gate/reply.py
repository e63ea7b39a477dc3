"""Reading a person's answer. Only a whole word that is a command decides anything."""

from __future__ import annotations

from typing import Literal

from omninode_release.models.config import GateCommands
from omninode_release.models.plan import short_hash

Decision = Literal["approved", "rejected"]


def decide_reply(text: str, commands: GateCommands, plan_hash: str) -> Decision | None:
    """What ``text`` decides; None when it decides nothing.

    An approval is the whole message, optionally followed by the short plan hash; a rejection is
    the first word. "approve once CI is green" and "do not approve" decide nothing.
    """
    words = text.strip().lower().rstrip(".!").split()
    if not words:
        return None
    if words[0].rstrip(",.:;!") in {word.lower() for word in commands.reject}:
        return "rejected"
    approves = words[0] in {word.lower() for word in commands.approve}
    if approves and words[1:] in ([], [short_hash(plan_hash)]):
        return "approved"
    return None
