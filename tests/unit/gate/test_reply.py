"""What a reply decides, word by word."""

from __future__ import annotations

import re
from pathlib import Path

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


def test_the_lines_of_the_first_release_do_what_is_said_of_them() -> None:
    text = (Path(__file__).parents[3] / "docs" / "first-release.md").read_text(encoding="utf-8")
    table = text.partition("| line | what it does |\n")[2].partition("\n\n")[0]
    lines = re.findall(r"`([^`]+)`", "".join(row.split("|")[1] for row in table.splitlines()))

    decided = [decide_reply(line.replace("HASH", HASH[7:19]), WORDS, HASH) for line in lines]

    assert lines == ["approve", "approve HASH", "reject", "reject: why", "d scratch-release"]
    assert decided == ["approved", "approved", "rejected", "rejected", None]


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
