"""A gate message of Slack as a token, and what can be asked at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.slack import Slack, SlackCredentials
from omninode_release.errors import ErrorCode, ReleaseError
from support.slack_gate import APPROVE, HASH, QUESTION, gate_of, server_with_question
from support.slack_server import ANN, BEN, DOWN, TOKEN, Say, SlackServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


def test_an_attested_message_with_an_approval_is_accepted(server: SlackServer) -> None:
    ts = server_with_question(server)
    server.write(APPROVE, thread=ts)

    assert gate_of(server).verify(ts, "pair", HASH) == ANN


def test_a_question_that_is_over_says_that_a_token_of_it_may_be_approved(
    server: SlackServer,
) -> None:
    with pytest.raises(ReleaseError, match="expected a decision within"):
        gate_of(server, seconds=30).ask(QUESTION, None, lambda _ts: None)
    ts = server.gates[0]["ts"]
    assert server.replies_of(ts)[-1].endswith("it counts for a token that names this message.")

    server.write(APPROVE, thread=ts)

    assert gate_of(server).verify(ts, "pair", HASH) == ANN


@pytest.mark.parametrize(
    ("case", "found"),
    [
        ("missing", "no such message"),
        ("reply", "a message of another author"),
        ("forged", "a message of another author"),
        ("run", "about something else than run other"),
        ("plan", "about something else than run pair"),
        ("undecided", "its thread undecided"),
        ("rejected", "its thread rejected"),
        ("unauthorised", "its thread undecided"),
    ],
)
def test_any_other_attestation_is_not(server: SlackServer, case: str, found: str) -> None:
    ts = server_with_question(server)
    approver = BEN if case == "unauthorised" else ANN
    reply = server.write(Say("approve once green" if case == "undecided" else "approve", approver),
                         thread=ts)  # fmt: skip
    if case == "rejected":
        server.write(Say("reject"), thread=ts)
    forged = server.write(Say(QUESTION.message, BEN))
    server.write(APPROVE, thread=forged)
    asked = {"missing": "1740312612.000100", "reply": reply, "forged": forged}.get(case, ts)
    run, plan = {"run": ("other", HASH), "plan": ("pair", "sha256:0")}.get(case, ("pair", HASH))

    with pytest.raises(ReleaseError) as caught:
        gate_of(server, approvers=(ANN,)).verify(asked, run, plan)

    assert caught.value.code is ErrorCode.INVALID_GATE_TOKEN
    assert found in caught.value.message


def test_a_token_that_slack_does_not_answer_for_is_not_accepted(server: SlackServer) -> None:
    server.troubles = {"conversations.replies": [DOWN] * 100}

    with pytest.raises(ReleaseError, match=r"conversations\.replies failed: it answered 503"):
        gate_of(server, seconds=30).verify(server_with_question(server), "pair", HASH)


def test_a_channel_is_named_by_its_id(server: SlackServer) -> None:
    gate = gate_of(server, slack=Slack(SlackCredentials(TOKEN, "#releases"), server.api))

    with pytest.raises(ReleaseError, match="expected SLACK_CHANNEL_ID to be a channel's id"):
        gate.require()


def test_approvers_are_named_by_their_ids(server: SlackServer) -> None:
    gate_of(server, approvers=(ANN, "W012ABC")).require()

    with pytest.raises(ReleaseError, match="found 'ann'") as caught:
        gate_of(server, approvers=(ANN, "ann")).require()

    assert caught.value.code is ErrorCode.CONFIG_INVALID
