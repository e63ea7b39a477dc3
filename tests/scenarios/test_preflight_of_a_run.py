"""The pre-flight of a dry run, and of a run that is resumed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.cli import run_cli
from support.endings import APPROVED, RUN
from support.failures import fails
from support.github import GitHub
from support.gitrepo import world
from support.preflight_desk import Desk, ruled
from support.pypi_server import PyPIServer
from support.repos import configure
from support.slack_server import SlackServer, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.commands.demo_org import Org


pytestmark = pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed")


@pytest.fixture
def desk(small_org: Org, github: GitHub) -> Iterator[Desk]:
    with PyPIServer(folder=small_org.root / "index") as index, SlackServer() as slack:
        yield Desk(small_org, github, index, slack)


def test_a_plain_dry_run_asks_no_service(desk: Desk) -> None:
    ran = run_cli(desk.org, "--dry-run", env=desk.env)

    assert ran.code == 0
    assert desk.hub.calls("alpha") == 0
    assert desk.index.requests == []
    assert desk.slack.requests == []


def test_a_preflight_adds_to_a_dry_run_what_a_real_one_refuses(desk: Desk) -> None:
    before = world(desk.org)
    desk.hub.policy("alpha").permission = "READ"
    desk.hub.policy("beta").permission = None
    desk.slack.troubles = {"auth.test": [refused("invalid_auth")] * 2}

    lenient = run_cli(desk.org, "--dry-run", "--preflight", env=desk.env)
    strict = run_cli(desk.org, "--dry-run", "--preflight", "--strict", env=desk.env)

    assert (lenient.code, strict.code) == (0, 1)
    assert lenient.result is not None
    alpha, beta = lenient.result["details"]
    assert (alpha["error_code"], beta["error_code"]) == ("PUSH_FAILED", None)
    assert "  alpha  1     1.0.0    1.1.0  minor        2  PUSH_FAILED" in lenient.out
    assert "PUSH_FAILED alpha: expected carl to have write permission" in lenient.out
    assert any(w.startswith("GATE_FAILED Slack bot: ") for w in lenient.result["warnings"])
    assert any(w.startswith("unknown: beta push: ") for w in lenient.result["warnings"])
    assert world(desk.org) == before


def test_a_preflight_that_finds_nothing_leaves_the_dry_run_as_it_is(desk: Desk) -> None:
    plain = run_cli(desk.org, "--dry-run", env=desk.env)
    checked = run_cli(desk.org, "--dry-run", "--preflight", "--strict", env=desk.env)

    assert (plain.code, checked.code) == (0, 0)
    assert plain.result == checked.result


@pytest.mark.parametrize("arguments", [("--preflight",), ("--dry-run", "--preflight", "--offline")])
def test_a_preflight_belongs_to_a_dry_run_that_may_ask(
    small_org: Org, arguments: tuple[str, ...]
) -> None:
    fails(small_org, ErrorCode.USAGE_ERROR, *arguments)


def test_a_resumed_run_takes_its_own_tag_and_pull_request_for_its_own(desk: Desk) -> None:
    desk.hub.policy("alpha").dispatch_refused = 422
    desk.hub.policy("alpha").push_starts = False
    configure(desk.org, timeouts={"workflow_grace_seconds": 0.2, "own_grace_seconds": 1,
                                  "checks_grace_seconds": 0.05},
              attestation="format")  # fmt: skip
    first = run_cli(desk.org, "alpha", "--run-id", RUN, *APPROVED, env=desk.env)
    assert "PUBLISH_FAILED" in first.err
    desk.hub.policy("alpha").dispatch_refused = None

    ran = run_cli(desk.org, "--resume", RUN, *APPROVED, env=desk.env)

    assert ran.code == 0, ran.err


def test_another_person_may_go_on_with_what_has_its_author_already(desk: Desk) -> None:
    ours = {"operator": "ends_with", "pattern": "@tests.example"}
    ruled("BRANCH", {"COMMIT_AUTHOR_EMAIL_PATTERN": ours}, "~ALL")(desk)
    configure(desk.org, timeouts={"own_grace_seconds": 1, "checks_grace_seconds": 0.05},
              attestation="format")  # fmt: skip
    desk.hub.policy("alpha").checks = "red"
    first = run_cli(desk.org, "alpha", "--run-id", RUN, *APPROVED, env=desk.env)
    assert "MERGE_FAILED" in first.err
    desk.hub.policy("alpha").checks = "green"
    other = {"GIT_AUTHOR_EMAIL": "bob@elsewhere.example"}

    fresh = run_cli(desk.org, "doctor", "alpha", env=desk.env | other)
    ran = run_cli(desk.org, "--resume", RUN, *APPROVED, env=desk.env | other)

    assert "as bob@elsewhere.example" in fresh.out
    assert ran.code == 0, ran.err
