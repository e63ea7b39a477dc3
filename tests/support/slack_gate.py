"""A gate in Slack, and what is asked there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from omninode_release.adapters.slack import Slack, SlackCredentials
from omninode_release.errors import ReleaseError
from omninode_release.gate.ports import GateAnswer, Question
from omninode_release.gate.slack import SlackGate
from omninode_release.models.config_parts import GateCommands, Polling
from omninode_release.models.state import GateRecord
from support.passing import Hurried
from support.slack_server import CHANNEL, TOKEN, Say, SlackServer

HASH = "sha256:" + "0123456789ab" * 5 + "cdef"
QUESTION = Question(
    "[HIGH_RISK] release — coordinated release of 1 repo\n\nRun: pair\n"
    f"Plan Hash: {HASH}\n\n  late: feat: <!channel> & <https://evil.example|a link>\n",
    "pair",
    HASH,
)
APPROVE = Say("approve")


def gate_of(server: SlackServer, **changes: Any) -> SlackGate:
    gate = SlackGate(
        slack=Slack(SlackCredentials(TOKEN, CHANNEL), server.api, seconds=5),
        clock=Hurried(),
        commands=GateCommands(),
        approvers=(),
        seconds=600,
        polling=Polling(min_seconds=1, max_seconds=10),
        report=lambda _event: None,
        grace=90,
    )
    return replace(gate, **changes)


def ask(gate: SlackGate, earlier: GateRecord | None = None) -> GateAnswer:
    kept: list[str] = []
    answer = gate.ask(QUESTION, earlier, kept.append)
    assert kept == [answer.posted_ts]
    return answer


def refusal(gate: SlackGate, earlier: GateRecord | None = None) -> ReleaseError:
    with pytest.raises(ReleaseError) as caught:
        gate.ask(QUESTION, earlier, lambda _ts: None)
    return caught.value


def server_with_question(server: SlackServer) -> str:
    return server.write(Say(QUESTION.message.replace("<", "&lt;"), "U0BOT", "B0BOT"))
