"""The gate in Slack, asked of a look-alike on loopback through the real slack_sdk."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.events import Event, Waiting
from omninode_release.gate.ports import GateAnswer
from omninode_release.system.secrets import Secrets
from support.blocks import texts_of
from support.slack_gate import APPROVE, ask, gate_of, refusal
from support.slack_server import ANN, BEN, Say, SlackServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


def test_an_approval_in_the_thread_lets_the_plan_through(server: SlackServer) -> None:
    server.script = {3: [APPROVE]}

    answer = ask(gate_of(server))

    [gate] = server.gates
    assert answer == GateAnswer(ANN, gate["ts"])
    assert server.replies_of(gate["ts"]) == [
        "[APPROVED] by <@U0ANN>: run pair, plan 0123456789ab. The release begins."
    ]
    assert server.calls["looks"] == 3


def test_words_of_others_are_shown_and_not_acted_upon(server: SlackServer) -> None:
    server.script = {1: [APPROVE]}
    ask(gate_of(server))

    [gate] = server.gates
    assert "feat: &lt;!channel&gt; &amp; &lt;https://evil.example|a link&gt;" in gate["text"]
    assert "<" not in gate["text"]
    posted = [r for r in server.requests if r.path.endswith("postMessage")]
    assert all(b'"parse": "none"' in r.body and b'"mrkdwn": false' in r.body for r in posted)


def test_a_rejection_ends_it(server: SlackServer) -> None:
    server.script = {2: [Say("Reject, alpha is not ready", BEN)]}

    error = refusal(gate_of(server))

    assert error.code is ErrorCode.GATE_REJECTED
    assert error.message == "U0BEN rejected the plan in Slack."
    assert server.replies_of(server.gates[0]["ts"])[0].startswith("[REJECTED] by <@U0BEN>")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["approve first", "reject first"])
def test_of_an_approval_and_a_rejection_in_one_batch_the_rejection_wins(
    server: SlackServer, order: tuple[int, int]
) -> None:
    both = [APPROVE, Say("reject", BEN)]
    server.script = {1: [both[n] for n in order]}

    assert refusal(gate_of(server)).code is ErrorCode.GATE_REJECTED


@pytest.mark.parametrize(
    "text",
    ["do not approve", "approve once CI is green", "now", "not yet", "approved?", "*approve*",
     "approve 123456789abc", "<@U0BOT> approve", "👍", "lgtm"],
)  # fmt: skip
def test_what_decides_nothing_is_answered_once(server: SlackServer, text: str) -> None:
    server.script = {1: [Say(text)], 3: [Say("hm?")], 5: [APPROVE]}

    answer = ask(gate_of(server))

    assert server.calls["looks"] == 5
    expected = (
        "The whole message must be: approve (or: approve 0123456789ab), or begin with: reject"
    )
    told = [f"<@U0ANN> that decides nothing. {expected}"]
    assert server.replies_of(str(answer.posted_ts))[:-1] == told


@pytest.mark.parametrize("text", ["approve", " Approve! ", "APPROVE.", "approve 0123456789ab"])
def test_an_approval_is_the_whole_message(server: SlackServer, text: str) -> None:
    server.script = {1: [Say(text)]}

    assert ask(gate_of(server)).approver == ANN


def test_nobody_but_an_approver_decides(server: SlackServer) -> None:
    server.script = {1: [Say("approve", BEN), Say("reject", BEN)], 4: [APPROVE]}

    answer = ask(gate_of(server, approvers=(ANN,)))

    assert answer.approver == ANN
    assert server.replies_of(str(answer.posted_ts))[:-1] == [
        "<@U0BEN> is not one of this release's approvers; nothing is decided."
    ]


@pytest.mark.parametrize(
    "say",
    [
        Say("approve", "U0APP", bot_id="B0OTHER"),
        Say("approve", "", bot_id="B0OTHER", subtype="bot_message"),
        Say("approve", ANN, bot_id="B0OTHER"),
        Say("approve", ANN, subtype="file_share"),
        Say("approve", "U0BOT"),
        Say("approve", ""),
    ],
    ids=["bot", "webhook", "app as a person", "file", "ourselves", "nobody"],
)
def test_only_a_person_decides(server: SlackServer, say: Say) -> None:
    server.script = {1: [say]}

    assert refusal(gate_of(server, seconds=20)).code is ErrorCode.GATE_TIMEOUT
    assert len(server.replies_of(server.gates[0]["ts"])) == 1


def test_a_reply_that_was_sent_to_the_channel_too_counts(server: SlackServer) -> None:
    server.script = {1: [Say("approve", subtype="thread_broadcast")]}

    assert ask(gate_of(server)).approver == ANN


def test_a_message_beside_the_thread_does_not_count(server: SlackServer) -> None:
    server.write(APPROVE)
    server.script = {2: []}

    assert refusal(gate_of(server, seconds=20)).code is ErrorCode.GATE_TIMEOUT


def test_silence_is_never_consent(server: SlackServer) -> None:
    waited: list[Event] = []
    error = refusal(gate_of(server, seconds=60, report=waited.append))

    assert error.code is ErrorCode.GATE_TIMEOUT
    assert "within 1 minutes" in error.message
    assert server.replies_of(server.gates[0]["ts"])[0].startswith(
        "[CLOSED] no decision came in time"
    )
    said = [event.what for event in waited if isinstance(event, Waiting)]
    assert set(said) == {"an answer to the gate in Slack"}
    assert "answer in its thread" in str(waited[0])


def test_an_answer_in_the_last_moment_counts(server: SlackServer) -> None:
    gate = gate_of(server, seconds=3)
    server.script = {3: [APPROVE]}  # looks at 0, 1 and 3 s

    assert ask(gate).approver == ANN


def test_every_page_of_a_thread_is_read(server: SlackServer) -> None:
    server.page_size = 2
    server.script = {1: [Say(f"word {n}", f"U0P{n}") for n in range(5)], 2: [APPROVE]}

    assert ask(gate_of(server)).approver == ANN
    assert server.calls["conversations.replies"] > server.calls["looks"]


def test_no_secret_is_in_what_is_posted(server: SlackServer) -> None:
    gate = gate_of(server)
    hiding = replace(gate, slack=replace(gate.slack, secrets=Secrets().also("s&cret <0>")))
    text = "of s&cret <0>"

    hiding.announce(text, [{"type": "header", "text": {"type": "plain_text", "text": text}}])

    [message] = server.messages
    assert message["text"] == "of ***"
    assert texts_of(message["blocks"]) == ["of ***"]
