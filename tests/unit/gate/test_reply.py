"""What a reply decides, word by word."""

from __future__ import annotations

import pytest

from omninode_release.gate.reply import decide_reply
from omninode_release.models.config_parts import GateCommands

HASH = "sha256:" + "0123456789ab" * 5 + "cdef"
WORDS = GateCommands()


@pytest.mark.parametrize(
    "text",
    ["reject", "Reject!", "reject?", "reject, alpha is not ready", "  *reject*", "_reject_",
     "`reject`", "> yes\nreject", "no wait: reject", "approve. reject", "approve - reject",
     "I reject this", "please reject", "rejected", "rejecting it", "\u274c reject", ":x: reject",
     "<@U0BOT> reject", "<@U0BOT|bot>: reject", "(reject)", "approve / reject", "one\n\nreject"],
)  # fmt: skip
def test_a_rejection_counts_in_whatever_form(text: str) -> None:
    assert decide_reply(text, WORDS, HASH) == "rejected"


@pytest.mark.parametrize(
    "text",
    ["", "!", "do not reject", "why would you reject it", "> reject", ">reject", "rejection",
     "rejectable", "prereject", "approve once green", "approve approve", "approve 0123", "yes",
     ":reject:", "approve\nplease", "approve?", "approve,"],
)  # fmt: skip
def test_anything_else_decides_nothing(text: str) -> None:
    assert decide_reply(text, WORDS, HASH) is None


@pytest.mark.parametrize("text", ["approve", "APPROVE!", " approve.\n", "approve 0123456789ab"])
def test_an_approval_is_strict(text: str) -> None:
    assert decide_reply(text, WORDS, HASH) == "approved"


def test_the_words_are_the_configurations() -> None:
    words = GateCommands(approve=("go",), reject=("\U0001f44e", "nope"))

    assert decide_reply("\U0001f44e", words, HASH) == "rejected"
    assert decide_reply("oh, nope", words, HASH) == "rejected"
    assert decide_reply("go", words, HASH) == "approved"
    assert decide_reply("approve", words, HASH) is None


@pytest.mark.parametrize("text", ["!", "<@", ":a", "i ", "- ", "_ "])
def test_the_longest_message_is_read_to_its_end(text: str) -> None:
    """Forty thousand characters are all that Slack takes; squared they would take hours."""
    assert decide_reply(text * 20_000, WORDS, HASH) is None
