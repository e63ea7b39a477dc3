"""What a release will need is asked for before the gate: all at once, and nothing is touched."""

from __future__ import annotations

import json
import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.errors import ErrorCode
from support.cli import Ran, run_cli
from support.endings import APPROVED, RUN
from support.failures import fails
from support.github import Fault, FaultKind, GitHub
from support.gitrepo import git, land, world
from support.pypi_server import PyPIServer, add_files, busy
from support.repos import add_repo, configure, manifest
from support.slack_server import ANN, DOWN, SlackServer, refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed")

QUICK = {"polling": {"min_seconds": 0.01, "max_seconds": 0.05}}
OTHER = "release/another/alpha"


class Desk:
    """The small organisation with all three services, and what is wrong with them by script."""

    def __init__(self, org: Org, hub: GitHub, index: PyPIServer, slack: SlackServer) -> None:
        self.org, self.hub, self.index, self.slack = org, hub, index, slack
        configure(org, forge="github", index="pypi", gate="slack", attestation="auto", **QUICK)
        configure(org, approvers=[ANN], rehearse=False)
        self.env = {**hub.env, **slack.environ, "OMNI_RELEASE_INDEX_URL": index.url}

    def doctor(self, *args: str) -> Ran:
        return run_cli(self.org, "doctor", *args, env=self.env)

    def states(self, *args: str) -> dict[tuple[str, str], str]:
        """Subject and name of every check to its state, as doctor tells them in JSON."""
        return {key: check["state"] for key, check in self.checks(*args).items()}

    def checks(self, *args: str) -> dict[tuple[str, str], dict[str, Any]]:
        told = json.loads(self.doctor("--json", *args).out)["checks"]
        return {(check["subject"], check["check"]): check for check in told}

    def check(self, subject: str, name: str) -> dict[str, Any]:
        return self.checks()[subject, name]


@pytest.fixture
def desk(small_org: Org, github: GitHub) -> Iterator[Desk]:
    with PyPIServer(folder=small_org.root / "index") as index, SlackServer() as slack:
        yield Desk(small_org, github, index, slack)


OF_A_REPOSITORY = (
    "identity", "remote", "origin", "push", "merge", "rules", "workflow", "base", "other runs",
    "automation", "tag", "version",
)  # fmt: skip


# All is well.


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
          for name in ("identity", "remote", "origin", "tag", "version")),
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


# What fails.


def policy(**changes: Any) -> Any:
    def applied(desk: Desk) -> None:
        for name, value in changes.items():
            assert hasattr(desk.hub.policy("alpha"), name)
            setattr(desk.hub.policy("alpha"), name, value)

    return applied


def workflow(text: str) -> Any:
    def applied(desk: Desk) -> None:
        path = ".github/workflows/release.yml"
        land(desk.org.remote("alpha"), path, text, "ci: another trigger")
        remote, ours = str(desk.org.remote("alpha")), "main:refs/remotes/origin/main"
        git(desk.org.clone("alpha"), "fetch", "--quiet", remote, ours)

    return applied


def no_workflow(desk: Desk) -> None:
    clone = desk.org.clone("alpha")
    git(clone, "rm", "--quiet", ".github/workflows/release.yml")
    git(clone, "commit", "--quiet", "--message", "ci: none")
    git(clone, "push", "--quiet", str(desk.org.remote("alpha")), "HEAD:main")
    git(clone, "update-ref", "refs/remotes/origin/main", "HEAD")


def no_identity(desk: Desk) -> None:
    config = desk.org.clone("alpha") / ".git" / "config"
    with config.open("a", encoding="utf-8") as file:
        file.write("[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = /nonexistent/gpg\n")


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


def ruled(target: str, rules: dict[str, Any], *include: str, **other: Any) -> Any:
    return policy(rulesets=({"target": target, "rules": rules, "include": include, **other},))


DEPLOYS = """on: {push: {tags: ["v*"]}}
jobs: {build: {steps: []}, upload: {environment: {name: pypi}}}
"""


def deploys(rules: dict[str, Any], *admits: str) -> Any:
    def applied(desk: Desk) -> None:
        workflow(DEPLOYS)(desk)
        desk.hub.policy("alpha").environments = {"pypi": rules}
        desk.hub.policy("alpha").admits = admits

    return applied


