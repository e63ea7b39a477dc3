"""What the pre-flight cannot look at, and what it only warns of."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.cli import run_cli
from support.endings import RUN
from support.failures import fails
from support.github import Fault, FaultKind, GitHub
from support.gitrepo import git
from support.preflight_desk import OTHER, Desk
from support.pypi_server import PyPIServer, busy
from support.repos import configure
from support.slack_server import DOWN, SlackServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.commands.demo_org import Org


pytestmark = pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed")


@pytest.fixture
def desk(small_org: Org, github: GitHub) -> Iterator[Desk]:
    with PyPIServer(folder=small_org.root / "index") as index, SlackServer() as slack:
        yield Desk(small_org, github, index, slack)


def test_what_cannot_be_looked_at_is_unknown_and_not_fine(desk: Desk) -> None:
    desk.slack.troubles = {"auth.test": [DOWN]}
    desk.index.troubles = [busy(503)] * 8  # both repositories, four times each
    desk.hub.policy("beta").permission = None
    desk.hub.inject(*[Fault("502", "AboutRepository")])

    ran = desk.doctor()

    unknown = [line for line in ran.out.splitlines() if line.startswith("unknown")]
    assert ran.code == 1
    assert "Slack's auth.test failed: it answered 503" in unknown[0]
    assert any("it answered 503" in line and "  version  " in line for line in unknown)
    assert any("does not say what the token of carl may do" in line for line in unknown)
    assert ran.out.splitlines()[-1].startswith("0 failed, 4 unknown, 0 warning,")
    assert "what is unknown may be fine or not" in ran.out


def test_a_github_that_stays_down_is_unknown(desk: Desk) -> None:
    desk.hub.policy("alpha").down = True

    checks = desk.checks()

    assert checks["alpha", "github"]["state"] == "unknown"
    assert "HTTP 502" in checks["alpha", "github"]["text"]
    assert ("alpha", "push") not in checks
    assert checks["beta", "push"]["state"] == "ok"
    assert desk.hub.calls("alpha") == 3  # and nobody waits for more


def test_a_workflow_nobody_can_ask_about_is_unknown(desk: Desk) -> None:
    kinds: tuple[FaultKind, ...] = ("502", "lost", "secondary")
    desk.hub.inject(*(Fault(kind, "workflow") for kind in kinds))

    checks = desk.checks("alpha")

    assert checks["alpha", "workflow"]["state"] == "unknown"
    assert "GitHub did not tell the state of release.yml" in checks["alpha", "workflow"]["text"]
    assert checks["alpha", "push"]["state"] == "ok"


def test_a_remote_that_does_not_answer_leaves_its_tags_unknown(desk: Desk) -> None:
    desk.env["GIT_SSH_COMMAND"] = "false"

    states = desk.states("alpha")

    assert states["alpha", "tag"] == "unknown"
    assert states["alpha", "push"] == "ok"


def test_a_run_goes_on_with_what_is_unknown_and_says_so(desk: Desk) -> None:
    desk.hub.policy("alpha").permission = None
    configure(desk.org, timeouts={"gate_minutes": 0.002})

    failure = fails(desk.org, ErrorCode.GATE_TIMEOUT, "--run-id", RUN, env=desk.env)

    told = "unknown: alpha push: GitHub does not say what the token of carl may do"
    assert told in failure.result["warnings"]
    assert told in failure.ran.out
    assert told in desk.slack.gates[0]["text"]


def test_automation_at_work_is_a_warning(desk: Desk) -> None:
    desk.hub.policy("beta").strangers = (
        ("automation/bump-alpha-1.0.1", "User"),
        ("dependabot/uv/httpx-1.0", "Bot"),
        ("feature/by-a-person", "User"),
        ("by-somebody-who-left", None),
    )

    check = desk.check("beta", "automation")

    assert check["state"] == "warning"
    assert "2 open pull requests" in check["text"]
    assert "https://github.com/pair/beta/pull/900 (automation/bump-alpha-1.0.1)" in check["text"]
    assert "dependabot" in check["text"]
    assert "by-a-person" not in check["text"]
    assert desk.doctor().code == 0


def test_the_branch_of_another_run_is_a_warning(desk: Desk) -> None:
    remote = desk.org.remote("alpha")
    git(remote, "update-ref", f"refs/heads/{OTHER}", "main")
    git(remote, "update-ref", "refs/heads/release/1.x", "main")  # a person's

    check = desk.check("alpha", "other runs")

    assert check["state"] == "warning"
    assert check["text"].endswith(f"left its branch behind: {OTHER}")


def test_more_than_can_be_listed_is_unknown(desk: Desk) -> None:
    people = tuple((f"feature/{n}", "User") for n in range(101))
    desk.hub.policy("alpha").strangers = people  # type: ignore[assignment]

    states = desk.states()

    assert states["alpha", "automation"] == "unknown"
    assert states["alpha", "other runs"] == "ok"  # whose branches are another list


def test_a_clone_that_knows_another_base_branch_is_warned_of(desk: Desk) -> None:
    desk.hub.policy("alpha").default_branch = "dev"

    check = desk.check("alpha", "base")

    assert check["state"] == "warning"
    assert "the clone takes main for it; dev is the default branch" in check["text"]


def test_a_mirror_cannot_push_single_branches(small_org: Org) -> None:
    git(small_org.clone("beta"), "config", "remote.origin.mirror", "true")

    ran = run_cli(small_org, "doctor", "beta")

    assert ran.code == 1
    assert "expected a clone that pushes single branches" in ran.out
    clone = small_org.clone("beta")
    assert f"git -C {clone} config --unset remote.origin.mirror" in ran.out


def test_another_address_for_pushes_is_named(small_org: Org) -> None:
    other = small_org.remote("alpha")
    git(small_org.clone("beta"), "remote", "set-url", "--push", "origin", str(other))

    ran = run_cli(small_org, "doctor", "beta")

    assert f"what is pushed goes to {other}, and is looked for at" in ran.out


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_clone_of_another_user_is_told_with_what_makes_git_trust_it(small_org: Org) -> None:
    clone = small_org.clone("beta")
    for path in (clone, clone / ".git"):
        os.chown(path, 12345, 12345)

    ran = run_cli(small_org, "--run-id", "pair", "--gate-attestation", "1740312612.000100:pair")

    assert ran.code == 1
    assert f"git config --global --add safe.directory {clone}" in ran.err


def test_a_file_of_credentials_that_others_can_read_is_a_warning(
    small_org: Org, desk: Desk
) -> None:
    home = small_org.root / "home"
    stored = home / ".omnibase" / ".env"
    stored.parent.mkdir(parents=True)
    stored.touch()
    stored.chmod(0o644)

    ran = run_cli(small_org, "doctor", "beta", env=desk.env | {"HOME": str(home)})

    assert f"chmod 600 {stored}" in ran.out
    assert (ran.code, "1 warning" in ran.out) == (0, True)
