"""The sibling skill's command line: one line, one exit code."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from omninode_release.gate.slack_gate_poll import main
from support.slack_server import (
    BEN,
    CHANNEL,
    CUT_BEFORE,
    DOWN,
    TOKEN,
    Say,
    SlackServer,
    rate_limited,
    refused,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

QUICKLY = ("--poll-interval", "0.02", "--timeout-minutes", "0.05")
NO_TIME = ("--poll-interval", "0.02", "--timeout-minutes", "0.001")


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with SlackServer() as server:
        server.write(Say("May we?", "U0BOT", "B0BOT"))
        yield server


def poll(server: SlackServer, *arguments: str, **environ: str) -> tuple[int, str]:
    out = io.StringIO()
    argv = ("--channel", CHANNEL, "--thread-ts", server.messages[0]["ts"], *arguments)
    given = {"OMNI_RELEASE_SLACK_URL": server.api, "SLACK_BOT_TOKEN": TOKEN, **environ}
    return main(argv, environ=given, stdout=out), out.getvalue()


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("Yes!", 0, "ACCEPTED:Yes!\n"),
        ("merge", 0, "ACCEPTED:merge\n"),
        ("no, not\nyet", 1, "REJECTED:no, not yet\n"),
        ("hold", 1, "REJECTED:hold\n"),
    ],
)
def test_a_decision_is_one_line_and_a_code(
    server: SlackServer, text: str, code: int, line: str
) -> None:
    server.script = {2: [Say(text)]}

    assert poll(server, *QUICKLY) == (code, line)


@pytest.mark.parametrize("text", ["do not merge", "not yes", "now", "know", "yes, but later"])
def test_a_keyword_somewhere_in_a_sentence_decides_nothing(server: SlackServer, text: str) -> None:
    server.script = {1: [Say(text)]}

    assert poll(server, *NO_TIME) == (2, "TIMEOUT\n")
    assert server.replies_of(server.messages[0]["ts"]) == []


def test_the_keywords_are_the_callers(server: SlackServer) -> None:
    server.script = {1: [Say("yes"), Say("nay", BEN)]}
    words = ("--accept-keywords", '["aye"]', "--reject-keywords", '["nay"]')

    assert poll(server, *QUICKLY, *words) == (1, "REJECTED:nay\n")


def test_trouble_is_waited_out(server: SlackServer) -> None:
    server.troubles = {
        "auth.test": [DOWN],
        "conversations.replies": [rate_limited(), CUT_BEFORE, DOWN],
    }
    server.script = {1: [Say("proceed")]}

    assert poll(server, *QUICKLY) == (0, "ACCEPTED:proceed\n")


def test_the_token_may_stand_in_the_arguments(server: SlackServer) -> None:
    server.script = {1: [Say("yes")]}

    assert poll(server, *QUICKLY, "--bot-token", TOKEN, SLACK_BOT_TOKEN="")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "environ", "words"),
    [
        ((), {}, "--timeout-minutes"),
        ((*QUICKLY, "--accept-keywords", "yes"), {}, "expected a JSON array of words"),
        ((*QUICKLY, "--reject-keywords", "[]"), {}, "expected a JSON array of words"),
        ((*QUICKLY, "--accept-keywords", '["go ahead"]'), {}, "expected single words"),
        ((*QUICKLY, "--accept-keywords", '["hold"]'), {}, "approve: 'hold' rejects"),
        ((*QUICKLY, "--timeout-minutes", "nan"), {}, "expected a number from 0 on, found 'nan'"),
        ((*QUICKLY, "--poll-interval", "-1"), {}, "expected a number from 0 on, found '-1'"),
        ((*QUICKLY, "--thread-ts", "now"), {}, "expected a --thread-ts such as"),
        (QUICKLY, {"SLACK_BOT_TOKEN": ""}, "expected a token in SLACK_BOT_TOKEN"),
        (QUICKLY, {"SLACK_BOT_TOKEN": "xoxb-other"}, "invalid_auth"),
        ((*QUICKLY, "--thread-ts", "1740312612.000100"), {}, "thread_not_found"),
    ],
)
def test_what_cannot_be_done_is_an_error(
    server: SlackServer, arguments: tuple[str, ...], environ: dict[str, str], words: str
) -> None:
    code, line = poll(server, *arguments, **environ)

    assert code == 3
    assert line.startswith("ERROR:")
    assert words in line
    assert "xoxb" not in line


def test_a_bot_removed_from_the_channel_is_an_error(server: SlackServer) -> None:
    server.troubles = {"conversations.replies": [None, refused("not_in_channel")]}

    assert poll(server, *QUICKLY)[0] == 3
