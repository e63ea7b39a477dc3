"""What services say that nobody planned for: a sure no, what is not known, and what shows late."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from omninode_release.commands.main import main
from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from omninode_release.system.clock import FixedClock
from support.cli import MOMENT, Ran, Terminal, run_cli
from support.endings import APPROVED, RUN, before_phase, branch, break_phase, main_log
from support.failures import fails
from support.forges import commit_on
from support.github import Fault, GitHub, Refusal
from support.gitrepo import git, land
from support.passing import Passing
from support.repos import configure

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

pytestmark = [
    pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed"),
    pytest.mark.usefixtures("only_steps", "no_hooks"),
]

SOON = {
    "timeouts": {
        "checks_grace_seconds": 0.05,
        "workflow_grace_seconds": 0.3,
        "index_grace_seconds": 0.3,
        "own_grace_seconds": 20,
        "merge_minutes": 1,
    },
    "polling": {"min_seconds": 0.01, "max_seconds": 0.25},
}
"""Graces of a clock on which a call takes no time, however busy the machine is."""
ONCE = {"pull requests": 1, "merges": 1, "runs": 1, "dispatches": 0}


@pytest.fixture
def hub(github: GitHub, small_org: Org) -> GitHub:
    configure(small_org, forge="github", **SOON)
    return github


def release(org: Org, hub: GitHub, *args: str) -> Ran:
    return run_cli(org, "--run-id", RUN, *APPROVED, "alpha", *args, env=hub.env, clock=Passing())


def said(status: int, message: str, **headers: str) -> Refusal:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Refusal(status, {"message": message}, named)


def graphql(message: str, **error: Any) -> Refusal:
    return Refusal(200, {"data": {"repository": None}, "errors": [{"message": message, **error}]})


# A sure no.

SAML = "Resource protected by organization SAML enforcement."
SSO = "required; url=https://github.com/orgs/pair/sso?authorization_request=AAAA"
BY_TOKEN = "Resource not accessible by personal access token"  # noqa: S105 - GitHub's words
REFUSALS: dict[str, tuple[Refusal, ErrorCode, list[str]]] = {
    "a token that is no more": (
        said(401, "Bad credentials"), ErrorCode.CREDENTIALS_MISSING,
        ["gh auth login --hostname github.com, or set GH_TOKEN"]),
    "SAML over REST": (
        said(403, SAML, X_GitHub_SSO=SSO), ErrorCode.PUSH_FAILED,
        ["SAML", "https://github.com/orgs/pair/sso?authorization_request=AAAA"]),
    "SAML over GraphQL": (
        graphql(SAML, type="FORBIDDEN", extensions={"saml_failure": True}), ErrorCode.PUSH_FAILED,
        ["authorise the token for pair at https://github.com/settings/tokens"]),
    "a fine-grained token": (
        graphql(BY_TOKEN, type="FORBIDDEN"), ErrorCode.PUSH_FAILED,
        [BY_TOKEN, "pair/alpha at https://github.com/settings/personal-access-tokens"]),
    "the token of a workflow": (
        said(403, "Resource not accessible by integration"), ErrorCode.PUSH_FAILED,
        ["pull-requests: write"]),
    "an error nobody knows": (
        graphql("No. Just no.", type="SOMETHING_NEW"), ErrorCode.PUSH_FAILED,
        ["No. Just no.", "https://github.com/pair/alpha/settings"]),
    "an error without words": (
        Refusal(200, {"errors": [{"type": "UNPROCESSABLE", "field": "owner", "code": "odd"}]}),
        ErrorCode.PUSH_FAILED, ["owner: odd"]),
}  # fmt: skip


@pytest.mark.parametrize(("refusal", "code", "words"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_told_before_the_gate_with_the_address_where_it_is_mended(
    small_org: Org, hub: GitHub, refusal: Refusal, code: ErrorCode, words: list[str]
) -> None:
    hub.policy("alpha").refusal = refusal

    failure = fails(small_org, code, "alpha", "--run-id", RUN, env=hub.env, state="none")

    failure.says(*words)


def test_a_repository_that_was_renamed_is_told_before_the_gate(small_org: Org, hub: GitHub) -> None:
    hub.policy("alpha").renamed_to = "pair/alpha-two"

    failure = fails(
        small_org, ErrorCode.PUSH_FAILED, "alpha", "--run-id", RUN, env=hub.env, state="none"
    )

    clone = small_org.clone("alpha")
    failure.says(
        f"git -C {clone} remote set-url origin https://github.com/pair/alpha-two",
        "found pair/alpha, which is pair/alpha-two now",
    )


@pytest.mark.parametrize("status", [307, 308])
def test_a_dispatch_that_is_sent_elsewhere_is_not_done(
    small_org: Org, hub: GitHub, status: int
) -> None:
    hub.policy("alpha").push_starts = False
    moved = {"Location": "https://api.github.com/repositories/1/actions/workflows/x/dispatches"}
    hub.policy("alpha").early = {
        "dispatch": (99, Refusal(status, {"message": "Moved Permanently"}, moved))
    }

    ran = release(small_org, hub)

    told = ran.err
    assert ran.code == 1, told
    assert "PUBLISH_FAILED" in told
    assert f"git -C {small_org.clone('alpha')} remote set-url origin URL takes it" in told
    assert "--gate-attestation" not in told  # the address that is set was not approved
    assert hub.counts("alpha") == {**ONCE, "runs": 0}
    assert f"--resume {RUN}" in told


def test_runs_that_a_login_may_not_see_start_none(small_org: Org, hub: GitHub) -> None:
    hub.policy("alpha").early = {"runs": (9, said(404, "Not Found"))}

    stopped = release(small_org, hub)

    assert "PUBLISH_FAILED" in stopped.err
    assert "gh workflow view release.yml --repo pair/alpha (another login" in stopped.err
    hub.policy("alpha").early = {}
    ran = run_cli(small_org, *typed(stopped.err), *APPROVED, env=hub.env, clock=Passing())
    assert ran.code == 0, ran.err
    assert hub.counts("alpha") == ONCE


def test_what_is_published_needs_no_run_that_can_be_seen(small_org: Org, hub: GitHub) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.PUBLISH, after_effect=True, repo="alpha")
        assert "PUBLISH was made to fail" in release(small_org, hub).err
    hub.policy("alpha").early = {"runs": (99, said(404, "Not Found"))}

    ran = run_cli(small_org, "--resume", RUN, *APPROVED, env=hub.env, clock=Passing())

    assert ran.code == 0, ran.err
    assert hub.counts("alpha") == ONCE


# Our own write is not visible at once.

EARLY: dict[str, tuple[str, Refusal, int]] = {
    "a head that was pushed a moment ago": ("create", Refusal(422, {
        "message": "Validation Failed",
        "errors": [{"resource": "PullRequest", "field": "head", "code": "invalid"}]}), 9),
    "no commits of a head that was pushed a moment ago": (
        "create", said(422, "Validation Failed: No commits between main and release/x"), 9),
    "a pull request that was made a moment ago": (
        "ViewPullRequest", graphql("Could not resolve to a PullRequest with the number of 1.",
                                   type="NOT_FOUND", path=["repository", "pullRequest"]), 9),
    "a merge that is under way": (
        "MergePullRequest", Refusal(200, {"data": {"mergePullRequest": None}, "errors": [
            {"type": "UNPROCESSABLE", "message": "Merge already in progress"}]}), 9),
    "a base branch that moved": (
        "MergePullRequest", Refusal(200, {"data": {"mergePullRequest": None}, "errors": [
            {"type": "UNPROCESSABLE",
             "message": "Base branch was modified. Review and try the merge again."}]}), 3),
}  # fmt: skip


@pytest.mark.parametrize(("call", "refusal", "times"), EARLY.values(), ids=EARLY)
def test_what_does_not_show_yet_is_asked_for_again(
    small_org: Org, hub: GitHub, call: str, refusal: Refusal, times: int
) -> None:
    hub.policy("alpha").early = {call: (times, refusal)}

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert hub.counts("alpha") == ONCE
    assert hub.policy("alpha").early[call][0] == 0


def test_a_merge_that_git_does_not_serve_yet_is_waited_for(small_org: Org, hub: GitHub) -> None:
    hub.policy("alpha").merge_hidden_seconds = 1

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert hub.counts("alpha") == ONCE


def test_a_merge_that_git_never_serves_is_told_and_can_be_resumed(
    small_org: Org, hub: GitHub
) -> None:
    configure(small_org, timeouts={**SOON["timeouts"], "own_grace_seconds": 0.3})
    hub.policy("alpha").merge_hidden_seconds = 3600

    stopped = release(small_org, hub)

    assert "MERGE_FAILED" in stopped.err
    assert "the forge says merged, but " in stopped.err
    hub.repository("alpha").serve_merge()
    ran = run_cli(small_org, "--resume", RUN, *APPROVED, env=hub.env)
    assert ran.code == 0, ran.err
    assert hub.counts("alpha") == ONCE


@pytest.mark.parametrize("gap", [1, 9])
def test_an_entry_that_is_gone_before_the_queue_has_merged_is_waited_for(
    small_org: Org, hub: GitHub, gap: int
) -> None:
    hub.policy("alpha").queue, hub.policy("alpha").queue_gap = "merges", gap

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert hub.counts("alpha") == ONCE
    assert hub.calls("alpha", "EnqueuePullRequest") == 1


def test_a_pull_request_that_a_workflow_may_not_make_is_told_with_the_setting(
    small_org: Org, hub: GitHub
) -> None:
    no = said(403, "GitHub Actions is not permitted to create or approve pull requests.")
    hub.policy("alpha").early = {"create": (99, no)}

    failure = fails(
        small_org, ErrorCode.PR_FAILED, "alpha", "--run-id", RUN, env=hub.env,
        at=("alpha", Phase.PR),
    )  # fmt: skip

    failure.says("https://github.com/pair/alpha/settings/actions", f"omni-release --resume {RUN}")


def test_a_head_that_stays_invalid_is_told_with_field_and_code(small_org: Org, hub: GitHub) -> None:
    configure(small_org, timeouts={**SOON["timeouts"], "own_grace_seconds": 0.3})
    hub.policy("alpha").early = {
        "create": (10_000, EARLY["a head that was pushed a moment ago"][1])
    }

    failure = fails(
        small_org, ErrorCode.PR_FAILED, "alpha", "--run-id", RUN, env=hub.env,
        at=("alpha", Phase.PR),
    )  # fmt: skip

    failure.says("Validation Failed: PullRequest.head: invalid", f"omni-release --resume {RUN}")


def test_a_tag_that_the_dispatch_does_not_find_yet_is_asked_for_again(
    small_org: Org, hub: GitHub
) -> None:
    hub.policy("alpha").push_starts = False
    hub.policy("alpha").early = {"dispatch": (9, said(422, "No ref found for: refs/tags/v1.1.0"))}

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert hub.counts("alpha") == {**ONCE, "dispatches": 1}


def test_a_run_that_shows_up_late_is_not_dispatched_twice(small_org: Org, hub: GitHub) -> None:
    """The answer to the dispatch is lost, and the run is listed only after many looks."""
    hub.policy("alpha").push_starts = False
    hub.policy("alpha").run_hidden = 40
    hub.inject(Fault("lost", "dispatch"))

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert hub.counts("alpha") == {**ONCE, "dispatches": 1}


# What to type next works as it is written.


def typed(words: str) -> list[str]:
    """The ``omni-release`` command in a hint, as a shell takes it apart."""
    found = re.search(r"omni-release (--resume [^\s,;:]+)", words)
    assert found, words
    return shlex.split(found[1])


def test_the_next_command_works_as_it_is_written(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Configuration and clones were named on the command line; the next command names neither."""
    config = tmp_path / "elsewhere.yaml"
    (small_org.omni_home / "release.yaml").rename(config)
    text = yaml.safe_load(config.read_text(encoding="utf-8"))
    text["local"] = {**text["local"], "index_dir": str(small_org.index)}
    config.write_text(yaml.safe_dump({**text, "rehearse": False}), encoding="utf-8")
    places = {"ONEX_STATE_DIR": str(small_org.root / "state_home"), "HOME": str(tmp_path)}

    def run(*args: str) -> tuple[int, str]:
        out, err = io.StringIO(), io.StringIO()
        environ = {**os.environ, **places}
        environ.pop("OMNI_HOME", None)
        code = main(
            args, environ=environ, clock=FixedClock(MOMENT), stdin=Terminal("approve\n"),
            stdout=out, stderr=err,
        )  # fmt: skip
        return code, err.getvalue()

    with monkeypatch.context() as patch:
        break_phase(patch, Phase.PUSH, after_effect=False, repo="alpha")
        code, err = run(
            "alpha", "--run-id", RUN, "--config", str(config),
            "--omni-home", str(small_org.omni_home),
        )  # fmt: skip
    assert code == 1, err

    code, err = run(*typed(err))

    assert code == 0, err
    assert main_log(small_org, "alpha")[0].startswith("release: alpha v1.1.0")


