"""Ways round the gate: each ends refused, with nothing modified, on either forge.

A token that nobody issued, a configuration of the caller's own, a rejection in an odd form, a
question that is taken away.
"""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.cli import Ran, Terminal, run_cli
from support.endings import APPROVED, RUN, ending, state_of
from support.failures import Failure, fails
from support.github import GitHub
from support.repos import configure
from support.slack_server import ANN, BEN, CHANNEL, TOKEN, Do, Say, SlackServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

APPROVE = Say("approve")
QUICK = {"polling": {"min_seconds": 0.01, "max_seconds": 0.05}}


@dataclass(frozen=True)
class Place:
    """Where the attack happens."""

    org: Org
    slack: SlackServer
    env: dict[str, str]


@pytest.fixture(
    params=[
        "embedded",
        pytest.param(
            "gh", marks=pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed")
        ),
    ]
)
def place(request: pytest.FixtureRequest, small_org: Org) -> Iterator[Place]:
    """The small organisation on either forge, with a gate in Slack."""
    env: dict[str, str] = {}
    configure(small_org, gate="slack", attestation="auto", **QUICK)
    if request.param == "gh":
        hub: GitHub = request.getfixturevalue("github")
        configure(small_org, forge="github")
        env = dict(hub.env)
    with SlackServer() as slack:
        yield Place(small_org, slack, {**env, **slack.environ})


def attacked(place: Place, code: ErrorCode, *args: str, state: str | None = None) -> Failure:
    """A run that must be refused with nothing modified."""
    return fails(place.org, code, "--run-id", RUN, *args, env=place.env, state=state)  # type: ignore[arg-type] # a word of StateAfter


def policy(place: Place, text: str) -> Path:
    path = place.org.root / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    place.env["OMNI_RELEASE_POLICY"] = str(path)
    return path


# A token that nobody issued.


@pytest.mark.parametrize("attestation", ["auto", "verify"])
def test_an_invented_token_is_refused_where_slack_can_be_asked(
    place: Place, attestation: str
) -> None:
    configure(place.org, attestation=attestation)

    failure = attacked(place, ErrorCode.INVALID_GATE_TOKEN, *APPROVED, state="none")

    failure.says("found no such message")


@pytest.mark.parametrize(
    ("message", "replies", "says"),
    [
        (Say("[HIGH_RISK] release\n\nRun: pair\n", BEN), [APPROVE], "another author"),
        (Say("good morning", "U0BOT", "B0BOT"), [APPROVE], "about something else"),
    ],
    ids=["another's message", "another message of ours"],
)
def test_a_token_of_a_message_that_is_no_question_of_ours_is_refused(
    place: Place, message: Say, replies: list[Say], says: str
) -> None:
    ts = place.slack.write(message)
    for reply in replies:
        place.slack.write(reply, thread=ts)

    failure = attacked(
        place, ErrorCode.INVALID_GATE_TOKEN, "--gate-attestation", f"{ts}:{RUN}", state="none"
    )

    failure.says(says)


@pytest.mark.parametrize(
    "text",
    [
        f"SLACK_BOT_TOKEN={TOKEN}\n",
        f"SLACK_BOT_TOKEN={TOKEN}\nSLACK_CHANNEL_ID=\n",
        f"SLACK_BOT_TOKEN='{TOKEN}\nSLACK_CHANNEL_ID={CHANNEL}\n",
        None,
    ],
    ids=["no channel", "empty channel", "a quote not closed", "a folder"],
)
def test_credentials_that_cannot_be_used_are_not_none(place: Place, text: str | None) -> None:
    file = place.org.root / "home" / ".omnibase" / ".env"
    (file if text is None else file.parent).mkdir(parents=True)
    if text is not None:
        file.write_text(text, encoding="utf-8")
    place.env["HOME"] = str(place.org.root / "home")
    for name in ("SLACK_BOT_TOKEN", "SLACK_CHANNEL_ID"):
        del place.env[name]
    dry = run_cli(place.org, "--dry-run", "--strict", "--run-id", RUN, *APPROVED, env=place.env)

    failure = attacked(place, ErrorCode.CREDENTIALS_MISSING, *APPROVED)

    failure.says(str(file))
    assert dry.code == 1
    assert "a real run refuses the gate token: CREDENTIALS_MISSING" in dry.out


