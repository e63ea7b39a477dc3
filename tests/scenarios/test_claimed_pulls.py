"""Releases beside others who act on the same pull requests."""

from __future__ import annotations

import json
import os
import shutil
import socket
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.adapters.claims import ClaimFolder
from omninode_release.adapters.github.pulls import GitHubPulls
from support.cli import Ran, run_cli, state_home
from support.endings import APPROVED, RUN
from support.github import GitHub
from support.gitrepo import land
from support.repos import configure

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

pytestmark = [
    pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed"),
    pytest.mark.usefixtures("only_steps", "no_hooks"),
]

SOON = {
    "timeouts": {
        "checks_grace_seconds": 0.05,
        "workflow_grace_seconds": 1,
        "own_grace_seconds": 1,
        "merge_minutes": 0.5,
    },
    "polling": {"min_seconds": 0.01, "max_seconds": 0.05},
}


@pytest.fixture
def hub(github: GitHub, small_org: Org) -> GitHub:
    configure(small_org, forge="github", **SOON)
    return github


def release(org: Org, hub: GitHub) -> Ran:
    return run_cli(org, "alpha", "--run-id", RUN, *APPROVED, env=hub.env)


def claim_file(org: Org) -> Path:
    return state_home(org) / "pr-queue" / "claims" / "pair--alpha--1.json"


def claim(org: Org, **changes: Any) -> None:
    """Somebody's claim on the pull request that the release is going to make."""
    path = claim_file(org)
    path.parent.mkdir(parents=True, exist_ok=True)
    theirs = {
        "pr_key": "pair/alpha#1",
        "claimed_by_run": "sweep-1",
        "claimed_by_host": socket.gethostname(),
        "claimed_by_instance_id": "somebody",
        "claimed_by_pid": os.getpid(),
        "claimed_at": "2026-02-25T13:59:00Z",
        "last_heartbeat_at": "2026-02-25T13:59:30Z",
        "action": "update",
    }
    path.write_text(json.dumps({**theirs, **changes}), encoding="utf-8")


def test_a_pull_request_is_claimed_while_it_is_merged_and_not_after(
    small_org: Org, hub: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, Any]] = []
    merge = GitHubPulls.merge

    def watched(self: GitHubPulls, number: int, **given: str) -> None:
        seen.append(json.loads(claim_file(small_org).read_text(encoding="utf-8")))
        merge(self, number, **given)

    monkeypatch.setattr(GitHubPulls, "merge", watched)

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert [(each["claimed_by_run"], each["action"]) for each in seen] == [(RUN, "merge")]
    assert not claim_file(small_org).exists()


def test_a_claim_of_somebody_else_is_waited_for(
    small_org: Org, hub: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim(small_org)
    take, asked = ClaimFolder.take, []

    def let_go_of(self: ClaimFolder, number: int, action: str) -> str | None:
        asked.append(number)
        if len(asked) == 3:
            claim_file(small_org).unlink()
        return take(self, number, action)

    monkeypatch.setattr(ClaimFolder, "take", let_go_of)

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert asked == [1, 1, 1]
    assert ran.out.count("waiting for alpha: another run that acts on pull request 1") == 1


def test_a_claim_that_nobody_lets_go_of_ends_the_merge(small_org: Org, hub: GitHub) -> None:
    claim(small_org)
    configure(small_org, timeouts={**SOON["timeouts"], "merge_minutes": 0.005})

    ran = release(small_org, hub)

    assert ran.code == 1
    assert ran.err.startswith("MERGE_FAILED: ")
    assert "claimed by run sweep-1 (pid " in ran.err
    assert f"--resume {RUN}" in ran.err
    assert json.loads(claim_file(small_org).read_text(encoding="utf-8"))["action"] == "update"
    assert hub.counts("alpha")["merges"] == 0


def test_a_claim_that_is_over_is_taken_over(small_org: Org, hub: GitHub) -> None:
    claim(small_org, claimed_by_host="gone", claimed_at="2026-02-25T11:00:00Z",
          last_heartbeat_at="2026-02-25T13:20:00Z")  # fmt: skip

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert not claim_file(small_org).exists()


def test_our_own_claim_of_before_is_taken_up_again(small_org: Org, hub: GitHub) -> None:
    claim(small_org, claimed_by_run=RUN)  # its number is that of a process that runs: ours

    assert release(small_org, hub).code == 0


def test_a_claim_that_cannot_be_read_is_left_alone(small_org: Org, hub: GitHub) -> None:
    claim(small_org)
    claim_file(small_org).write_bytes(b'{"pr_key": ')

    ran = release(small_org, hub)

    assert ran.code == 1
    assert ran.err.startswith("MERGE_FAILED: ")
    assert f"rm {claim_file(small_org)}" in ran.err
    assert claim_file(small_org).read_bytes() == b'{"pr_key": '
    assert hub.counts("alpha")["merges"] == 0


def test_a_failure_lets_go(small_org: Org, hub: GitHub) -> None:
    hub.policy("alpha").checks = "red"

    assert release(small_org, hub).code == 1

    assert not claim_file(small_org).exists()


def test_a_stale_pull_request_is_claimed_before_it_is_closed(small_org: Org, hub: GitHub) -> None:
    hub.policy("alpha").checks = "red"
    assert release(small_org, hub).code == 1
    hub.policy("alpha").checks = "green"
    land(small_org.remote("alpha"), "api.md", "New.\n", "feat!: another way to greet")
    again = ("--resume", RUN, "--gate-attestation", f"1740312613.000100:{RUN}")
    assert "PLAN_STALE" in run_cli(small_org, *again[:2], *APPROVED, env=hub.env).out
    claim(small_org)
    configure(small_org, timeouts={**SOON["timeouts"], "merge_minutes": 0.005})

    refused = run_cli(small_org, *again, env=hub.env)

    assert refused.code == 1
    assert refused.err.startswith("PLAN_STALE: ")
    assert "claimed by run sweep-1" in refused.err
    assert hub.repository("alpha").pulls[1].state == "OPEN"
    claim_file(small_org).unlink()
    configure(small_org, timeouts=SOON["timeouts"])
    ran = run_cli(small_org, *again, env=hub.env)
    assert ran.code == 0, ran.err
    assert [pull.state for pull in hub.repository("alpha").pulls.values()] == ["CLOSED", "MERGED"]
    assert not list(claim_file(small_org).parent.glob("*.json"))


def test_an_interruption_lets_go(
    small_org: Org, hub: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(GitHubPulls, "merge", interrupted)

    assert release(small_org, hub).code == 130

    assert not claim_file(small_org).exists()


def test_the_embedded_forge_claims_nothing(small_org: Org) -> None:
    ran = run_cli(small_org, "alpha", "--run-id", RUN, *APPROVED)

    assert ran.code == 0, ran.err
    assert not claim_file(small_org).parent.exists()
