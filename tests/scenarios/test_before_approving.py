"""What a person sees before approving, and what a run looks at before it asks again."""

from __future__ import annotations

import json
import os
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from omninode_release.system.clock import FixedClock
from support.cli import MOMENT, Ran, Terminal, run_cli
from support.endings import (
    APPROVED,
    RUN,
    assert_released_once,
    break_phase,
    ending,
    main_log,
    release,
    state_of,
)
from support.failures import fails
from support.github import GitHub
from support.gitrepo import git, land
from support.repos import add_repo, configure, manifest
from support.slack_server import ANN, BEN, Say, SlackServer, refused

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")


APPROVE = Say("approve")
QUICK = {"polling": {"min_seconds": 0.01, "max_seconds": 0.05}}
WHEN = "2026-02-25 14:00 UTC"


def with_slack(org: Org, **changes: Any) -> None:
    configure(org, gate="slack", attestation="auto", approvers=[ANN], **QUICK)
    configure(org, **changes)


def later(hours: float) -> FixedClock:
    return FixedClock(MOMENT + timedelta(hours=hours))


# On the terminal.


def test_d_shows_entry_and_diff_and_asks_again(small_org: Org) -> None:
    ran = run_cli(small_org, stdin=Terminal("d beta\nd\nd gamma\napprove\n"))

    assert ran.code == 0, ran.err
    asked = ran.out.split("approve or reject? (d REPO shows its changes) ")
    assert len(asked) == 5
    assert "beta 0.4.0 → 0.4.1" in asked[1]
    entry = git(small_org.remote("beta"), "show", "main:CHANGELOG.md").split("## [0.4.1]")[1]
    shown = [line for line in entry.split("## [")[0].splitlines()[1:] if line.strip()]
    assert shown
    assert all(line in asked[1] for line in shown), asked[1]
    assert "1 file changed" in asked[1]
    [command] = [line for line in asked[1].splitlines() if line.startswith("git -C ")]
    assert git(small_org.clone("beta"), *command.split()[3:])
    assert "d: expected a repository of the plan (alpha, beta), found no name." in asked[2]
    assert "found gamma" in asked[3]


def test_the_terminal_names_who_may_approve_and_the_commits(small_org: Org) -> None:
    tips = [git(small_org.remote(repo), "rev-parse", "main").strip() for repo in small_org.repos]

    ran = run_cli(small_org, stdin=Terminal("reject\n"))

    before = ran.out[: ran.out.index("[HIGH_RISK]")]
    assert f"on the terminal of pat (uid {os.getuid()})" in before
    assert "Commits that reach a base branch later: they go along" in before
    assert all(tip in before for tip in tips)


def test_a_first_release_differs_in_everything(small_org: Org) -> None:
    configure(small_org, graph={"tiers": [{"gamma": []}], "ignore": ["alpha", "beta"]})
    files = {"pyproject.toml": manifest("gamma"), "src/gamma/__init__.py": "A = 1\n"}
    add_repo(small_org, "gamma", files)

    ran = run_cli(small_org, stdin=Terminal("d gamma\nreject\n"))

    assert "2 files changed" in ran.out