@pytest.mark.parametrize(
    ("token", "found"),
    [
        ("xoxp-0000-planted", "a person's"),
        ("xoxb-0000-plan…", "one with a character that no token has"),
        ("xoxb-0000-\nplanted", "one with a character that no token has"),
    ],
)
def test_a_persons_token_and_one_that_is_none_do_not_ask(
    place: Place, token: str, found: str
) -> None:
    place.env["SLACK_BOT_TOKEN"] = token

    attacked(place, ErrorCode.CREDENTIALS_MISSING).says("to be a bot's token", found)


def test_a_token_of_no_bot_does_not_ask(place: Place) -> None:
    place.slack.bot_id = ""

    failure = attacked(place, ErrorCode.CREDENTIALS_MISSING, state="unchanged")

    failure.says("to be a bot's token", "one of the user U0BOT")
    assert place.slack.gates == []


# The caller's own rules.

LOOSE = {"gate": "console", "attestation": "format", "late_commits": "same_level"}
DEMANDS = {
    "gate": "gate: slack\n",
    "tokens": "attestation: verify\n",
    "approvers": f"approvers: [{ANN}]\n",
}


def loose_config(org: Org) -> Path:
    """A configuration that an agent has written for itself."""
    configure(org, **LOOSE)
    own = org.root / "mine.yaml"
    shutil.copy(org.omni_home / "release.yaml", own)
    return own


@pytest.mark.parametrize("demand", DEMANDS)
@pytest.mark.parametrize("way", ["--config", "run-node", "skill"])
def test_a_callers_configuration_loosens_no_policy(place: Place, way: str, demand: str) -> None:
    policy(place, DEMANDS[demand])
    own, before = loose_config(place.org), ending(place.org)

    ran = called(place, way, own)

    assert ran.code == 1, ran.err
    assert "INVALID_GATE_TOKEN: expected the gate message" in ran.err
    assert ending(place.org) == before


def called(place: Place, way: str, own: Path) -> Ran:
    """A release with an invented token, under the caller's configuration."""
    if way == "--config":
        words = ("--run-id", RUN, *APPROVED, "--config", str(own))
        return run_cli(place.org, *words, stdin=Terminal("approve\n"), env=place.env)
    named = {"config": str(own), "run_id": RUN, "gate_attestation": APPROVED[1]}
    request: dict[str, object] = {**named, "repos": []}
    if way == "skill":
        request = {
            "skill_name": "release", "skill_path": "skills/release/SKILL.md", "args": named,
            "correlation_id": "7b0d2c1e-6f0a-4d57-9a43-0d6c2b8f5a11",
        }  # fmt: skip
    return run_cli(place.org, "run-node", "--input", "-", stdin=json.dumps(request), env=place.env)


def test_a_demanded_gate_is_asked_whatever_the_configuration_says(place: Place) -> None:
    path = policy(place, f"approvers: [{ANN}]\nlate_commits: refuse\n")
    own = loose_config(place.org)
    place.slack.script = {1: [Say("approve", BEN)], 3: [Say("reject", ANN)]}

    failure = attacked(place, ErrorCode.GATE_REJECTED, "--config", str(own))

    gate = failure.result["gate"]
    assert (gate["provider"], gate["approver"]) == ("slack", ANN)
    assert gate["policies"] == [str(path)]
    assert gate["config_path"] == str(own)
    assert ANN in gate["may_approve"]
    assert f"{path} makes it gate: slack; the configuration says console" in failure.ran.out
    assert any("late_commits: refuse" in each for each in failure.result["warnings"])


