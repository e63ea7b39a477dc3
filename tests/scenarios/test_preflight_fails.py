"""What would fail a release is refused before its gate, all of it at once."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.errors import ErrorCode
from support.endings import RUN
from support.failures import fails
from support.github import GitHub
from support.gitrepo import git
from support.loopback import Reply
from support.preflight_desk import (
    BY_POLICY,
    OTHER,
    Desk,
    base_on_develop,
    deploys,
    policy,
    ruled,
    workflow,
)
from support.pypi_server import SIMPLE_JSON, PyPIServer, add_files
from support.repos import configure
from support.slack_server import SlackServer, refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omninode_release.commands.demo_org import Org


pytestmark = pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed")


@pytest.fixture
def desk(small_org: Org, github: GitHub) -> Iterator[Desk]:
    with PyPIServer(folder=small_org.root / "index") as index, SlackServer() as slack:
        yield Desk(small_org, github, index, slack)


def a_fork(desk: Desk) -> None:
    configure(desk.org, organization="Upstream")
    desk.hub.policy("alpha").fork_of = "upstream/alpha"


def no_workflow(desk: Desk) -> None:
    clone = desk.org.clone("alpha")
    git(clone, "rm", "--quiet", ".github/workflows/release.yml")
    git(clone, "commit", "--quiet", "--message", "ci: none")
    git(clone, "push", "--quiet", str(desk.org.remote("alpha")), "HEAD:main")
    git(clone, "update-ref", "refs/remotes/origin/main", "HEAD")


def a_subject_that_skips(desk: Desk) -> None:
    configure(desk.org, commit_subject="release: {repo} v{version} [skip ci]")
    workflow('on: {push: {tags: ["v*"]}}\n')(desk)


def no_identity(desk: Desk) -> None:
    config = desk.org.clone("alpha") / ".git" / "config"
    with config.open("a", encoding="utf-8") as file:
        file.write("[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = /nonexistent/gpg\n")


def other_merges(desk: Desk) -> None:
    ruled("BRANCH", {"PULL_REQUEST": None}, "~DEFAULT_BRANCH")(desk)
    policy(merge_methods=("merge", "rebase"))(desk)


def yanked(desk: Desk) -> None:
    add_files(desk.index.folder, "alpha-1.1.0-py3-none-any.whl")
    desk.index.yanked = {"alpha-1.1.0-py3-none-any.whl": "broken"}


def archived(desk: Desk) -> None:
    desk.index.status = {"alpha": ("archived", "it is finished")}


def folder_of_ours(desk: Desk) -> None:
    git(desk.org.remote("alpha"), "update-ref", "refs/tags/alpha", "v1.0.0^{commit}")


def folder_in_the_clone(desk: Desk) -> None:
    git(desk.org.clone("alpha"), "update-ref", "refs/tags/v1.1.0/rc", "HEAD")


def pushed_elsewhere(desk: Desk) -> None:
    nowhere = desk.org.root / "no-such-repository"
    git(desk.org.clone("alpha"), "config", "remote.origin.pushurl", str(nowhere))


def tagged(desk: Desk) -> None:
    git(desk.org.remote("alpha"), "tag", "v1.1.0", "v1.0.0")


def opened_by_another_run(desk: Desk) -> None:
    remote = desk.org.remote("alpha")
    tree = git(remote, "rev-parse", "main^{tree}")
    made = git(remote, "commit-tree", tree, "-p", "main", "-m", "release: alpha v1.1.0")
    git(remote, "update-ref", f"refs/heads/{OTHER}", made)
    repository = desk.hub.repository("alpha")
    repository.sync()
    repository.open(title="release: alpha", body="", branch=OTHER, base="main")


def keeps_the_tag_that_a_dispatch_names(desk: Desk) -> None:
    configure(desk.org, publish={"trigger": "dispatch"})
    by_hand = "on: {workflow_dispatch: {inputs: {tag: {required: true}}}}\n"
    workflow(f"{by_hand}jobs: {{up: {{steps: [{{run: uv publish}}]}}}}\n")(desk)
    ruled("TAG", {"CREATION": None}, "refs/tags/v*")(desk)


def a_queue_of_another_branch(desk: Desk) -> None:
    base_on_develop(desk)
    policy(squash_allowed=False, queue="merges", queue_of="main")(desk)


ONLY_PROTECTED = {"protected_branches": True, "custom_branch_policies": False}
ENVIRONMENTS = "at https://github.com/pair/alpha/settings/environments"
AT_HOME = {"operator": "ends_with", "pattern": "@pair.example"}
RULESET = "at https://github.com/pair/alpha/rules/7"
FAILING: dict[str, tuple[Any, str, ErrorCode, list[str]]] = {
    "read only": (policy(permission="READ"), "push", ErrorCode.PUSH_FAILED,
                  ["expected carl to have write permission on pair/alpha", "ask an owner"]),
    "a fork of the organisation's": (
        a_fork, "fork", ErrorCode.PUSH_FAILED,
        ["found pair/alpha, which is a fork of upstream/alpha: branch, pull request and tags",
         "remote set-url origin https://github.com/upstream/alpha"]),
    "archived": (policy(archived=True), "push", ErrorCode.PUSH_FAILED,
                 ["found it archived",
                  "gh api --method PATCH repos/pair/alpha --field archived=false"]),
    "no squash": (policy(squash_allowed=False), "merge", ErrorCode.MERGE_FAILED,
                  ["to allow squash merging", "gh repo edit pair/alpha --enable-squash-merge"]),
    "no squash, and a queue of another branch": (
        a_queue_of_another_branch, "merge", ErrorCode.MERGE_FAILED, ["to allow squash merging"]),
    "a ruleset that wants merges of another kind": (
        other_merges, "merge", ErrorCode.MERGE_FAILED,
        ["a ruleset allows merge and rebase only", f"allow squashing {RULESET}"]),
    "a workflow that is disabled": (
        policy(workflow="disabled_manually"), "workflow", ErrorCode.PUBLISH_FAILED,
        ["found it disabled", "gh workflow enable release.yml --repo pair/alpha"]),
    "a workflow GitHub does not know": (
        policy(workflow=None), "workflow", ErrorCode.PUBLISH_FAILED,
        ["release.yml on the default branch of pair/alpha, found none that this login can see",
         "gh workflow view release.yml --repo pair/alpha (another login, or a token that may"]),
    "no workflow": (no_workflow, "workflow", ErrorCode.PUBLISH_FAILED, ["found none"]),
    "a workflow nothing starts": (
        workflow("on: {push: {branches: [main]}}\n"), "workflow", ErrorCode.PUBLISH_FAILED,
        ["alpha/v1.1.0 or v1.1.0", "it has no workflow_dispatch"]),
    "a workflow that wants more": (
        workflow("on: {workflow_dispatch: {inputs: {tag: {}, to: {required: true}}}}\n"),
        "workflow", ErrorCode.PUBLISH_FAILED, ["requires to, too"]),
    "a subject that skips workflows": (
        a_subject_that_skips, "workflow", ErrorCode.PUBLISH_FAILED,
        ["commit_subject has [skip ci], by which a tag starts nothing, and it has no workflow_d"]),
    "another run": (opened_by_another_run, "other runs", ErrorCode.PR_FAILED,
                    ["https://github.com/pair/alpha/pull/1", OTHER, "--resume another"]),
    "no key to sign with": (no_identity, "identity", ErrorCode.COMMIT_FAILED,
                            ["git cannot make a commit in", "signing key"]),
    "a version that is yanked": (yanked, "version", ErrorCode.VERSION_INVALID,
                                 ["alpha 1.1.0 to be free", "(yanked)", "--version alpha=X.Y.Z"]),
    "a project that takes no files": (
        archived, "version", ErrorCode.PUBLISH_FAILED,
        ["the project is archived (it is finished)", "/manage/project/alpha/settings/"]),
    "a ruleset that keeps tags": (
        ruled("TAG", {"CREATION": None, "DELETION": None}, "refs/tags/v*"), "rules",
        ErrorCode.TAG_FAILED, ["make refs/tags/v1.1.0", "'kept'", RULESET]),
    "a ruleset that wants other names of tags": (
        ruled("TAG", {"TAG_NAME_PATTERN": {"operator": "starts_with", "pattern": "release-"}},
              "~ALL"), "rules", ErrorCode.TAG_FAILED, ["starts_with release-", RULESET]),
    "a ruleset that keeps branches": (
        ruled("BRANCH", {"CREATION": None}, "refs/heads/**/*", exclude=["refs/heads/main"]),
        "rules", ErrorCode.PUSH_FAILED, ["make refs/heads/release/", RULESET]),
    "a ruleset that takes signed commits alone": (
        ruled("BRANCH", {"REQUIRED_SIGNATURES": None}, "~ALL"), "rules", ErrorCode.PUSH_FAILED,
        ["make refs/heads/release/", "commit.gpgSign is off here",
         "config commit.gpgSign true, with a key that GitHub knows", RULESET]),
    "a ruleset that wants checks of a new branch": (
        ruled("BRANCH", {"REQUIRED_STATUS_CHECKS": {"do_not_enforce_on_create": False}},
              "refs/heads/release/**/*"), "rules", ErrorCode.PUSH_FAILED,
        ["make release/", "wants status checks of it, which a new branch has not", RULESET]),
    "a ruleset that wants workflows of a new branch": (
        ruled("BRANCH", {"WORKFLOWS": {"do_not_enforce_on_create": False}}, "~ALL"), "rules",
        ErrorCode.PUSH_FAILED, ["wants workflows of it, which a new branch has not", RULESET]),
    "a ruleset that wants other authors": (
        ruled("BRANCH", {"COMMIT_AUTHOR_EMAIL_PATTERN": AT_HOME}, "refs/heads/release/**/*"),
        "rules", ErrorCode.PUSH_FAILED,
        ["as ann@tests.example", "of the author (ends_with @pair.example)",
         "config user.email ADDRESS", RULESET]),
    "a ruleset that wants other committers": (
        ruled("BRANCH", {"COMMITTER_EMAIL_PATTERN": AT_HOME}, "~ALL"), "rules",
        ErrorCode.PUSH_FAILED, ["of the committer (ends_with @pair.example)", RULESET]),
    "a ruleset that lets others merge": (
        ruled("BRANCH", {"UPDATE": {"update_allows_fetch_and_merge": False}}, "~DEFAULT_BRANCH"),
        "merge", ErrorCode.MERGE_FAILED,
        ["to merge into main", "only those update it who may bypass it", RULESET]),
    "an environment for protected branches": (
        deploys({"deployment_branch_policy": ONLY_PROTECTED}), "environment",
        ErrorCode.PUBLISH_FAILED, ["environment pypi", ENVIRONMENTS]),
    "an environment for other tags": (
        deploys({"deployment_branch_policy": BY_POLICY}, "release-*"), "environment",
        ErrorCode.PUBLISH_FAILED, ["to admit the tag", ENVIRONMENTS]),
    "a ruleset that keeps the tag that a dispatch names": (
        keeps_the_tag_that_a_dispatch_names, "rules", ErrorCode.TAG_FAILED,
        ["make refs/tags/v1.1.0", RULESET]),
    "an environment for the tag that does not start it": (
        deploys({"deployment_branch_policy": BY_POLICY}, "alpha/v*"), "environment",
        ErrorCode.PUBLISH_FAILED, ["to admit the tag v1.1.0,", ENVIRONMENTS]),
    "a tag that is a folder of ours": (
        folder_of_ours, "tag", ErrorCode.TAG_CONFLICT,
        ["room for the tag alpha/v1.1.0", "found the tag alpha:", "tag_formats_of: {alpha:"]),
    "a tag of the clone that has ours for a folder": (
        folder_in_the_clone, "plan", ErrorCode.TAG_CONFLICT, ["found the tag v1.1.0/rc"]),
    "a pushurl that cannot be pushed to": (
        pushed_elsewhere, "remote", ErrorCode.PUSH_FAILED,
        ["no-such-repository", "remote get-url --push origin"]),
    "a tag nobody fetched": (tagged, "tag", ErrorCode.TAG_CONFLICT,
                          ["v1.1.0", "on the remote", "the index has no alpha 1.1.0; its message",
                           "names no run of this tool; its commit is on main",
                           "fetch --tags origin: a plan with that tag takes the next version"]),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "name", "code", "words"), FAILING.values(), ids=FAILING)
def test_doctor_tells_what_would_fail(
    desk: Desk, spoil: Any, name: str, code: ErrorCode, words: list[str]
) -> None:
    spoil(desk)

    ran = desk.doctor()

    assert ran.code == 1
    told = [line for line in ran.out.splitlines() if line.startswith("FAILED")]
    assert len(told) == 1, ran.out
    assert f"  {name}  " in told[0]
    for each in words:
        assert each in told[0], f"expected {each!r} in {told[0]}"
    assert desk.check("alpha", name)["error_code"] == code
    # No job of beta's workflow deploys to an environment.
    assert desk.checks().get(("beta", name), {"state": "ok"})["state"] == "ok"


@pytest.mark.parametrize("case", sorted(FAILING.keys() - {"a tag nobody fetched"}))
def test_a_real_run_refuses_before_the_gate(desk: Desk, case: str) -> None:
    spoil, _, code, words = FAILING[case]
    spoil(desk)

    failure = fails(desk.org, code, "--run-id", RUN, env=desk.env, state="none")

    failure.says(*words)
    assert failure.detail("alpha")["error_code"] == code
    assert failure.detail("beta")["error_code"] is None
    assert desk.slack.messages == []
    assert desk.hub.calls("alpha", "AboutRepository") == 1
    assert desk.hub.calls("alpha", "create") == 0


@pytest.mark.parametrize(("organization", "state"), [("other", "warning"), ("Pair", None)])
def test_a_fork_of_anothers_is_told_where_it_is_not_the_organisations_own(
    desk: Desk, organization: str, state: str | None
) -> None:
    configure(desk.org, organization=organization)
    desk.hub.policy("alpha").fork_of = "upstream/alpha"

    assert desk.states().get(("alpha", "fork")) == state


def test_a_run_of_the_same_id_from_elsewhere_is_another(desk: Desk) -> None:
    opened_by_another_run(desk)

    failure = fails(
        desk.org, ErrorCode.PR_FAILED, "--run-id", "another", env=desk.env, state="none"
    )

    failure.says("https://github.com/pair/alpha/pull/1", OTHER)


def test_a_login_that_does_not_count_is_told_once(desk: Desk) -> None:
    desk.env["GH_TOKEN"] = "ghp_" + "x" * 36

    checks = desk.checks()

    assert checks["github.com", "login"]["error_code"] == "CREDENTIALS_MISSING"
    assert "gh auth login --hostname github.com" in checks["github.com", "login"]["next"]
    assert checks["alpha", "github"]["state"] == checks["beta", "github"]["state"] == "unknown"
    assert ("alpha", "push") not in checks


def test_no_login_at_all_ends_a_run(desk: Desk) -> None:
    del desk.env["GH_TOKEN"]

    failure = fails(desk.org, ErrorCode.CREDENTIALS_MISSING, env=desk.env, state="none")

    failure.says("gh is not logged in to github.com", "gh auth login", "GH_TOKEN")


def test_a_repository_this_login_cannot_see_is_told(desk: Desk) -> None:
    git(desk.org.clone("alpha"), "remote", "set-url", "origin", "https://github.com/pair/gone")

    check = desk.check("alpha", "push")

    assert check["state"] == "failed"
    assert "expected pair/gone on github.com" in check["text"]


def test_a_clone_from_elsewhere_is_told(desk: Desk) -> None:
    git(desk.org.clone("alpha"), "remote", "set-url", "origin", str(desk.org.remote("alpha")))

    checks = desk.checks()

    assert checks["alpha", "origin"]["error_code"] == "CONFIG_INVALID"
    assert ("alpha", "push") not in checks


def test_a_gh_that_is_too_old_is_told(desk: Desk, tmp_path: Path) -> None:
    old = tmp_path / "gh"
    old.write_text('#!/bin/sh\necho "gh version 2.4.0 (2021-12-21)"\n', encoding="utf-8")
    old.chmod(0o755)
    desk.env["PATH"] = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"

    check = desk.check("gh", "program")

    assert (check["state"], check["error_code"]) == ("failed", "TOOL_MISSING")
    assert "expected gh 2.23 or later, found 'gh version 2.4.0" in check["text"]


@pytest.mark.parametrize(
    "reply",
    [Reply(401), Reply(200, b"<html>Sign in</html>", "text/plain"), Reply(200, b"{", SIMPLE_JSON)],
    ids=["a login", "another page", "half a page"],
)
def test_an_index_that_is_none_is_told(desk: Desk, reply: Reply) -> None:
    desk.index.troubles = [reply] * 9

    failure = fails(desk.org, ErrorCode.PUBLISH_FAILED, env=desk.env, state="none")

    failure.says(
        "alpha: the package index was not understood: expected ", f"{desk.index.url}/simple/alpha/",
        "check index_url in the release configuration and OMNI_RELEASE_INDEX_URL",
    )  # fmt: skip


def test_an_index_address_that_is_none_is_told(desk: Desk) -> None:
    desk.env["OMNI_RELEASE_INDEX_URL"] = "ftp://index.example"

    checks = desk.checks()

    assert checks["index", "address"]["error_code"] == "CONFIG_INVALID"
    assert ("alpha", "version") not in checks


@pytest.mark.parametrize(
    ("environ", "code", "words"),
    [
        ({"SLACK_BOT_TOKEN": ""}, "CREDENTIALS_MISSING", "SLACK_BOT_TOKEN and SLACK_CHANNEL_ID"),
        ({"SLACK_CHANNEL_ID": "releases"}, "CREDENTIALS_MISSING", "to be a channel's id"),
        ({"SLACK_BOT_TOKEN": "xoxb-other"}, "GATE_FAILED", "invalid_auth"),
        ({"SLACK_CHANNEL_ID": "C0OTHER"}, "GATE_FAILED", "channel_not_found"),
    ],
    ids=["no token", "a channel's name", "another token", "another channel"],
)
def test_slack_that_cannot_be_asked_is_told(
    desk: Desk, environ: dict[str, str], code: str, words: str
) -> None:
    desk.env |= environ

    check = desk.check("Slack", "bot")

    assert (check["state"], check["error_code"]) == ("failed", code)
    assert words in check["text"]


def test_everything_that_fails_is_listed_at_once(desk: Desk) -> None:
    desk.slack.troubles = {"conversations.history": [refused("missing_scope")]}
    desk.hub.policy("alpha").permission = "READ"
    desk.hub.policy("alpha").workflow = None
    desk.hub.policy("beta").squash_allowed = False
    add_files(desk.index.folder, "beta-0.4.1.tar.gz")

    failure = fails(desk.org, ErrorCode.GATE_FAILED, env=desk.env, state="none")

    failure.says(
        "3 things are in the way, and nothing was touched",
        "GATE_FAILED Slack's conversations.history failed: missing_scope",
        "PUSH_FAILED alpha: expected carl to have write permission",
        "Also alpha workflow: expected .github/workflows/release.yml",
        "MERGE_FAILED beta: expected pair/beta to allow squash merging",
        "Also beta version: expected beta 0.4.1 to be free on the package index",
    )
    assert failure.result["error"].count("→") >= 4


def test_what_the_plan_refuses_is_listed_with_what_is_checked(desk: Desk) -> None:
    git(desk.org.clone("beta"), "branch", "release")
    desk.hub.policy("alpha").permission = "READ"

    failure = fails(desk.org, ErrorCode.PUSH_FAILED, env=desk.env, state="none")

    failure.says("2 things are in the way", "PUSH_FAILED alpha", "WORKTREE_CONFLICT beta")
