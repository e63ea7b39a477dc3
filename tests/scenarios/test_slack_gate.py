"""What is answered to the gate in Slack, and what a run makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.cli import run_cli
from support.endings import RUN, assert_released_once, main_log, state_of
from support.failures import fails, provokes
from support.gitrepo import land
from support.slack_release import APPROVE, Died, Mortal, asked, with_slack
from support.slack_server import CUT_AFTER, CUT_BEFORE, DOWN, Say, SlackServer, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.commands.demo_org import Org


pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


@provokes(ErrorCode.GATE_REJECTED)
def test_a_rejection_in_slack_touches_nothing(small_org: Org, slack: SlackServer) -> None:
    with_slack(small_org)
    slack.script = {1: [Say("reject: not today")]}

    failure = fails(small_org, ErrorCode.GATE_REJECTED, env=slack.environ)

    assert failure.result["gate"]["decision"] == "rejected"
    failure.says("U0ANN rejected the plan in Slack")
    assert not [m for m in slack.messages if "LOW_RISK" in m["text"]]


@provokes(ErrorCode.GATE_TIMEOUT)
def test_silence_in_slack_is_never_consent(small_org: Org, slack: SlackServer) -> None:
    with_slack(small_org, timeouts={"gate_minutes": 0.002})

    failure = fails(small_org, ErrorCode.GATE_TIMEOUT, env=slack.environ)

    assert failure.state["gate"]["decision"] == "timeout"
    assert slack.replies_of(slack.gates[0]["ts"])[-1].startswith("[CLOSED]")


@provokes(ErrorCode.CREDENTIALS_MISSING)
def test_without_credentials_nothing_is_scanned(small_org: Org) -> None:
    with_slack(small_org)

    failure = fails(small_org, ErrorCode.CREDENTIALS_MISSING, env={"SLACK_CHANNEL_ID": "C0A"})

    failure.says("SLACK_BOT_TOKEN", "SLACK_CHANNEL_ID", ".omnibase/.env")


@provokes(ErrorCode.GATE_FAILED)
def test_a_token_that_slack_does_not_know_ends_the_run(small_org: Org, slack: SlackServer) -> None:
    with_slack(small_org)
    environ = {**slack.environ, "SLACK_BOT_TOKEN": "xoxb-another-planted"}

    failure = fails(small_org, ErrorCode.GATE_FAILED, env=environ, state="unchanged")

    failure.says("Slack's auth.test failed: invalid_auth")
    assert "xoxb" not in failure.error


@pytest.mark.parametrize("sleeps", [1, 2, 4])
@pytest.mark.parametrize("anew", [False, True], ids=["resumed", "started again"])
def test_a_run_killed_at_the_gate_takes_up_its_question(
    small_org: Org, slack: SlackServer, sleeps: int, *, anew: bool
) -> None:
    with_slack(small_org)
    slack.troubles = {"chat.postMessage": [CUT_AFTER]}  # the first sleep is before it is looked for
    with pytest.raises(Died):
        asked(small_org, slack, clock=Mortal(sleeps))
    gate = state_of(small_org)["gate"]
    assert gate["decision"] == "pending"
    assert gate["posted_ts"] == (None if sleeps == 1 else slack.gates[0]["ts"])
    assert " UTC, at the gate\n" in run_cli(small_org, "status", RUN).out
    slack.write(APPROVE, thread=slack.gates[0]["ts"])

    arguments = ("--run-id", RUN) if anew else ("--resume", RUN)
    ran = run_cli(small_org, *arguments, env=slack.environ)

    assert ran.code == 0, ran.err
    assert len(slack.gates) == 1
    assert_released_once(small_org)


def test_a_changed_plan_is_asked_for_afresh(small_org: Org, slack: SlackServer) -> None:
    with_slack(small_org)
    with pytest.raises(Died):
        asked(small_org, slack, clock=Mortal(2))
    slack.write(APPROVE, thread=slack.gates[0]["ts"])
    land(small_org.remote("beta"), "news.md", "New.\n", "feat(beta): <!channel> something new")
    slack.script = {slack.calls["looks"] + 1: [Say("reject")]}

    ran = run_cli(small_org, "--resume", RUN, env=slack.environ)

    assert ran.code == 1
    assert len(slack.gates) == 2
    said = slack.replies_of(slack.gates[0]["ts"])
    assert [text.splitlines()[0] for text in said] == [
        "What will be released (1 of 1):",
        "[CLOSED] The plan has changed. Answers here no longer count.",
    ]
    assert not [line for line in main_log(small_org, "alpha") if line.startswith("release:")]
    assert not [m for m in slack.messages if "<!channel>" in m["text"]]


def test_a_resume_asks_again_and_at_most_once(small_org: Org, slack: SlackServer) -> None:
    with_slack(small_org)
    land(small_org.remote("beta"), "left.txt", "spaces  \n", "docs: spaces")
    slack.script = {1: [APPROVE]}
    assert asked(small_org, slack).code == 3
    slack.script = {slack.calls["looks"] + 1: [Say("reject")]}

    ran = run_cli(small_org, "--resume", RUN, env=slack.environ)

    assert ran.result is not None
    assert ran.result["status"] == "PARTIAL"
    assert ran.result["error_code"] == "GATE_REJECTED"
    assert len(slack.gates) == 2


def test_a_failing_slack_never_fails_a_release(small_org: Org, slack: SlackServer) -> None:
    with_slack(small_org)
    slack.script = {1: [APPROVE]}
    slack.troubles = {"chat.postMessage": [None, DOWN, CUT_BEFORE, refused("is_archived")]}

    ran = asked(small_org, slack)

    assert ran.code == 0, ran.err
    assert "What will be released (1 of 1): was not posted" in ran.out
    assert "Slack's chat.postMessage failed: is_archived" in ran.out
