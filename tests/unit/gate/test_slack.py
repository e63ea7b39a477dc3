"""The gate in Slack, asked of a look-alike on loopback through the real slack_sdk."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.adapters.slack import Slack, SlackCredentials
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import Event, Waiting
from omninode_release.gate.ports import GateAnswer, Question
from omninode_release.gate.slack import SlackGate
from omninode_release.models.config_parts import GateCommands, Polling
from omninode_release.models.state import GateRecord
from omninode_release.system.clock import FixedClock
from omninode_release.system.secrets import Secrets
from support.blocks import texts_of
from support.cli import MOMENT
from support.loopback import Reply
from support.slack_server import (
    ANN,
    BEN,
    CHANNEL,
    CUT_AFTER,
    CUT_BEFORE,
    DOWN,
    DOWN_AFTER,
    TOKEN,
    Say,
    SlackServer,
    Trouble,
    rate_limited,
    refused,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

HASH = "sha256:" + "0123456789ab" * 5 + "cdef"
QUESTION = Question(
    "[HIGH_RISK] release — coordinated release of 1 repo\n\nRun: pair\n"
    f"Plan Hash: {HASH}\n\n  late: feat: <!channel> & <https://evil.example|a link>\n",
    "pair",
    HASH,
)
APPROVE = Say("approve")


class Hurried(FixedClock):
    """A clock whose sleeps pass at once."""

    def __init__(self) -> None:
        super().__init__(MOMENT)
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


def gate_of(server: SlackServer, **changes: Any) -> SlackGate:
    gate = SlackGate(
        slack=Slack(SlackCredentials(TOKEN, CHANNEL), server.api, seconds=5),
        clock=Hurried(),
        commands=GateCommands(),
        approvers=(),
        seconds=600,
        polling=Polling(min_seconds=1, max_seconds=10),
        report=lambda _event: None,
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


def pending(ts: str | None, plan_hash: str = HASH) -> GateRecord:
    return GateRecord(
        provider="slack",
        decision="pending",
        plan_hash=plan_hash,
        posted_ts=ts,
        asked_at=MOMENT,
    )


# Asking and answering.


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


# Trouble.


@pytest.mark.parametrize(
    "trouble",
    [rate_limited(), DOWN, CUT_BEFORE, refused("internal_error"), refused("fatal_error")],
    ids=["429", "503", "cut", "internal_error", "fatal_error"],
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


@pytest.mark.parametrize("trouble", [CUT_AFTER, DOWN_AFTER], ids=["cut", "502"])
def test_a_question_whose_answer_was_lost_is_not_posted_twice(
    server: SlackServer, trouble: Trouble
) -> None:
    server.page_size = 3
    server.troubles = {"chat.postMessage": [trouble]}
    server.script = {2: [APPROVE]}  # the first look is whether it is still open
    for number in range(7):
        server.write(Say(f"chatter {number}"))

    answer = ask(gate_of(server))

    assert [gate["ts"] for gate in server.gates] == [answer.posted_ts]


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
    assert "docs/slack.md" in str(failure.hint)
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


# After a crash.


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


def test_a_question_that_was_sent_and_not_written_down_is_found(server: SlackServer) -> None:
    ts = server_with_question(server)
    server.script = {2: [APPROVE]}

    assert ask(gate_of(server), pending(None)) == GateAnswer(ANN, ts)


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
    assert ask(gate_of(server), pending(None)).posted_ts not in {ts, other}


def test_a_question_that_was_deleted_is_put_again(server: SlackServer) -> None:
    server.script = {1: [APPROVE]}

    assert ask(gate_of(server), pending("1740312612.000100")).approver == ANN


def test_a_forged_question_is_not_taken_for_ours(server: SlackServer) -> None:
    forged = server.write(Say(QUESTION.message, BEN))
    server.write(APPROVE, thread=forged)
    server.script = {1: [Say("reject")]}

    assert refusal(gate_of(server), pending(None)).code is ErrorCode.GATE_REJECTED
    assert server.replies_of(forged) == []


def server_with_question(server: SlackServer) -> str:
    return server.write(Say(QUESTION.message.replace("<", "&lt;"), "U0BOT", "B0BOT"))


# Tokens.


def test_an_attested_message_with_an_approval_is_accepted(server: SlackServer) -> None:
    ts = server_with_question(server)
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


# What can be asked at all.


def test_a_channel_is_named_by_its_id(server: SlackServer) -> None:
    gate = gate_of(server, slack=Slack(SlackCredentials(TOKEN, "#releases"), server.api))

    with pytest.raises(ReleaseError, match="expected SLACK_CHANNEL_ID to be a channel's id"):
        gate.require()


def test_approvers_are_named_by_their_ids(server: SlackServer) -> None:
    gate_of(server, approvers=(ANN, "W012ABC")).require()

    with pytest.raises(ReleaseError, match="found 'ann'") as caught:
        gate_of(server, approvers=(ANN, "ann")).require()

    assert caught.value.code is ErrorCode.CONFIG_INVALID


# What is not known is not asked for ever, and what is too long is not lost.


@pytest.mark.parametrize(
    "trouble",
    [
        refused("something_slack_has_yet_to_invent"),
        Trouble(Reply(403, b"<html>blocked by the proxy</html>", "text/html")),
    ],
    ids=["unknown error", "a proxy's 403"],
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

    assert refusal(gate).code is ErrorCode.GATE_FAILED
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


def test_pages_that_come_too_slowly_are_given_up(
    server: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script = {1: [APPROVE]}
    monkeypatch.setattr("omninode_release.adapters.slack._PAGES_SECONDS", 0.0)

    error = refusal(gate_of(server, seconds=30))

    assert error.code is ErrorCode.GATE_TIMEOUT
    assert "its pages were not done" in error.message


def test_no_secret_is_in_what_is_posted(server: SlackServer) -> None:
    gate = gate_of(server)
    hiding = replace(gate, slack=replace(gate.slack, secrets=Secrets().also("s&cret <0>")))
    text = "of s&cret <0>"

    hiding.announce(text, [{"type": "header", "text": {"type": "plain_text", "text": text}}])

    [message] = server.messages
    assert message["text"] == "of ***"
    assert texts_of(message["blocks"]) == ["of ***"]
