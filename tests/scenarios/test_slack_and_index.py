"""Releases whose index is asked over HTTP and whose gate is answered in Slack."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from omninode_release.system.clock import FixedClock
from support.blocks import texts_of
from support.cli import MOMENT, Ran, run_cli
from support.endings import (
    APPROVED,
    RUN,
    assert_released_once,
    break_phase,
    main_log,
    release,
    state_of,
    state_path,
)
from support.failures import fails, provoked, provokes
from support.gitrepo import git, land
from support.pypi_server import PyPIServer
from support.repos import configure, spoil
from support.slack_server import (
    ANN,
    BEN,
    CUT_AFTER,
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

APPROVE = Say("approve")


class Died(BaseException):
    """The process is gone, between two lines."""


class Mortal(FixedClock):
    """A clock that does not survive its n-th sleep."""

    def __init__(self, sleeps: int) -> None:
        super().__init__(MOMENT)
        self.left = sleeps

    def sleep(self, seconds: float) -> None:
        self.left -= 1
        if self.left == 0:
            raise Died
        super().sleep(min(seconds, 0.02))


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


@pytest.fixture
def index(small_org: Org) -> Iterator[PyPIServer]:
    with PyPIServer(folder=small_org.root / "index") as server:
        yield server


def with_slack(org: Org, **changes: Any) -> None:
    configure(org, gate="slack", attestation="auto", **changes)


def asked(org: Org, slack: SlackServer, *args: str, **around: Any) -> Ran:
    """A run whose gate is answered in Slack."""
    return run_cli(org, "--run-id", RUN, *args, env=slack.environ, **around)


def of_index(server: PyPIServer) -> dict[str, str]:
    return {"OMNI_RELEASE_INDEX_URL": server.url, "UV_DEFAULT_INDEX": f"{server.url}/simple/"}


# All of it.


def test_a_release_through_slack_and_an_index(
    small_org: Org, slack: SlackServer, index: PyPIServer
) -> None:
    with_slack(small_org, index="pypi", approvers=[ANN])
    slack.script = {2: [Say("approve", BEN)], 4: [APPROVE]}
    index.late = {"alpha 1.1.0": 3, "beta 0.4.1": 1}

    ran = run_cli(small_org, "--run-id", RUN, env={**slack.environ, **of_index(index)})

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

    ran = run_cli(small_org, "alpha", "--run-id", RUN, *APPROVED, env=of_index(index))

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


# The gate.


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


# Tokens.


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


# The index.


def released_with(org: Org, server: PyPIServer, *args: str) -> Ran:
    return run_cli(
        org, "--run-id", RUN, "--gate-attestation", f"1740312612.000100:{RUN}", *args,
        env=of_index(server),
    )  # fmt: skip


@provokes(ErrorCode.CONFIG_INVALID)
def test_an_index_address_that_is_none_is_refused_before_the_gate(small_org: Org) -> None:
    configure(small_org, index="pypi", index_url="https://index.example/")
    environ = {"OMNI_RELEASE_INDEX_URL": "ftp://bot:planted@index.example"}

    failure = fails(small_org, ErrorCode.CONFIG_INVALID, *APPROVED, "--run-id", RUN, env=environ)

    failure.says("expected the package index's address", "ftp://index.example", "index_url")


@provokes(ErrorCode.PYPI_TIMEOUT)
def test_an_index_that_stays_late_is_a_timeout_that_says_how_it_stands(
    small_org: Org, index: PyPIServer
) -> None:
    configure(small_org, index="pypi")
    index.late = {"alpha 1.1.0": 10_000}

    ran = released_with(small_org, index, "--pypi-timeout-minutes", "0.01")

    assert ran.code == 1
    assert ran.result is not None
    assert ran.result["error_code"] == "PYPI_TIMEOUT"
    assert ran.result["details"][0]["pypi_status"] == "pending"
    assert "announced, and not on the simple index yet" in ran.err
    provoked(ErrorCode.PYPI_TIMEOUT)


@pytest.mark.parametrize("first", [False, True], ids=["known project", "first release"])
def test_what_was_not_waited_for_is_waited_for_where_it_is_locked(
    small_org: Org, index: PyPIServer, *, first: bool
) -> None:
    configure(small_org, index="pypi")
    if first:
        for path in index.folder.glob("alpha-*"):
            path.unlink()
    index.late = {"alpha 1.1.0": 4}

    ran = released_with(small_org, index, "--skip-pypi-wait")

    assert ran.code == 0, ran.out + ran.err
    assert ran.result is not None
    assert [d["pypi_status"] for d in ran.result["details"]] == ["pending", "available"]
    assert "waiting for beta: the index to show what this run published" in ran.out


# Secrets.


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
            **of_index(index),
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
