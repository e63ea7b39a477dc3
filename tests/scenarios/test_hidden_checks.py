"""Releases with a token that GitHub shows no check runs, as a fine-grained one in private."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from support.cli import Ran, run_cli
from support.endings import APPROVED, RUN, is_archived
from support.forges import SOON
from support.repos import configure

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org
    from support.github import GitHub

pytestmark = [
    pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed"),
    pytest.mark.usefixtures("only_steps", "no_hooks"),
]
HIDDEN = "those that GitHub does not show this login (https://github.com/pair/alpha/pull/1/checks)"


@pytest.fixture
def hub(github: GitHub, small_org: Org) -> GitHub:
    configure(small_org, forge="github", **SOON)
    github.policy("alpha").checks_secret = True
    return github


def release(org: Org, hub: GitHub) -> Ran:
    return run_cli(org, "alpha", "--run-id", RUN, *APPROVED, env=hub.env)


@pytest.mark.parametrize("optional_red", [False, True], ids=["all green", "another is red"])
@pytest.mark.parametrize("queue", [None, "merges"], ids=["", "queue"])
def test_required_checks_are_green_where_github_says_that_it_can_be_merged(
    small_org: Org, hub: GitHub, queue: None, *, optional_red: bool
) -> None:
    policy = hub.policy("alpha")
    policy.checks_hidden, policy.checks_running = 1, 2
    policy.optional_red, policy.queue = optional_red, queue

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert f"checks have not ended: {HIDDEN}" in ran.out
    assert is_archived(small_org)


def test_where_none_is_required_all_of_them_count(small_org: Org, hub: GitHub) -> None:
    policy = hub.policy("alpha")
    policy.required, policy.checks_running = (), 3

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert f"checks have not ended: {HIDDEN}" in ran.out


def test_a_red_one_is_told_with_where_a_person_sees_it(small_org: Org, hub: GitHub) -> None:
    policy = hub.policy("alpha")
    policy.required, policy.checks = (), "red"

    ran = release(small_org, hub)

    assert (ran.code, hub.counts("alpha")["merges"]) == (1, 0)
    assert "MERGE_FAILED" in ran.err
    assert f"but checks failed: {HIDDEN}" in ran.err


def test_a_required_one_that_is_red_merges_nothing(small_org: Org, hub: GitHub) -> None:
    configure(small_org, timeouts={**SOON["timeouts"], "merge_minutes": 0.03})
    hub.policy("alpha").checks = "red"

    ran = release(small_org, hub)

    assert (ran.code, hub.counts("alpha")["merges"]) == (1, 0)
    assert f"after 0.03 minutes checks have not ended: {HIDDEN}" in ran.err


def test_what_is_run_again_is_waited_for(small_org: Org, hub: GitHub) -> None:
    """A label may start a workflow anew, which cancels the run before it: GitHub calls that red."""
    policy = hub.policy("alpha")
    policy.required, policy.checks_cancelled = (), 2

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err


def test_a_review_that_is_missing_is_told_before_what_nobody_can_see(
    small_org: Org, hub: GitHub
) -> None:
    configure(small_org, timeouts={**SOON["timeouts"], "merge_minutes": 0.03})
    policy = hub.policy("alpha")
    policy.review, policy.optional_red = "required", True

    ran = release(small_org, hub)

    assert (ran.code, hub.counts("alpha")["merges"]) == (1, 0)
    assert "after 0.03 minutes it has no approving review" in ran.err
