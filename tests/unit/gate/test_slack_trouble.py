"""A Slack that is slow, down, or refuses: what the gate waits out and what it tells."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.slack import Slack
from omninode_release.errors import ErrorCode
from support.loopback import Reply
from support.passing import Hurried
from support.slack_gate import APPROVE, ask, gate_of, refusal
from support.slack_server import (
    ANN,
    BEN,
    CUT_AFTER,
    CUT_BEFORE,
    DOWN,
    DOWN_AFTER,
    Say,
    SlackServer,
    Trouble,
    rate_limited,
    refused,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.adapters.slack import Message


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


@pytest.mark.parametrize(
    "trouble",
    [
        rate_limited(),
        DOWN,
        CUT_BEFORE,
        refused("internal_error"),
        refused("fatal_error"),
        Trouble(Reply(200, b"null")),
    ],
    ids=["429", "503", "cut", "internal_error", "fatal_error", "null"],
)
@pytest.mark.parametrize("method", ["auth.test", "chat.postMessage", "conversations.replies"])
def test_trouble_is_waited_out(server: SlackServer, method: str, trouble: Trouble) -> None:
    server.script = {1: [APPROVE]}
    server.troubles = {method: [trouble, trouble]}

    assert ask(gate_of(server)).approver == ANN
    assert len(server.gates) == 1


def test_a_rate_limit_is_obeyed(server: SlackServer) -> None:
    gate = gate_of(server)
    server.script = {1: [APPROVE]}
    server.troubles = {"conversations.replies": [rate_limited(30)]}

    ask(gate)

    assert isinstance(gate.clock, Hurried)
    assert gate.clock.slept == [30]


@pytest.mark.parametrize(
    "trouble",
    [
        CUT_AFTER,
        DOWN_AFTER,
        refused("internal_error", done=True),
        refused("fatal_error", done=True),
    ],
    ids=["cut", "502", "internal_error", "fatal_error"],
)
@pytest.mark.parametrize("late", [0, 3])
def test_a_question_whose_answer_was_lost_is_not_posted_twice(
    server: SlackServer, trouble: Trouble, late: int
) -> None:
    server.page_size, server.late = 3, late
    server.troubles = {"chat.postMessage": [trouble]}
    server.script = {2: [APPROVE]}  # the first look is whether it is still open
    for number in range(7):
        server.write(Say(f"chatter {number}"))

    answer = ask(gate_of(server))

    assert [gate["ts"] for gate in server.gates] == [answer.posted_ts]


def test_a_question_that_never_arrived_is_put_again_in_time(server: SlackServer) -> None:
    gate = gate_of(server)
    server.troubles = {
        "chat.postMessage": [CUT_BEFORE],
        "conversations.history": [None, rate_limited(60)] * 20,
    }
    server.script = {1: [APPROVE]}

    assert ask(gate).approver == ANN
    assert len(server.gates) == 1
    assert gate.clock.monotonic() < 2 * gate.grace


def test_a_last_word_that_cannot_be_said_is_no_failure(server: SlackServer) -> None:
    server.script = {1: [APPROVE]}
    server.troubles = {"chat.postMessage": [None, rate_limited(), rate_limited(), rate_limited()]}

    assert ask(gate_of(server)).approver == ANN


@pytest.mark.parametrize(
    ("method", "error"),
    [
        ("auth.test", "invalid_auth"),
        ("chat.postMessage", "not_in_channel"),
        ("chat.postMessage", "channel_not_found"),
        ("conversations.replies", "missing_scope"),
    ],
)
def test_what_waiting_does_not_mend_is_told_at_once(
    server: SlackServer, method: str, error: str
) -> None:
    gate = gate_of(server)
    server.troubles = {method: [refused(error)]}

    failure = refusal(gate)

    assert failure.code is ErrorCode.GATE_FAILED
    assert f"Slack's {method} failed: {error}" in failure.message
    assert "docs/slack.md), then start again" in str(failure.hint)
    assert isinstance(gate.clock, Hurried)
    assert gate.clock.slept == []


def test_slack_being_down_all_the_time_is_a_timeout_that_says_so(server: SlackServer) -> None:
    server.troubles = {"auth.test": [DOWN] * 100}

    error = refusal(gate_of(server, seconds=30))

    assert error.code is ErrorCode.GATE_TIMEOUT
    assert "auth.test failed: it answered 503" in error.message


@pytest.mark.parametrize(
    "trouble",
    [rate_limited(), rate_limited(7), DOWN, CUT_BEFORE, refused("fatal_error")],
    ids=["429", "429 for 7 s", "503", "cut", "fatal_error"],
)
def test_a_question_that_cannot_be_posted_is_given_up_at_the_deadline(
    server: SlackServer, trouble: Trouble
) -> None:
    gate = gate_of(server, seconds=30)
    server.troubles = {"chat.postMessage": [trouble] * 500}

    error = refusal(gate)

    assert error.code is ErrorCode.GATE_TIMEOUT
    assert "chat.postMessage failed" in error.message
    assert gate.clock.monotonic() == 30
    assert server.calls["chat.postMessage"] < 10


def test_a_last_word_is_not_repeated_without_a_pause(server: SlackServer) -> None:
    gate = gate_of(server)
    server.script = {1: [APPROVE]}
    server.troubles = {"chat.postMessage": [None, rate_limited(), rate_limited(4)]}

    ask(gate)

    assert isinstance(gate.clock, Hurried)
    assert gate.clock.slept == [1, 4]


@pytest.mark.parametrize(
    "trouble",
    [
        refused("something_slack_has_yet_to_invent"),
        Trouble(Reply(403, b"<html>blocked by the proxy</html>", "text/html")),
        Trouble(Reply(403, b'{"message": "blocked by the proxy"}')),
    ],
    ids=["unknown error", "a proxy's 403", "a proxy's 403 in JSON"],
)
@pytest.mark.parametrize(
    "method", ["auth.test", "users.info", "chat.postMessage", "conversations.replies"]
)
def test_an_answer_nobody_knows_is_final(
    server: SlackServer, method: str, trouble: Trouble
) -> None:
    server.script = {1: [APPROVE]}
    server.troubles = {method: [trouble] * 100_000}
    gate = gate_of(server)

    failure = refusal(gate)
    assert failure.code is ErrorCode.GATE_FAILED
    assert "None" not in failure.message
    assert server.calls[method] == 1
    assert isinstance(gate.clock, Hurried)
    assert gate.clock.slept == []


@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize(
    "method", ["auth.test", "users.info", "chat.postMessage", "conversations.replies"]
)
def test_a_rate_limit_without_end_ends_at_the_deadline(
    server: SlackServer, method: str, after: int
) -> None:
    server.script = {1: [APPROVE]}
    server.troubles = {method: [rate_limited(after)] * 100_000}
    gate = gate_of(server, seconds=60)

    assert refusal(gate).code is ErrorCode.GATE_TIMEOUT
    assert server.calls[method] < 40
    assert gate.clock.monotonic() <= 60


@pytest.mark.parametrize("error", ["restricted_action", "no_such_word_yet"])
def test_replies_that_are_refused_for_good_are_not_tried_at_every_look(
    server: SlackServer, error: str
) -> None:
    server.script = {1: [Say(f"hm {n}", f"U0P{n}") for n in range(5)], 9: [APPROVE]}
    server.troubles = {"chat.postMessage": [None, *[refused(error)] * 100_000]}

    assert ask(gate_of(server)).approver == ANN
    assert server.calls["chat.postMessage"] == 3  # the question, one reply, the last word


def test_pages_that_come_too_slowly_are_given_up(
    server: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_over = threading.Event()

    def come_late(_slack: Slack, _method: str, **_arguments: str) -> Iterator[Message]:
        is_over.wait()
        yield from ()

    monkeypatch.setattr("omninode_release.adapters.slack._PAGES_SECONDS", 0.01)
    monkeypatch.setattr(Slack, "_pages", come_late)
    try:
        error = refusal(gate_of(server, seconds=30))
    finally:
        is_over.set()

    assert error.code is ErrorCode.GATE_TIMEOUT
    assert "its pages were not done" in error.message


def test_a_page_that_leads_to_itself_is_not_the_last(server: SlackServer) -> None:
    """On the one that is not shown stands a rejection."""
    again = {"messages": [], "response_metadata": {"next_cursor": "at-1"}}
    page = Trouble(Reply(200, json.dumps({"ok": True, **again}).encode()))
    server.page_size, server.script = 2, {1: [APPROVE, Say("reject", BEN)]}
    server.troubles = {"conversations.replies": [None, page, page]}

    assert refusal(gate_of(server)).code is ErrorCode.GATE_REJECTED
