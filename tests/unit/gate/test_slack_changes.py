"""What a gate message in Slack has no room for stands in its thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.slack_gate import APPROVE, HASH, QUESTION, gate_of
from support.slack_server import ANN, SlackServer, refused

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


def test_parts_that_are_refused_for_good_are_not_tried_one_by_one(server: SlackServer) -> None:
    many = QUESTION._replace(rules="\n".join(f"rule {n}: {'x' * 900}" for n in range(40)))
    server.script = {1: [APPROVE]}
    server.troubles = {"chat.postMessage": [None, *[refused("restricted_action")] * 100_000]}

    gate_of(server).ask(many, None, lambda _ts: None)

    assert server.calls["chat.postMessage"] == 3


def test_a_question_longer_than_a_message_stands_whole_in_its_thread(server: SlackServer) -> None:
    warnings = "".join(f"  warning {n}: <{'x' * 300}>\n" for n in range(60))
    long = QUESTION._replace(message=f"{QUESTION.message}{warnings}\nCommands:\n  approve — go\n")
    server.script = {1: [APPROVE]}

    gate_of(server).ask(long, None, lambda _ts: None)

    [gate] = server.gates
    assert len(gate["text"]) <= 4_000
    assert "(too long for one message)" in gate["text"]
    assert gate["text"].endswith("Commands:\n  approve — go\n")
    told = server.replies_of(gate["ts"])
    assert all(len(each) <= 4_000 for each in told)
    assert all(any(f"warning {n}:" in each for each in told) for n in range(60))
    assert gate_of(server).verify(gate["ts"], "pair", HASH) == ANN
