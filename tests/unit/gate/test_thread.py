"""Which messages of a thread decide anything."""

from __future__ import annotations

import pytest

from omninode_release.adapters.slack import Bot, Message
from omninode_release.gate.thread import Rules, read_thread
from omninode_release.models.config_parts import GateCommands

POSTED = "1740312612.000100"
RULES = Rules(Bot("U0BOT", "B0BOT"), GateCommands(), (), "sha256:" + "0" * 64)


@pytest.mark.parametrize(
    ("ts", "decision"),
    [("1740312612.000099", None), ("1740312611.900000", None), ("1740312612.000101", "approved")],
)
def test_a_reply_older_than_the_question_decides_nothing(ts: str, decision: str | None) -> None:
    question = Message(POSTED, "[HIGH_RISK] release", "U0BOT", "B0BOT", "")
    reply = Message(ts, "approve", "U0ANN", "", "")

    found = read_thread([question, reply], POSTED, RULES, lambda _user: None)

    assert found.decision == decision
