"""A gate message of Slack, passed as a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.cli import run_cli
from support.endings import APPROVED, RUN, release, state_of
from support.failures import fails, provokes
from support.repos import configure
from support.slack_release import APPROVE, Died, Mortal, asked, with_slack
from support.slack_server import ANN, SlackServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.commands.demo_org import Org


pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


def approved_gate(org: Org, slack: SlackServer) -> str:
    """Let a run put its question, be approved, and die before it reads that."""
    with_slack(org)
    with pytest.raises(Died):
        asked(org, slack, clock=Mortal(1))
    ts: str = slack.gates[0]["ts"]
    slack.write(APPROVE, thread=ts)
    return f"{ts}:{RUN}"


def test_a_token_is_verified_where_credentials_are(small_org: Org, slack: SlackServer) -> None:
    token = approved_gate(small_org, slack)

    ran = asked(small_org, slack, "--gate-attestation", token)

    assert ran.code == 0, ran.err
    assert ran.result is not None
    assert ran.result["gate"]["provider"] == "attestation"
    gate = ran.result["gate"]
    assert (gate["approver"], gate["token_check"]) == (ANN, "slack")
    assert not any("unverified" in each for each in ran.result["warnings"])
    assert f"which {ANN} approved in Slack" in ran.out


def test_certificates_that_cannot_be_read_undo_no_release(
    small_org: Org, slack: SlackServer
) -> None:
    """Slack is not asked before its end, where a token is checked for its form."""
    with_slack(small_org)
    configure(small_org, gate="slack", attestation="format")
    token = f"1740312612.000100:{RUN}"
    around = {**slack.environ, "SSL_CERT_FILE": "/nowhere/ca.pem"}

    ran = run_cli(small_org, "--run-id", RUN, "--gate-attestation", token, env=around)

    assert ran.code == 0, ran.err
    assert "the summary was not posted: " in ran.out
    assert "SSL_CERT_FILE: expected a file or folder of certificates" in ran.out


@provokes(ErrorCode.INVALID_GATE_TOKEN)
def test_a_token_without_an_approval_behind_it_is_refused(
    small_org: Org, slack: SlackServer
) -> None:
    with_slack(small_org)
    token = f"1740312612.000100:{RUN}"

    failure = fails(
        small_org, ErrorCode.INVALID_GATE_TOKEN, "--run-id", RUN, "--gate-attestation", token,
        env=slack.environ, state="none",
    )  # fmt: skip

    failure.says("expected the gate message 1740312612.000100, approved", "found no such message")


@pytest.mark.parametrize("attestation", ["auto", "format"])
def test_a_token_that_cannot_be_verified_is_called_so_everywhere(
    small_org: Org, attestation: str
) -> None:
    configure(small_org, attestation=attestation)
    dry = run_cli(small_org, "--dry-run", "--run-id", RUN, *APPROVED)

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert dry.result is not None
    assert ran.result is not None
    words = "approved by an unverified token: "
    state = state_of(small_org)
    for warnings in (dry.result["warnings"], ran.result["warnings"], state["plan"]["warnings"]):
        assert any(each.startswith(words) for each in warnings), warnings
    assert {each["gate"]["token_check"] for each in (ran.result, state)} == {"form"}
    assert words in ran.out[: ran.out.index("Plan hash")]
    assert "Gate: approved by unverified token" in ran.out
    assert "It was approved by an unverified token" in ran.out[ran.out.index("SUCCESS") :]
    shown = run_cli(small_org, "status", RUN).out
    assert "gate: approved by an unverified token (attestation)" in shown


@provokes(ErrorCode.CREDENTIALS_MISSING)
def test_a_token_that_must_be_verified_needs_credentials(small_org: Org) -> None:
    configure(small_org, attestation="verify")

    fails(small_org, ErrorCode.CREDENTIALS_MISSING, "--run-id", RUN,
          "--gate-attestation", f"1740312612.000100:{RUN}")  # fmt: skip
