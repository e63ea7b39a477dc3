"""A release whose gate is in Slack and whose index is asked over HTTP, as its thread shows it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from omninode_release.models.phase import Phase
from omninode_release.system.lock import Holder, Lock
from support.blocks import texts_of
from support.cli import Ran, run_cli
from support.endings import APPROVED, RUN, assert_released_once, break_phase, state_path
from support.gitrepo import git, land
from support.pypi_server import PyPIServer
from support.repos import configure, spoil
from support.slack_release import APPROVE, asked, with_slack
from support.slack_server import (
    ANN,
    BEN,
    CUT_BEFORE,
    DOWN,
    TOKEN,
    Say,
    SlackServer,
    Trouble,
    refused,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.commands.demo_org import Org


pytestmark = pytest.mark.usefixtures("only_steps")


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


@pytest.fixture
def index(small_org: Org) -> Iterator[PyPIServer]:
    with PyPIServer(folder=small_org.root / "index") as server:
        yield server


def test_a_wait_that_has_printed_all_says_what_the_run_waits_for(
    small_org: Org, slack: SlackServer
) -> None:
    with_slack(small_org)
    waited: list[Ran] = []
    words = ("wait", RUN, "--timeout", "0", "--json", "--after", "99")
    slack.script = {3: [lambda *_: waited.append(run_cli(small_org, *words))], 4: [APPROVE]}

    assert asked(small_org, slack).code == 0

    [last] = waited
    assert last.code == 4
    assert json.loads(last.out)["lines"] == ["  waiting for an answer to the gate in Slack"]


def test_a_release_through_slack_and_an_index(
    small_org: Org, slack: SlackServer, index: PyPIServer
) -> None:
    with_slack(small_org, index="pypi", approvers=[ANN])
    slack.script = {2: [Say("approve", BEN)], 4: [APPROVE]}
    index.late = {"alpha 1.1.0": 3, "beta 0.4.1": 1}

    ran = run_cli(small_org, "--run-id", RUN, env={**slack.environ, **index.environ})

    assert ran.code == 0, ran.out + ran.err
    assert_released_once(small_org)
    assert ran.result is not None
    ts = slack.gates[0]["ts"]
    assert ran.result["gate_token"] == f"{ts}:{RUN}"
    config = small_org.omni_home / "release.yaml"
    assert ran.result["gate"] == {
        "provider": "slack",
        "decision": "approved",
        "plan_hash": ran.result["plan_hash"],
        "approver": ANN,
        "at": "2026-02-25T14:00:00Z",
        "posted_ts": ts,
        "asked_at": "2026-02-25T14:00:00Z",
        "token_check": None,
        "may_approve": f"in Slack {ANN} (asked at {slack.api})",
        "reason": None,
        "taken_up": "",
        "config_path": str(config),
        "config_digest": f"sha256:{hashlib.sha256(config.read_bytes()).hexdigest()}",
        "policies": [],
    }
    assert [d["pypi_status"] for d in ran.result["details"]] == ["available", "available"]
    assert "alpha==1.1.0" in git(small_org.remote("beta"), "show", "main:pyproject.toml")
    assert f"{index.url}/files/alpha-1.1.0.tar.gz" in git(
        small_org.remote("beta"), "show", "main:uv.lock"
    )
    assert len(slack.gates) == 1
    approved, *updates = slack.replies_of(ts)[-3:]
    assert approved.startswith(f"[APPROVED] by <@{ANN}>: run {RUN}, plan ")
    assert updates == [
        "alpha 1.0.0 → 1.1.0: DONE local://alpha/pull/1 alpha/v1.1.0 index: available",
        "beta 0.4.0 → 0.4.1: DONE local://beta/pull/1 beta/v0.4.1 index: available",
    ]
    last = slack.messages[-1]["text"]
    assert last.startswith("[LOW_RISK] release — SUCCESS: 2 released, 0 failed")
    assert (
        "  beta    0.4.0 → 0.4.1  DONE  local://beta/pull/1  beta/v0.4.1  index: available" in last
    )


@pytest.mark.parametrize("expect", [None, ["wheel", "sdist"]], ids=["unsaid", "both kinds"])
def test_a_file_that_a_repository_is_expected_to_publish_is_waited_for(
    small_org: Org, index: PyPIServer, expect: list[str] | None
) -> None:
    configure(small_org, index="pypi", publish_of={"alpha": {"expect": expect} if expect else {}})
    index.html_only, index.late = True, {"alpha-1.1.0.tar.gz": 6}
    (small_org.index / "alpha-1.0.0.tar.gz").unlink()  # or it is expected as of the last release

    ran = run_cli(small_org, "alpha", "--run-id", RUN, *APPROVED, env=index.environ)

    assert ran.code == 0, ran.err
    assert (index.late["alpha-1.1.0.tar.gz"] == 0) is (expect is not None)


def test_a_failure_is_told_in_the_thread_and_ends_the_run_the_same(
    small_org: Org, slack: SlackServer
) -> None:
    with_slack(small_org)
    spoil(small_org, "beta")
    slack.script = {1: [APPROVE]}

    ran = asked(small_org, slack)

    assert ran.code == 3
    alpha, beta = slack.replies_of(slack.gates[0]["ts"])[-2:]
    assert alpha.startswith("alpha 1.0.0 → 1.1.0: DONE ")
    assert beta.startswith("beta 0.4.0 → 0.4.1: LINT_FAILED — expected every pre-commit hook")


def test_who_is_locked_out_of_a_run_does_not_tell_the_channel_that_it_failed(
    small_org: Org, slack: SlackServer
) -> None:
    with_slack(small_org)
    slack.script = {1: [APPROVE]}
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.PUBLISH, after_effect=False)
        assert asked(small_org, slack).code == 3
    told = len(slack.messages)
    lock = Lock(state_path(small_org).parent / ".lock")
    assert lock.acquire(Holder.here(RUN))

    ran = run_cli(small_org, "--resume", RUN, env=slack.environ)

    lock.release()
    assert ran.err.startswith("RUN_LOCKED: ")
    assert len(slack.messages) == told


def test_what_stays_of_a_release_that_failed_is_told(
    small_org: Org, slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_slack(small_org)
    break_phase(monkeypatch, Phase.PUBLISH, after_effect=False, repo="alpha")
    slack.script = {1: [APPROVE]}

    ran = asked(small_org, slack, "alpha")

    assert ran.code == 1
    *_, update, last = slack.messages
    said = "PUBLISH_FAILED  merged and tagged, not published  local://alpha/pull/1  alpha/v1.1.0"
    assert update["thread_ts"] == slack.gates[0]["ts"]
    assert said.replace("  ", " ") in update["text"]
    assert last["text"].startswith("[LOW_RISK] release — FAILED: 0 released, 1 failed")
    assert said in last["text"]
    assert "alpha 1.1.0 is merged and tagged, not published." in last["text"]
    for each in (update, last):
        assert "merged and tagged, not published" in "".join(texts_of(each["blocks"]))


@pytest.mark.parametrize("trouble", [DOWN, CUT_BEFORE, refused("thread_not_found")])
def test_a_slack_that_takes_no_update_changes_nothing(
    small_org: Org, slack: SlackServer, trouble: Trouble
) -> None:
    with_slack(small_org)
    slack.script = {1: [APPROVE]}
    # The question, what will be released, [APPROVED]; then one for each repository.
    slack.troubles = {"chat.postMessage": [None, None, None, trouble, trouble]}

    ran = asked(small_org, slack)

    assert ran.code == 0, ran.err
    assert_released_once(small_org)
    assert ran.out.count("note: the thread was not updated: ") == 1
    assert len(slack.replies_of(slack.gates[0]["ts"])) == 2


def test_what_is_posted_is_blocks_beside_the_text_of_the_interface(
    small_org: Org, slack: SlackServer
) -> None:
    with_slack(small_org)
    slack.script = {1: [APPROVE]}

    ran = asked(small_org, slack)

    assert ran.code == 0, ran.err
    [gate] = slack.gates
    assert gate["text"].startswith("[HIGH_RISK] release — coordinated release of 2 repos\n\nRun: ")
    assert ["1", "alpha", "1.0.0 → 1.1.0", "minor, 2 commits"] in [
        texts_of(row) for block in gate["blocks"] for row in block.get("rows", [])
    ]
    summary = slack.messages[-1]
    assert summary["text"].startswith("[LOW_RISK] release — SUCCESS: 2 released")
    assert "2 released, 0 failed" in texts_of(summary["blocks"])[0]


@pytest.mark.parametrize("error", ["invalid_blocks", "invalid_blocks_format"])
def test_where_slack_takes_no_blocks_the_text_is_posted(
    small_org: Org, slack: SlackServer, error: str
) -> None:
    with_slack(small_org)
    slack.script = {1: [APPROVE]}
    slack.troubles = {"chat.postMessage": [refused(error)]}

    ran = asked(small_org, slack)

    assert ran.code == 0, ran.err
    [gate] = slack.gates
    assert "blocks" not in gate


def test_no_secret_is_written_anywhere(small_org: Org, index: PyPIServer) -> None:
    with SlackServer() as slack:
        with_slack(small_org, index="pypi")
        home = small_org.root / "home"
        (home / ".omnibase").mkdir(parents=True)
        stored = home / ".omnibase" / ".env"
        lines = [f"SLACK_BOT_TOKEN={TOKEN}", "SLACK_CHANNEL_ID=C0RELEASES"]
        stored.write_text("\n".join(lines), encoding="utf-8")
        slack.script = {1: [APPROVE]}
        password = "planted-index-password"  # noqa: S105 - of an index that is not there
        environ = {
            **index.environ,
            "HOME": str(home),
            "OMNI_RELEASE_SLACK_URL": slack.api,
            "OMNI_RELEASE_INDEX_URL": index.url.replace("://", f"://bot:{password}@"),
        }
        land(
            small_org.remote("beta"),
            ".pre-commit-config.yaml",
            "repos:\n- repo: local\n  hooks:\n  - id: tell\n    name: tell\n    language: system\n"
            f"    entry: sh -c 'env; cat {stored}; exit 1'\n    pass_filenames: false\n",
            "chore: a talkative hook",
        )

        ran = run_cli(small_org, "--run-id", RUN, "--verbose", env=environ)

        assert ran.code == 3
        assert "LINT_FAILED" in ran.err
        assert "SLACK_BOT_TOKEN=***" in ran.err
        assert slack.gates
        told = "\n".join(message["text"] for message in slack.messages)
        secrets = (TOKEN.encode(), password.encode())
        written = {"out": ran.out.encode(), "err": ran.err.encode(), "slack": told.encode()}
        for path in small_org.root.rglob("*"):
            if path.is_file() and path != stored:
                written[str(path)] = path.read_bytes()
        assert str(state_path(small_org)) in written
        assert any(name.endswith(".jsonl") or "journal" in name for name in written)
        found = {name for name, data in written.items() for secret in secrets if secret in data}
        assert found == set()
        assert json.loads(state_path(small_org).read_text(encoding="utf-8"))["gate"]["approver"]
