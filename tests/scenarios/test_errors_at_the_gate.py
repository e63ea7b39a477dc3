"""Codes a run ends with because of how the gate was answered, or of what changed meanwhile."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.cli import Terminal, run_cli
from support.failures import fails, provokes
from support.gitrepo import land
from support.people import Nobody, Slow
from support.repos import configure

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")

FEATURE = ("news.md", "New.\n", "feat(beta): something new")


@provokes(ErrorCode.GATE_REJECTED)
def test_a_rejection_ends_the_run_and_says_who_rejected(small_org: Org) -> None:
    failure = fails(small_org, ErrorCode.GATE_REJECTED, stdin=Terminal("what?\nreject, please\n"))

    for gate in (failure.state["gate"], failure.result["gate"]):
        assert (gate["decision"], gate["reason"]) == ("rejected", "reject, please")
        assert gate["approver"] == f"pat (uid {os.getuid()})"
    assert failure.result["repos_attempted"] == 0
    assert "That decides nothing" in failure.ran.out


@provokes(ErrorCode.GATE_TIMEOUT)
def test_silence_is_never_consent(small_org: Org) -> None:
    configure(small_org, timeouts={"gate_minutes": 0.001})

    failure = fails(small_org, ErrorCode.GATE_TIMEOUT, stdin=Nobody())

    failure.says("0.001 minutes", "Next: omni-release --resume", "and answer in time")
    assert "--gate-attestation" not in failure.error  # nothing here could verify a token
    assert failure.state["gate"]["decision"] == "timeout"


@provokes(ErrorCode.GATE_FAILED)
def test_a_terminal_that_is_closed_answers_nothing(small_org: Org) -> None:
    failure = fails(small_org, ErrorCode.GATE_FAILED, stdin=Terminal("approve once CI is green\n"))

    failure.says("Ctrl-D", f"Next: omni-release --resume {failure.state['run_id']}, and answer")
    assert failure.state["gate"]["decision"] == "pending"


@provokes(ErrorCode.INVALID_GATE_TOKEN)
def test_a_token_is_bound_to_the_plan_it_approved_first(small_org: Org) -> None:
    token = "1740312612.000100:first"  # noqa: S105 - a gate token of this example
    land(small_org.remote("alpha"), "left.txt", "spaces  \n", "docs: spaces")
    arguments = ("--gate-attestation", token)
    assert run_cli(small_org, "--run-id", "first", *arguments).code == 1
    land(small_org.remote("beta"), *FEATURE)

    failure = fails(small_org, ErrorCode.INVALID_GATE_TOKEN, "--resume", "first", *arguments)

    failure.says(token, "beta has changed since")


@provokes(ErrorCode.PLAN_STALE)
def test_a_new_feature_while_the_gate_is_open_makes_the_plan_stale(small_org: Org) -> None:
    def push() -> None:
        land(small_org.remote("beta"), *FEATURE)

    failure = fails(small_org, ErrorCode.PLAN_STALE, stdin=Slow(push), also={"beta main"})

    failure.says("feat(beta): something new", "minor", "patch was approved")
    again = run_cli(small_org, stdin=Terminal("approve\n"))
    assert again.code == 0, again.err
    assert again.result is not None
    assert [each["new_version"] for each in again.result["details"]] == ["1.1.0", "0.5.0"]


@provokes(ErrorCode.PLAN_STALE)
def test_a_footer_that_says_a_version_while_the_gate_is_open_makes_the_plan_stale(
    small_org: Org,
) -> None:
    def push() -> None:
        said = "fix: a word\n\nRelease-As: 3.0.0"
        land(small_org.remote("beta"), "notes.md", "words\n", said)

    failure = fails(small_org, ErrorCode.PLAN_STALE, stdin=Slow(push), also={"beta main"})

    failure.says("Release-As: 3.0.0 of ", "asks for another release")
    again = run_cli(small_org, stdin=Terminal("approve\n"))
    assert again.code == 0, again.err
    assert again.result is not None
    assert [each["new_version"] for each in again.result["details"]] == ["1.1.0", "3.0.0"]
