"""``omni-release doctor``: every check, once, and what it looks at."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.cli import run_cli
from support.endings import release
from support.failures import fails
from support.github import GitHub
from support.gitrepo import git, land, world
from support.preflight_desk import Desk
from support.pypi_server import PyPIServer
from support.repos import add_repo, manifest
from support.slack_server import SlackServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.commands.demo_org import Org


pytestmark = pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed")


@pytest.fixture
def desk(small_org: Org, github: GitHub) -> Iterator[Desk]:
    with PyPIServer(folder=small_org.root / "index") as index, SlackServer() as slack:
        yield Desk(small_org, github, index, slack)


OF_A_REPOSITORY = (
    "identity", "remote", "origin", "push", "merge", "rules", "workflow", "base", "other runs",
    "automation", "tag", "version",
)  # fmt: skip


def test_doctor_lists_every_check_once_and_touches_nothing(desk: Desk) -> None:
    before = world(desk.org)

    ran = desk.doctor()

    assert (ran.code, ran.err) == (0, "")
    lines = [line.split("  ")[0] for line in ran.out.splitlines()[:-2]]
    assert lines == ["ok"] * len(lines)
    assert ran.out.splitlines()[-1] == "0 failed, 0 unknown, 0 warning, 31 ok: a release can begin."
    assert list(desk.states()) == [
        *((tool, "program") for tool in ("git", "uv", "pre-commit", "gh")),
        ("Slack", "bot"),
        ("index", "address"),
        ("github.com", "login"),
        *((repo, name) for repo in ("alpha", "beta") for name in OF_A_REPOSITORY),
    ]
    assert world(desk.org) == before
    assert ran.result is None
    assert desk.slack.messages == []


def test_github_is_asked_two_things_about_a_repository(desk: Desk) -> None:
    desk.doctor()

    for repo in ("alpha", "beta"):
        assert desk.hub.calls(repo) == 2
        assert desk.hub.calls(repo, "AboutRepository") == 1
        assert desk.hub.calls(repo, "workflow") == 1


def test_with_the_embedded_services_only_what_applies_is_listed(small_org: Org) -> None:
    ran = run_cli(small_org, "doctor", "--json")

    assert ran.code == 0
    told = json.loads(ran.out)
    assert told["ok"] is True
    assert [(each["subject"], each["check"]) for each in told["checks"]] == [
        ("git", "program"), ("uv", "program"), ("pre-commit", "program"), ("gate", "console"),
        ("index", "folder"),
        *((repo, name) for repo in ("alpha", "beta")
          for name in ("identity", "remote", "origin", "other runs", "tag", "version")),
    ]  # fmt: skip


def test_doctor_looks_at_what_it_is_told_to(desk: Desk) -> None:
    assert {subject for subject, name in desk.states("beta") if name == "push"} == {"beta"}


def test_a_repository_with_nothing_to_release_is_looked_at_by_doctor(desk: Desk) -> None:
    git(desk.org.clone("alpha"), "tag", "v1.0.1", "origin/main")

    states = desk.states("alpha")

    assert states["alpha", "push"] == states["alpha", "workflow"] == "ok"
    assert ("alpha", "version") not in states


def test_doctor_tells_what_the_plan_refuses(small_org: Org) -> None:
    git(small_org.clone("beta"), "branch", "release")

    ran = run_cli(small_org, "doctor")

    assert ran.code == 1
    (told,) = [line for line in ran.out.splitlines() if line.startswith("FAILED")]
    assert "beta        plan" in told
    assert "branch named release" in told


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_doctor_tells_where_no_state_can_be_kept(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    state, access = tmp_path / "state", os.access
    if kind == "file":
        state.touch()
    else:  # one of a read-only disk: root may write into any other
        state.mkdir()
        monkeypatch.setattr(os, "access", lambda at, how: Path(at) != state and access(at, how))

    ran = run_cli(small_org, "doctor", env={"ONEX_STATE_DIR": str(state)})

    (told,) = [line for line in ran.out.splitlines() if line.startswith("FAILED")]
    assert ran.code == 1
    assert f"found {state}, which" in told
    assert "set ONEX_STATE_DIR to a folder that can be written to" in told


def test_doctor_tells_drift_and_looks_no_further(small_org: Org) -> None:
    add_repo(small_org, "gamma", {"pyproject.toml": manifest("gamma", "0.1.0", "alpha")})

    ran = run_cli(small_org, "doctor", "--json")

    assert ran.code == 1
    last = json.loads(ran.out)["checks"][-1]
    assert (last["subject"], last["check"], last["error_code"]) == ("plan", "graph", "GRAPH_DRIFT")


def test_doctor_tells_of_a_run_that_is_in_the_way(small_org: Org) -> None:
    land(small_org.remote("beta"), "left.txt", "spaces  \n", "docs: spaces")
    token = "1740312612.000100:release-20260225-91bca0"  # noqa: S105 - a gate token
    assert run_cli(small_org, "--gate-attestation", token).code == 3

    ran = run_cli(small_org, "doctor")

    assert ran.code == 1
    assert "RUN_EXISTS: release-20260225-91bca0 has begun" in ran.out


def test_without_git_doctor_tells_every_program_and_looks_no_further(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no" / "python"))

    ran = run_cli(small_org, "doctor", env={"PATH": str(tmp_path)})

    assert ran.code == 1
    assert [line.split()[:2] for line in ran.out.splitlines()[:-2]] == [
        ["FAILED", "git"], ["FAILED", "uv"], ["FAILED", "pre-commit"],
    ]  # fmt: skip
    failure = fails(small_org, ErrorCode.TOOL_MISSING, env={"PATH": str(tmp_path)})
    failure.says("3 things are in the way", "TOOL_MISSING", "install pre-commit")


@pytest.mark.parametrize("argument", ["--dry-run", "--bump=minor", "--resume=x", "--nonsense"])
def test_doctor_takes_no_argument_of_a_release(small_org: Org, argument: str) -> None:
    ran = run_cli(small_org, "doctor", argument)

    assert ran.code == 2
    assert ran.err.startswith("USAGE_ERROR: ")


def test_doctor_names_an_unknown_repository(small_org: Org) -> None:
    ran = run_cli(small_org, "doctor", "gamma")

    assert ran.code == 2
    assert "found gamma" in ran.err


def test_a_signature_is_tried_and_nothing_of_it_is_kept(small_org: Org, tmp_path: Path) -> None:
    signs = tmp_path / "gpg"
    signs.write_text('#!/bin/sh\ncat >/dev/null\necho "[GNUPG:] SIG_CREATED D" >&2\necho signed\n',
                     encoding="utf-8")  # fmt: skip
    signs.chmod(0o755)
    clone = small_org.clone("alpha")
    for key, value in {"tag.gpgSign": "true", "gpg.program": str(signs)}.items():
        git(clone, "config", key, value)
    before = git(clone, "count-objects", "-v")

    ran = run_cli(small_org, "doctor", "alpha")

    assert ran.code == 0
    assert "Carl Committer <carl@tests.example>, signing works" in ran.out
    assert git(clone, "count-objects", "-v") == before


def test_doctor_says_of_a_clone_that_is_behind_what_a_release_would_do(small_org: Org) -> None:
    """It would fetch the tag that is told of as taken, and take the next version."""
    clone, before = small_org.clone("alpha"), small_org.root / "before"
    shutil.copytree(clone, before, symlinks=True)
    assert release(small_org, "alpha").code == 0
    shutil.rmtree(clone)
    before.rename(clone)

    ran = run_cli(small_org, "doctor", "alpha")

    assert "FAILED   alpha       tag         expected the tag alpha/v1.1.0 to be free" in ran.out
    assert "alpha: the clone is behind its remote; a real run fetches first" in ran.out
