"""What GitHub's rules say of a release before its gate: rulesets, environments, Releases."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from support.github import GitHub, Refusal, graphql_answers
from support.preflight_desk import (
    BY_POLICY,
    Desk,
    base_on_develop,
    deploys,
    policy,
    ruled,
    workflow,
)
from support.pypi_server import PyPIServer
from support.repos import configure
from support.slack_server import SlackServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.commands.demo_org import Org


pytestmark = pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed")


@pytest.fixture
def desk(small_org: Org, github: GitHub) -> Iterator[Desk]:
    with PyPIServer(folder=small_org.root / "index") as index, SlackServer() as slack:
        yield Desk(small_org, github, index, slack)


UPLOADS = "jobs: {up: {steps: [{run: uv publish}]}}\n"
HARMLESS: dict[str, Any] = {
    "a bypass": [ruled("TAG", {"CREATION": None}, "~ALL"), policy(bypass="always")],
    "not enforced": [ruled("TAG", {"CREATION": None}, "~ALL", enforcement="EVALUATE")],
    "other tags": [ruled("TAG", {"CREATION": None}, "refs/tags/nightly-*")],
    "an exception": [ruled("TAG", {"CREATION": None}, "~ALL",
                           exclude=["refs/tags/v*", "refs/tags/*/v*"])],
    "a star that ends at a slash": [ruled("BRANCH", {"CREATION": None}, "refs/heads/*")],
    "a tag that no run makes": [
        workflow(f"on: {{push: {{tags: ['alpha/v*']}}}}\n{UPLOADS}"),
        ruled("TAG", {"CREATION": None}, "refs/tags/v*")],
    "a rule that forbids nothing of ours": [ruled("TAG", {"DELETION": None}, "~ALL")],
    "squashing among others": [ruled("BRANCH", {"PULL_REQUEST": None}, "~DEFAULT_BRANCH"),
                               policy(merge_methods=("merge", "squash"))],
    "no word of how to merge": [ruled("BRANCH", {"PULL_REQUEST": None}, "~DEFAULT_BRANCH")],
    "another way to merge, and a bypass": [
        ruled("BRANCH", {"PULL_REQUEST": None}, "~DEFAULT_BRANCH"),
        policy(merge_methods=("rebase",), bypass="always")],
    "no squash, and a queue of the base branch": [
        base_on_develop, policy(squash_allowed=False, queue="merges", queue_of="develop")],
    "checks of the base branch alone": [
        ruled("BRANCH", {"REQUIRED_STATUS_CHECKS": {"do_not_enforce_on_create": False}},
              "~DEFAULT_BRANCH")],
    "checks that no new branch needs": [
        ruled("BRANCH", {"REQUIRED_STATUS_CHECKS": {"do_not_enforce_on_create": True}}, "~ALL")],
    "a message and an author like ours": [ruled("BRANCH", {
        "COMMIT_MESSAGE_PATTERN": {"operator": "regex", "pattern": "^(feat|fix|release)"},
        "COMMIT_AUTHOR_EMAIL_PATTERN": {"operator": "ends_with", "pattern": ".example"}}, "~ALL")],
    "an end of messages, which are not known yet": [ruled("BRANCH", {
        "COMMIT_MESSAGE_PATTERN": {"operator": "ends_with", "pattern": "."}}, "~ALL")],
    "checks of a tag that is moved": [
        ruled("TAG", {"REQUIRED_STATUS_CHECKS": {"do_not_enforce_on_create": True}}, "~ALL")],
    "checks of other tags": [
        ruled("TAG", {"REQUIRED_STATUS_CHECKS": {"do_not_enforce_on_create": False}},
              "refs/tags/nightly-*")],
    "a merge that this login may make by a pull request": [
        ruled("BRANCH", {"UPDATE": None}, "~DEFAULT_BRANCH"), policy(bypass="pull_requests_only")],
    "an update that this login may make": [
        ruled("BRANCH", {"UPDATE": None}, "~ALL"), policy(bypass="always")],
    "a tag it admits": [deploys({"deployment_branch_policy": BY_POLICY}, "v*")],
    "a tag it admits among many": [
        deploys({"deployment_branch_policy": BY_POLICY}, *map(str, range(40)), "v*")],
    "an environment without rules": [deploys({"protection_rules": []})],
}  # fmt: skip


@pytest.mark.parametrize("spoils", HARMLESS.values(), ids=HARMLESS)
def test_rules_that_admit_a_release_are_fine(desk: Desk, spoils: list[Any]) -> None:
    for spoil in spoils:
        spoil(desk)

    states = desk.states("alpha")

    assert states["alpha", "rules"] == states["alpha", "merge"] == "ok"
    assert states.get(("alpha", "environment"), "ok") == "ok"


def test_who_may_bypass_a_ruleset_may_be_unknown(desk: Desk) -> None:
    ruled("TAG", {"CREATION": None}, "~ALL")(desk)
    desk.hub.policy("alpha").bypass = None

    assert desk.states("alpha")["alpha", "rules"] == "unknown"


CHECKED: dict[str, Any] = {"REQUIRED_STATUS_CHECKS": {"do_not_enforce_on_create": False}}


@pytest.mark.parametrize(("rules", "wanted"), [
    (CHECKED, "status checks"), ({"REQUIRED_DEPLOYMENTS": None}, "deployments"),
])  # fmt: skip
def test_a_tag_whose_commit_has_to_be_checked_first_is_told_before_the_gate(
    desk: Desk, rules: dict[str, Any], wanted: str
) -> None:
    ruled("TAG", rules, "refs/tags/v*")(desk)

    told = desk.checks("alpha")["alpha", "rules"]

    assert told["state"] == "unknown"
    assert f"lets refs/tags/v1.1.0 be made once its commit has {wanted}" in told["text"]


@pytest.mark.parametrize(("names", "check"), [("refs/heads/release/**/*", "rules"),
                                              ("~DEFAULT_BRANCH", "merge")])  # fmt: skip
def test_a_message_that_a_ruleset_refuses_may_still_be_mended(
    desk: Desk, names: str, check: str
) -> None:
    wants = {"operator": "contains", "pattern": "OMN-"}
    ruled("BRANCH", {"COMMIT_MESSAGE_PATTERN": wants}, names)(desk)

    told = desk.checks("alpha")["alpha", check]

    assert told["state"] == "unknown"
    assert "(contains OMN-), and 'release: alpha v1.1.0' alone" in told["text"]
    configure(desk.org, commit_subject="release: {repo} v{version} [OMN-1]")
    assert desk.states("alpha")["alpha", check] == "ok"


def test_who_may_pass_rules_by_a_pull_request_makes_no_branch_by_that(desk: Desk) -> None:
    ruled("BRANCH", CHECKED, "refs/heads/release/**/*")(desk)
    desk.hub.policy("alpha").bypass = "pull_requests_only"

    assert desk.states("alpha")["alpha", "rules"] == "failed"


def test_github_is_not_asked_for_rules_of_a_branch_that_no_ruleset_means(desk: Desk) -> None:
    ruled("BRANCH", CHECKED, "~DEFAULT_BRANCH")(desk)

    desk.doctor("alpha")

    assert desk.hub.calls("alpha", "branch rules") == 0


def test_the_token_of_a_workflow_is_told_of(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphql_answers, "LOGIN", "github-actions[bot]")

    check = desk.check("github.com", "login")

    assert check["state"] == "warning"
    assert "what that pushes starts none" in check["text"]


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


def test_a_login_that_may_not_ask_of_immutability_is_fine(desk: Desk) -> None:
    configure(desk.org, github_release=True)
    told = {"message": "Resource not accessible by personal access token"}
    desk.hub.policy("alpha").early = {"immutable": (9, Refusal(403, told))}

    ran = desk.doctor("alpha")

    assert ran.code == 0, ran.out


TAGS_ITSELF = """on:
  workflow_dispatch:
    inputs: {version: {required: true}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - run: uv publish
      - run: git tag v${{ inputs.version }} ${{ github.sha }}
"""


def test_a_workflow_that_makes_the_tag_itself_is_told_of(desk: Desk) -> None:
    """It is there when a dispatch starts, so that step fails, and all that follows it."""
    configure(desk.org, publish={"inputs": {"version": "{version}"}})
    workflow(TAGS_ITSELF)(desk)

    checks = desk.checks("alpha")

    assert checks["alpha", "workflow"]["state"] == "ok"
    assert checks["alpha", "own tag"]["state"] == "warning"
    assert checks["alpha", "own tag"]["text"].startswith("the job deploy of release.yml makes")


def test_a_tag_that_starts_a_workflow_is_not_made_by_it(desk: Desk) -> None:
    workflow(TAGS_ITSELF.replace("on:\n", "on:\n  push: {tags: ['**']}\n"))(desk)

    assert ("alpha", "own tag") not in desk.checks("alpha")