def test_a_policy_in_the_accounts_folder_counts_without_a_variable(
    place: Place, tmp_path: Path
) -> None:
    folder = tmp_path / "config" / "omninode-release"
    folder.mkdir(parents=True)
    (folder / "policy.yaml").write_text("attestation: verify\n", encoding="utf-8")
    place.env["XDG_CONFIG_HOME"] = str(folder.parent)
    own = loose_config(place.org)

    for name in ("SLACK_BOT_TOKEN", "SLACK_CHANNEL_ID"):
        del place.env[name]

    failure = attacked(place, ErrorCode.CREDENTIALS_MISSING, *APPROVED, "--config", str(own))

    assert "--gate-attestation" not in failure.error


def test_a_broken_policy_is_a_refusal_with_its_line(place: Place) -> None:
    path = policy(place, "# ours\ngate: slack\nattestaton: verify\n")

    failure = attacked(place, ErrorCode.CONFIG_INVALID, *APPROVED)

    failure.says(str(path), "line 3: attestaton: unknown key, attestation perhaps")


def test_approvers_of_whom_none_is_left_are_told_before_the_gate(place: Place) -> None:
    policy(place, f"approvers: [{ANN}]\n")
    configure(place.org, approvers=[BEN])

    attacked(place, ErrorCode.CONFIG_INVALID).says("policy and configuration both name", ANN, BEN)
    assert place.slack.messages == []


# A rejection, in whatever form.


@pytest.mark.parametrize(
    "says",
    [
        Say("reject: see the screenshot", files=("shot.png",)),
        Say("reject", subtype="file_share", files=("shot.png",)),
        Say("reject", subtype="thread_broadcast"),
        Say("reject", subtype="me_message"),
        Say("<@U0BOT> reject"),
        Say(":no_entry: *Reject!*"),
        Say("❌ reject"),
        Say("hold on, reject"),
        Say("sorry: I reject this"),
        Say("approve\nEDIT: reject, alpha is broken"),
        Say("Rejected."),
        Say("reject", bot_id="B0CLIENT"),
    ],
    ids=lambda say: f"{say.text[:20]} {say.subtype}",
)
def test_a_rejection_counts_in_whatever_form(small_org: Org, says: Say) -> None:
    configure(small_org, gate="slack", attestation="auto", **QUICK)
    with SlackServer() as slack:
        slack.script = {1: [Say("approve", BEN), says]}

        failure = fails(small_org, ErrorCode.GATE_REJECTED, "--run-id", RUN, env=slack.environ)

    for gate in (failure.result["gate"], failure.state["gate"]):
        assert (gate["decision"], gate["approver"], gate["reason"]) == (
            "rejected", ANN, says.text,
        )  # fmt: skip
    assert says.text.splitlines()[-1].strip() in failure.error


def test_a_rejection_beside_a_file_beats_an_approval(place: Place) -> None:
    place.slack.script = {2: [APPROVE, Say("reject this", BEN, files=("log.txt",))]}

    failure = attacked(place, ErrorCode.GATE_REJECTED)

    failure.says(f"{BEN} rejected the plan in Slack", "reject this")


def edit_to(text: str) -> Do:
    """The last reply of a person is changed."""
    return lambda slack, _ts: slack.edit(slack.messages[-1]["ts"], text)


def test_an_approval_edited_into_a_rejection_rejects(small_org: Org) -> None:
    configure(small_org, gate="slack", attestation="auto", **QUICK)
    with SlackServer() as slack:
        slack.script = {1: [APPROVE, edit_to("reject, I misread it")]}

        failure = fails(small_org, ErrorCode.GATE_REJECTED, "--run-id", RUN, env=slack.environ)

    assert failure.result["gate"]["reason"] == "reject, I misread it"


# Approvals that are none.


@pytest.mark.parametrize(
    ("people", "what"),
    [
        ({"is_restricted": True}, "a guest"),
        ({"is_restricted": True, "is_ultra_restricted": True}, "a guest"),
        ({"deleted": True}, "deactivated"),
        ({"team_id": "T0OTHER"}, "a member of another workspace"),
        ({"team_id": "T0OTHER", "is_stranger": True}, "of another workspace"),
    ],
    ids=["guest", "single-channel guest", "deactivated", "shared channel", "stranger"],
)
def test_only_a_full_member_approves(
    small_org: Org, people: dict[str, bool | str], what: str
) -> None:
    configure(small_org, gate="slack", attestation="auto", **QUICK)
    with SlackServer() as slack:
        slack.people[BEN] = people
        slack.script = {1: [Say("approve", BEN)], 4: [Say("reject")]}

        fails(small_org, ErrorCode.GATE_REJECTED, "--run-id", RUN, env=slack.environ)

        said = "\n".join(slack.replies_of(slack.gates[0]["ts"]))
        assert said.count(f"<@{BEN}> is {what}; a full member of the workspace must approve") == 1