ONLY_PROTECTED = {"protected_branches": True, "custom_branch_policies": False}
BY_POLICY = {"protected_branches": False, "custom_branch_policies": True}
ENVIRONMENTS = "at https://github.com/pair/alpha/settings/environments"
RULESET = "at https://github.com/pair/alpha/rules/7"
FAILING: dict[str, tuple[Any, str, ErrorCode, list[str]]] = {
    "read only": (policy(permission="READ"), "push", ErrorCode.PUSH_FAILED,
                  ["expected carl to have write permission on pair/alpha", "ask an owner"]),
    "archived": (policy(archived=True), "push", ErrorCode.PUSH_FAILED,
                 ["found it archived",
                  "gh api --method PATCH repos/pair/alpha --field archived=false"]),
    "no squash": (policy(squash_allowed=False), "merge", ErrorCode.MERGE_FAILED,
                  ["to allow squash merging", "gh repo edit pair/alpha --enable-squash-merge"]),
    "a workflow that is disabled": (
        policy(workflow="disabled_manually"), "workflow", ErrorCode.PUBLISH_FAILED,
        ["found it disabled", "gh workflow enable release.yml --repo pair/alpha"]),
    "a workflow GitHub does not know": (
        policy(workflow=None), "workflow", ErrorCode.PUBLISH_FAILED,
        ["expected .github/workflows/release.yml on the default branch"]),
    "no workflow": (no_workflow, "workflow", ErrorCode.PUBLISH_FAILED, ["found none"]),
    "a workflow nothing starts": (
        workflow("on: {push: {branches: [main]}}\n"), "workflow", ErrorCode.PUBLISH_FAILED,
        ["alpha/v1.1.0 or v1.1.0", "it has no workflow_dispatch"]),
    "a workflow that wants more": (
        workflow("on: {workflow_dispatch: {inputs: {tag: {}, to: {required: true}}}}\n"),
        "workflow", ErrorCode.PUBLISH_FAILED, ["requires to, too"]),
    "another run": (opened_by_another_run, "other runs", ErrorCode.PR_FAILED,
                    ["https://github.com/pair/alpha/pull/1", OTHER, "--resume another"]),
    "no key to sign with": (no_identity, "identity", ErrorCode.COMMIT_FAILED,
                            ["git cannot make a commit in", "signing key"]),
    "a version that is yanked": (yanked, "version", ErrorCode.VERSION_INVALID,
                                 ["expected alpha 1.1.0 to be free", "(yanked)", "raise the"]),
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
    "an environment for protected branches": (
        deploys({"deployment_branch_policy": ONLY_PROTECTED}), "environment",
        ErrorCode.PUBLISH_FAILED, ["environment pypi", ENVIRONMENTS]),
    "an environment for other tags": (
        deploys({"deployment_branch_policy": BY_POLICY}, "release-*"), "environment",
        ErrorCode.PUBLISH_FAILED, ["to admit the tag", ENVIRONMENTS]),
    "a tag that is a folder of ours": (
        folder_of_ours, "tag", ErrorCode.TAG_CONFLICT,
        ["room for the tag alpha/v1.1.0", "found the tag alpha:", "tag_formats_of: {alpha:"]),
    "a tag of the clone that has ours for a folder": (
        folder_in_the_clone, "tag", ErrorCode.TAG_CONFLICT, ["found the tag v1.1.0/rc"]),
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


# What nobody could look at.


HARMLESS: dict[str, Any] = {
    "a bypass": [ruled("TAG", {"CREATION": None}, "~ALL"), policy(bypass="always")],
    "not enforced": [ruled("TAG", {"CREATION": None}, "~ALL", enforcement="EVALUATE")],
    "other tags": [ruled("TAG", {"CREATION": None}, "refs/tags/nightly-*")],
    "an exception": [ruled("TAG", {"CREATION": None}, "~ALL",
                           exclude=["refs/tags/v*", "refs/tags/*/v*"])],
    "a star that ends at a slash": [ruled("BRANCH", {"CREATION": None}, "refs/heads/*")],
    "a rule that forbids nothing of ours": [ruled("TAG", {"DELETION": None}, "~ALL")],
    "a tag it admits": [deploys({"deployment_branch_policy": BY_POLICY}, "v*")],
    "an environment without rules": [deploys({"protection_rules": []})],
}  # fmt: skip


@pytest.mark.parametrize("spoils", HARMLESS.values(), ids=HARMLESS)
def test_rules_that_admit_a_release_are_fine(desk: Desk, spoils: list[Any]) -> None:
    for spoil in spoils:
        spoil(desk)

    states = desk.states("alpha")

    assert states["alpha", "rules"] == "ok"
    assert states.get(("alpha", "environment"), "ok") == "ok"


def test_who_may_bypass_a_ruleset_may_be_unknown(desk: Desk) -> None:
    ruled("TAG", {"CREATION": None}, "~ALL")(desk)
    desk.hub.policy("alpha").bypass = None

    assert desk.states("alpha")["alpha", "rules"] == "unknown"


def test_an_environment_that_waits_is_told_with_its_address(desk: Desk) -> None:
    waits = [{"type": "required_reviewers"}, {"type": "wait_timer", "wait_timer": 30}]
    deploys({"protection_rules": waits})(desk)

    ran = desk.doctor("alpha")

    assert ran.code == 0, ran.out
    [told] = [line for line in ran.out.splitlines() if line.startswith("warning")]
    assert "pypi for a reviewer's approval and 30 minutes" in told
    assert "https://github.com/pair/alpha/settings/environments" in told


def test_releases_that_cannot_be_changed_are_told_of(desk: Desk) -> None:
    configure(desk.org, github_release=True)
    desk.hub.policy("alpha").immutable = True

    checks = desk.checks("alpha")

    assert checks["alpha", "immutable"]["state"] == "warning"
    assert "https://github.com/pair/alpha/settings" in checks["alpha", "immutable"]["text"]


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


# Who else is at work.


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


# Beside a dry run.


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


# Going on.


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


# What git would not push, or not look at.


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