def test_hostile_words_stay_words_at_the_prompt(small_org: Org) -> None:
    land(small_org.remote("alpha"), "x.txt", "x\n", "fix: \x1b[2J\x9b31mred <!channel>")

    ran = run_cli(small_org, stdin=Terminal("d alpha\nreject\n"))

    assert "red" in ran.out
    assert not any((ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 for c in ran.out)


# In Slack.


def test_the_thread_has_what_the_message_has_no_room_for(small_org: Org) -> None:
    with_slack(small_org)
    tip = git(small_org.remote("alpha"), "rev-parse", "main").strip()
    with SlackServer() as slack:
        slack.script = {1: [APPROVE]}
        ran = run_cli(small_org, "--run-id", RUN, env=slack.environ)

        assert ran.code == 0, ran.err
        [gate] = slack.gates
        first, *others = slack.replies_of(gate["ts"])
    assert first.startswith("What will be released (1 of 1):\n\nWho may approve: in Slack U0ANN (")
    assert f"  alpha: main at {tip}" in first
    assert "alpha 1.0.0 → 1.1.0\n\n### Added\n" in first
    assert "Pin alpha==1.1.0" in first
    assert "<@" not in first
    decided, *ends = others
    assert decided.startswith("[APPROVED]")
    assert [each.split()[0] for each in ends] == ["alpha", "beta"]
    assert "What will be released" not in gate["text"]


def test_a_long_part_comes_in_pieces_that_slack_takes(small_org: Org) -> None:
    with_slack(small_org)
    for number in range(40):
        words = f"feat: <!channel> & {number} {'a long word about it ' * 12}"
        land(small_org.remote("alpha"), f"{number}.txt", "x\n", words)
    with SlackServer() as slack:
        slack.script = {1: [Say("reject")]}
        run_cli(small_org, "--run-id", RUN, env=slack.environ)

        parts = slack.replies_of(slack.gates[0]["ts"])[:-1]
    assert len(parts) > 3
    assert [part.splitlines()[0] for part in parts] == [
        f"What will be released ({n} of {len(parts)}):" for n in range(1, len(parts) + 1)
    ]
    assert all(len(part) < 4000 for part in parts)
    assert "<!channel>" not in "".join(parts)


def test_what_stands_in_the_thread_already_is_not_posted_again(small_org: Org) -> None:
    with_slack(small_org, timeouts={"gate_minutes": 0.002})
    with SlackServer() as slack:
        run_cli(small_org, "--run-id", RUN, env=slack.environ)
        ts = slack.gates[0]["ts"]
        slack.messages = [m for m in slack.messages if not m["text"].startswith("[CLOSED]")]
        state = small_org.root / "state_home" / "state" / "release" / f"{RUN}.json"
        told = json.loads(state.read_text(encoding="utf-8"))
        told["gate"] |= {"decision": "pending", "at": None}
        state.write_text(json.dumps(told), encoding="utf-8")
        slack.script = {slack.calls["looks"] + 3: [APPROVE]}
        configure(small_org, timeouts={"gate_minutes": 1})

        ran = run_cli(small_org, "--run-id", RUN, env=slack.environ)

        assert ran.code == 0, ran.err
        posted = [t for t in slack.replies_of(ts) if t.startswith("What will be released")]
        assert len(slack.gates) == len(posted) == 1


@pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed")
def test_on_github_the_thread_links_the_comparison(small_org: Org, github: GitHub) -> None:
    with_slack(small_org, forge="github")
    tip = git(small_org.remote("beta"), "rev-parse", "main").strip()
    with SlackServer() as slack:
        slack.script = {1: [Say("reject")]}
        fails(small_org, ErrorCode.GATE_REJECTED, env={**github.env, **slack.environ})

        first = slack.replies_of(slack.gates[0]["ts"])[0]
    assert f"Compare: https://github.com/pair/beta/compare/v0.4.0...{tip}" in first


# Who may approve, said where a person looks.


def test_anybody_in_the_channel_is_said_in_plan_message_and_doctor(small_org: Org) -> None:
    with_slack(small_org, approvers=[])
    with SlackServer() as slack:
        slack.script = {1: [Say("reject")]}
        dry = run_cli(small_org, "--dry-run", env=slack.environ)
        ran = run_cli(small_org, "--run-id", RUN, env=slack.environ)
        doctor = run_cli(small_org, "doctor", env=slack.environ)

        message = slack.gates[0]["text"]
    for text in (dry.out, ran.out, message, doctor.out):
        assert "every full member of the workspace who is in the channel may approve" in text
    assert doctor.code == 0


def test_doctor_shows_the_policy_its_path_and_its_effect(small_org: Org, tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(f"gate: slack\napprovers: [{ANN}]\n", encoding="utf-8")
    with SlackServer() as slack:
        env = {**slack.environ, "OMNI_RELEASE_POLICY": str(path)}
        ran = run_cli(small_org, "doctor", env=env)

    assert f"{path} demands gate: slack, approvers: [{ANN}]" in ran.out
    assert f"{path} makes it gate: slack; the configuration says console" in ran.out


def test_a_bot_that_may_not_look_people_up_is_told_before_the_gate(small_org: Org) -> None:
    with_slack(small_org)
    with SlackServer() as slack:
        slack.troubles = {"users.info": [refused("missing_scope")]}
        ran = run_cli(small_org, "doctor", env=slack.environ)

    assert ran.code == 1
    assert "Slack's users.info failed: missing_scope" in ran.out


# A dry run says what a token would be worth.


@pytest.mark.parametrize("attestation", ["auto", "verify"])
def test_a_dry_run_says_how_its_token_would_be_checked(small_org: Org, attestation: str) -> None:
    configure(small_org, attestation=attestation)
    words = (
        "--dry-run",
        "--strict",
        "--run-id",
        RUN,
        "--gate-attestation",
        f"1740312612.000100:{RUN}",
    )
    with SlackServer() as slack:
        known = run_cli(small_org, *words, env=slack.environ)
        unknown = run_cli(small_org, *words)

        assert slack.requests == []  # a plain dry run asks no service
    assert known.code == 0
    assert "a real run looks the gate token 1740312612.000100:pair up in Slack" in known.out
    if attestation == "auto":
        assert unknown.code == 0
        assert "approved by an unverified token" in unknown.out
    else:
        assert unknown.code == 1
        assert "a real run refuses the gate token: CREDENTIALS_MISSING" in unknown.out


@pytest.mark.parametrize("reply", ["approve", "not yet"])
def test_a_preflight_looks_the_token_up(small_org: Org, reply: str) -> None:
    with_slack(small_org)
    with SlackServer() as slack:
        slack.script = {2: [Say("reject")]}
        fails(small_org, ErrorCode.GATE_REJECTED, "--run-id", RUN, env=slack.environ)
        ts = slack.gates[0]["ts"]
        slack.messages = [m for m in slack.messages if m["text"] != "reject"]
        slack.write(Say(reply), thread=ts)
        words = ("--dry-run", "--strict", "--preflight", "--run-id", RUN)
        before = len(slack.messages)

        ran = run_cli(small_org, *words, "--gate-attestation", f"{ts}:{RUN}", env=slack.environ)

        assert len(slack.messages) == before
    assert ran.code == (0 if reply == "approve" else 1), ran.out
    assert ("INVALID_GATE_TOKEN gate token: expected" in ran.out) is (reply != "approve")


# Asked again, or not.


def half_done(org: Org, *, env: dict[str, str], stdin: Terminal | None = None) -> Ran:
    """A run that a person approved and that stopped in beta, before anything of beta is out."""
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.COMMIT, after_effect=False)
        ran = run_cli(org, "--run-id", RUN, env=env, stdin=stdin or "")
    assert ran.code == 3, ran.err
    return ran


def test_an_approval_of_what_is_left_is_taken_up_and_named(small_org: Org) -> None:
    with_slack(small_org, resume_gate="reuse")
    with SlackServer() as slack:
        slack.script = {1: [APPROVE]}
        half_done(small_org, env=slack.environ)

        ran = run_cli(small_org, "--resume", RUN, env=slack.environ, clock=later(23))

        assert ran.code == 0, ran.err
        assert len(slack.gates) == 1
    assert_released_once(small_org)
    named = f"approved at {WHEN} by {ANN} for run {RUN}, taken up"
    assert ran.result is not None
    gate = ran.result["gate"]
    assert (gate["taken_up"], gate["approver"], gate["provider"]) == (named, ANN, "slack")
    assert gate["at"] == "2026-02-25T14:00:00Z"
    assert named in ran.result["warnings"]
    assert named in ran.out[: ran.out.index("Plan hash")]
    assert named in run_cli(small_org, "status", RUN).out


@pytest.mark.parametrize("hours", [24, 1e300])
def test_an_approval_on_the_terminal_is_taken_up(small_org: Org, hours: float) -> None:
    configure(small_org, resume_gate="reuse", approval_hours=hours)
    half_done(small_org, env={}, stdin=Terminal("approve\n"))

    ran = run_cli(small_org, "--resume", RUN, clock=later(1), stdin="")  # nobody is there

    assert ran.code == 0, ran.err
    assert f"by pat (uid {os.getuid()}) for run {RUN}, taken up" in ran.out


def rejected_since(slack: SlackServer, _org: Org) -> None:
    slack.write(Say("reject"), thread=slack.gates[0]["ts"])


def no_approver_any_more(_slack: SlackServer, org: Org) -> None:
    configure(org, approvers=[BEN])


def changed_rows(_slack: SlackServer, org: Org) -> None:
    land(org.remote("beta"), "x.md", "x\n", "feat: more")


def asks_again(_slack: SlackServer, org: Org) -> None:
    configure(org, resume_gate="ask")


def shorter(_slack: SlackServer, org: Org) -> None:
    configure(org, approval_hours=0.5)


@pytest.mark.parametrize(
    "meanwhile",
    [rejected_since, no_approver_any_more, changed_rows, asks_again, shorter],
    ids=lambda each: each.__name__,
)
def test_any_other_approval_is_asked_for_again(small_org: Org, meanwhile: Any) -> None:
    with_slack(small_org, resume_gate="reuse")
    with SlackServer() as slack:
        slack.script = {1: [APPROVE]}
        half_done(small_org, env=slack.environ)
        meanwhile(slack, small_org)
        approvers = BEN if meanwhile is no_approver_any_more else ANN
        slack.script = {n: [Say("reject", approvers)] for n in range(3, 9)}
        before = ending(small_org)["remotes"]

        ran = run_cli(small_org, "--resume", RUN, env=slack.environ, clock=later(1))

        assert ran.result is not None
        assert ran.result["error_code"] == "GATE_REJECTED"
        assert ending(small_org)["remotes"] == before
        assert len(slack.gates) == 2


def test_an_unverified_token_is_never_taken_up(small_org: Org) -> None:
    configure(small_org, resume_gate="reuse")
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.COMMIT, after_effect=False)
        assert release(small_org).code == 3

    ran = run_cli(small_org, "--resume", RUN, stdin="")

    assert ran.result is not None
    assert ran.result["error_code"] == "GATE_FAILED"