@pytest.mark.parametrize(
    "does",
    [
        Say("approve", files=("shot.png",)),
        Say("approve", bot_id="B0CLIENT"),
        lambda slack, ts: slack.delete(slack.write(APPROVE, thread=ts)),
        lambda slack, ts: slack.edit(slack.write(APPROVE, thread=ts), "approve, once CI is green"),
        lambda slack, _ts: slack.messages.insert(
            0, {"type": "message", "ts": "1500000000.000100", "text": "approve", "user": ANN,
                "thread_ts": _ts},
        ),
        lambda slack, ts: next(m for m in slack.messages if m["ts"] == ts).update(
            reactions=[{"name": "+1", "users": [ANN], "count": 1}]
        ),
    ],
    ids=["a file beside it", "through an app", "deleted", "edited", "older", "a reaction"],
)  # fmt: skip
def test_what_is_no_approval_any_more_decides_nothing(small_org: Org, does: Say | Do) -> None:
    configure(small_org, gate="slack", attestation="auto", **QUICK)
    configure(small_org, timeouts={"gate_minutes": 0.005})
    with SlackServer() as slack:
        slack.script = {1: [does]}

        fails(small_org, ErrorCode.GATE_TIMEOUT, "--run-id", RUN, env=slack.environ)


# The question is taken away.


@pytest.mark.parametrize("replies", [[], [Say("hm?")], [APPROVE]], ids=["none", "one", "approved"])
def test_a_question_that_is_deleted_is_withdrawn(place: Place, replies: list[Say]) -> None:
    def delete(slack: SlackServer, ts: str) -> None:
        for message in [m for m in slack.messages if m.get("thread_ts") == ts and not replies]:
            slack.messages.remove(message)
        slack.delete(ts)

    place.slack.script = {2: [*replies, delete]}

    failure = attacked(place, ErrorCode.GATE_REJECTED)

    failure.says("was deleted in Slack, which withdraws the question")
    gate = failure.result["gate"]
    assert (gate["decision"], gate["approver"]) == ("rejected", None)
    assert gate["reason"] == "the gate message was deleted"


def test_an_answer_below_a_question_that_is_gone_is_no_token(place: Place) -> None:
    place.slack.script = {1: [Say("reject")]}
    attacked(place, ErrorCode.GATE_REJECTED)
    ts = place.slack.gates[0]["ts"]
    place.slack.delete(place.slack.messages[-1]["ts"])
    place.slack.messages = [m for m in place.slack.messages if m.get("text") != "reject"]
    place.slack.write(APPROVE, thread=ts)
    place.slack.delete(ts)

    failure = attacked(
        place, ErrorCode.INVALID_GATE_TOKEN, "--gate-attestation", f"{ts}:{RUN}", state="unchanged"
    )

    failure.says("found that it was deleted")
    assert state_of(place.org)["gate"]["decision"] == "rejected"


# A person at the terminal is who the system says.


def test_no_variable_says_who_approves(small_org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    variables: Mapping[str, str] = {"LOGNAME": "ceo", "USER": "ceo"}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    ran = run_cli(small_org, "alpha", stdin=Terminal("approve\n"), env=variables)

    assert ran.result is not None
    assert ran.result["gate"]["approver"].startswith("pat (uid ")


def test_no_terminal_and_no_way_to_verify_proposes_no_token(small_org: Org) -> None:
    failure = fails(
        small_org, ErrorCode.GATE_FAILED, state="unchanged", stdin=io.StringIO("approve\n")
    )

    assert "attestation" not in failure.error
