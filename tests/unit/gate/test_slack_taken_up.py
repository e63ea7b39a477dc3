"""A question in Slack that an interrupted invocation has put."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.gate.ports import GateAnswer
from omninode_release.models.state import GateRecord
from support.cli import MOMENT
from support.slack_gate import APPROVE, HASH, QUESTION, ask, gate_of, refusal, server_with_question
from support.slack_server import ANN, BEN, Say, SlackServer, refused

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


def pending(ts: str | None, plan_hash: str = HASH) -> GateRecord:
    return GateRecord(
        provider="slack",
        decision="pending",
        plan_hash=plan_hash,
        posted_ts=ts,
        asked_at=MOMENT,
    )


def test_an_undecided_question_is_taken_up_again(server: SlackServer) -> None:
    ts = server_with_question(server)
    server.script = {3: [APPROVE]}

    assert ask(gate_of(server), pending(ts)) == GateAnswer(ANN, ts)
    assert len(server.gates) == 1


def test_an_approval_that_came_meanwhile_is_adopted(server: SlackServer) -> None:
    ts = server_with_question(server)
    server.write(APPROVE, thread=ts)
    server.write(Say("[APPROVED] by <@U0ANN>: run pair.", "U0BOT", "B0BOT"), thread=ts)

    assert ask(gate_of(server), pending(ts)) == GateAnswer(ANN, ts)
    assert len(server.gates) == 1


@pytest.mark.parametrize("late", [0, 2])
def test_a_question_that_was_sent_and_not_written_down_is_found(
    server: SlackServer, late: int
) -> None:
    ts = server_with_question(server)
    server.late, server.script = late, {2: [APPROVE]}

    assert ask(gate_of(server), pending(None)) == GateAnswer(ANN, ts)


def test_a_question_that_was_never_posted_is_put_though_the_clock_was_set_back(
    server: SlackServer,
) -> None:
    server.script = {3: [APPROVE]}
    gate = gate_of(server)
    asked = pending(None).model_copy(update={"asked_at": MOMENT + timedelta(days=300)})

    assert ask(gate, asked).approver == ANN
    assert gate.clock.monotonic() < 2 * gate.grace


def test_a_question_of_another_plan_is_closed_and_a_new_one_posted(server: SlackServer) -> None:
    ts = server_with_question(server)
    server.script = {1: [APPROVE]}

    answer = ask(gate_of(server), pending(ts, "sha256:other"))

    assert answer.posted_ts != ts
    assert server.replies_of(ts) == ["[CLOSED] The plan has changed. Answers here no longer count."]


def test_a_question_that_is_over_is_not_taken_up_again(server: SlackServer) -> None:
    ts = server_with_question(server)
    server.write(Say("[CLOSED] no decision came in time", "U0BOT", "B0BOT"), thread=ts)
    server.script = {2: [APPROVE]}

    assert ask(gate_of(server), pending(ts)).posted_ts != ts
    other = server_with_question(server)
    server.write(Say("[REJECTED] by <@U0BEN>", "U0BOT", "B0BOT"), thread=other)
    server.script = {server.calls["looks"] + 4: [APPROVE]}
    long_ago = pending(None).model_copy(update={"asked_at": MOMENT - timedelta(hours=1)})
    assert ask(gate_of(server), long_ago).posted_ts not in {ts, other}


def test_a_question_that_was_deleted_is_put_again(server: SlackServer) -> None:
    server.script = {1: [APPROVE]}

    assert ask(gate_of(server), pending("1740312612.000100")).approver == ANN


def test_a_question_that_one_server_does_not_know_yet_is_not_put_again(
    server: SlackServer,
) -> None:
    ts = server_with_question(server)
    server.troubles = {"conversations.replies": [refused("thread_not_found")]}
    server.script = {1: [APPROVE]}

    assert ask(gate_of(server), pending(ts)) == GateAnswer(ANN, ts)
    assert len(server.gates) == 1


def test_a_forged_question_is_not_taken_for_ours(server: SlackServer) -> None:
    forged = server.write(Say(QUESTION.message, BEN))
    server.write(APPROVE, thread=forged)
    server.script = {1: [Say("reject")]}

    assert refusal(gate_of(server), pending(None)).code is ErrorCode.GATE_REJECTED
    assert server.replies_of(forged) == []