# What others wrote is repeated, cut where it has to be, and never acted upon.


def test_a_release_closes_no_issue_again(small_org: Org, hub: GitHub) -> None:
    configure(small_org, pull_request={"body": ["Closes #77"]})
    land(small_org.remote("alpha"), "a.txt", "a", "fix: a thing, fixes #12 (closes: x/y#3)")

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    [pull] = hub.repository("alpha").pulls.values()
    assert "fixes (#12)" in pull.body
    assert "closes: (x/y#3)" in pull.body
    assert "Closes #77" in pull.body, "what the organisation itself writes stays"
    merged = git(small_org.remote("alpha"), "log", "-1", "--format=%B", "main")
    assert "fixes #12" not in merged


def test_a_commit_that_skipped_its_checks_skips_no_workflow_of_the_release(
    small_org: Org, hub: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act() -> None:
        on = small_org.remote("alpha"), f"refs/heads/{branch('alpha')}"
        commit_on(*on, "a.md", "A.", "docs: words [skip ci]")
        commit_on(*on, "b.md", "B.", "docs: more")

    before_phase(monkeypatch, Phase.MERGE, act, repo="alpha")

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert hub.counts("alpha") == ONCE
    merged = git(small_org.remote("alpha"), "log", "-1", "--format=%B", "v1.1.0")
    assert "(docs: words (skip ci))" in merged
    [pull] = hub.repository("alpha").pulls.values()
    assert "[skip ci]" not in pull.body, "a squash of the forge's own takes its words"


def test_a_body_is_cut_with_the_address_of_the_rest(small_org: Org, hub: GitHub) -> None:
    for number in range(20):
        words = f"fix: thing {number} {'x' * 4000}"
        land(small_org.remote("alpha"), "a.txt", str(number), words)

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    [pull] = hub.repository("alpha").pulls.values()
    assert 60_000 < len(pull.body) <= 65_536
    assert "see https://github.com/pair/alpha/compare/" in pull.body
    assert f"Release-Run: {RUN}" in pull.body