def test_a_resume_looks_before_it_asks(small_org: Org) -> None:
    with_slack(small_org)
    with SlackServer() as slack:
        slack.script = {1: [APPROVE]}
        with pytest.MonkeyPatch.context() as patch:
            break_phase(patch, Phase.MERGE, after_effect=False)
            assert run_cli(small_org, "--run-id", RUN, env=slack.environ).code == 3
        land(small_org.remote("beta"), "x.md", "x\n", "feat: more")
        slack.script = {slack.calls["looks"] + 1: [APPROVE]}

        ran = run_cli(small_org, "--resume", RUN, env=slack.environ)

        assert ran.code == 0, ran.err
        assert len(slack.gates) == 2
        assert "0.4.0 → 0.5.0  (minor" in slack.gates[1]["text"]
    assert main_log(small_org, "beta")[:2] == ["release: beta v0.5.0 (#2)", "feat: more"]
    events = [each["event"] for each in state_of(small_org)["repos"]["beta"]["phase_history"]]
    assert events.count("RESTARTED") == 1


def test_a_resume_of_what_is_merged_already_is_not_stale(small_org: Org) -> None:
    configure(small_org, late_commits="refuse")
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.MERGE, after_effect=True)
        assert release(small_org).code == 3
    land(small_org.remote("beta"), "x.md", "x\n", "feat: more")

    ran = run_cli(small_org, "--resume", RUN, *APPROVED)

    assert ran.code == 0, ran.err
    assert [each["new_version"] for each in (ran.result or {})["details"]] == ["1.1.0", "0.4.1"]
