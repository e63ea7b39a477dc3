"""Pull requests through the real gh program, against a look-alike with real repositories."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.github.response import GitHubError
from support.github_desk import BRANCH, Desk, desk_of, is_green, merged
from support.gitrepo import git, land

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.commands.demo_org import Org


pytestmark = pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed")


@pytest.fixture
def desk(small_org: Org) -> Iterator[Desk]:
    with desk_of(small_org) as made:
        yield made


def test_a_branch_without_a_pull_request(desk: Desk) -> None:
    assert desk.forge.pulls.find(BRANCH, "main") is None


def test_a_pull_request_is_made_found_and_closed(desk: Desk) -> None:
    made = desk.create()

    assert (made.number, made.state, made.branch, made.base) == (1, "open", BRANCH, "main")
    assert made.url == "https://github.com/pair/alpha/pull/1"
    found = desk.forge.pulls.find(BRANCH, "main")
    assert found is not None
    assert (found.number, found.head_sha) == (1, made.head_sha)
    assert desk.github.repository("alpha").pulls[1].body == "`x`\n"
    desk.forge.pulls.close(1)
    desk.forge.pulls.close(1)
    assert desk.forge.pulls.view(1).state == "closed"
    found = desk.forge.pulls.find(BRANCH, "main")
    assert found is not None
    assert found.state == "closed"


def test_the_newest_of_several_is_found(desk: Desk) -> None:
    desk.create()
    desk.forge.pulls.close(1)
    desk.forge.pulls.create(branch=BRANCH, base="main", title="again", body="")

    found = desk.forge.pulls.find(BRANCH, "main")

    assert found is not None
    assert found.number == 2


def test_a_branch_that_is_deleted_closes_its_pull_request(desk: Desk) -> None:
    desk.create()
    git(desk.org.remote("alpha"), "update-ref", "-d", f"refs/heads/{BRANCH}")

    assert desk.forge.pulls.view(1).state == "closed"


def test_a_refused_pull_request_is_told_in_githubs_words(desk: Desk) -> None:
    with pytest.raises(GitHubError, match="head or base is invalid"):
        desk.forge.pulls.create(branch="nowhere", base="main", title="", body="")


@pytest.mark.parametrize("by_ruleset", [False, True], ids=["classic", "ruleset"])
def test_checks_report_run_and_pass(desk: Desk, by_ruleset: bool) -> None:  # noqa: FBT001
    desk.policy.by_ruleset = by_ruleset
    desk.create()

    first, second, third = (desk.forge.pulls.view(1) for _ in range(3))

    # Required and silent is not the same as nothing being required.
    assert [(c.name, c.state, c.required) for c in first.checks] == [("ci", "pending", True)]
    assert first.checks_reported
    assert not first.settled
    assert [(c.name, c.state, c.required) for c in second.checks] == [("ci", "pending", True)]
    assert second.blocked
    assert [(c.name, c.state) for c in third.checks] == [("ci", "success")]
    assert is_green(third)
    assert not third.blocked


def test_a_red_check_is_named_with_its_url(desk: Desk) -> None:
    desk.policy.checks = "red"
    desk.create()

    pull = desk.wait(1, lambda pull: pull.checks[0].state == "failure")

    assert pull.checks[0].url == "https://github.com/pair/alpha/actions/runs/9/job/ci"
    assert pull.checks[0].detail == "2 tests failed"


def test_a_check_nobody_requires_is_told_apart(desk: Desk) -> None:
    desk.policy.optional_red = True
    desk.create()

    pull = desk.wait(1, lambda pull: len(pull.checks) == 2 and pull.checks[0].state == "success")

    assert [(c.name, c.state, c.required) for c in pull.checks] == [
        ("ci", "success", True),
        ("spelling", "failure", False),
    ]


def test_no_check_at_all_is_not_a_green_one(desk: Desk) -> None:
    desk.policy.checks, desk.policy.required = "never", ()
    desk.create()

    pull = desk.wait(1, lambda pull: pull.settled)

    assert pull.checks == ()
    assert not pull.checks_reported


def test_what_people_hold_against_it(desk: Desk) -> None:
    desk.policy.review, desk.policy.unresolved, desk.policy.draft = "changes_requested", 2, True
    desk.create()

    pull = desk.forge.pulls.view(1)

    assert pull.draft
    assert (pull.review, pull.threads) == ("changes_requested", ())
    assert pull.objections == ("https://github.com/pair/alpha/pull/1#pullrequestreview-1",)
    desk.policy.resolution_required = True
    assert desk.forge.pulls.view(1).threads == (
        "https://github.com/pair/alpha/pull/1#discussion_r1",
        "https://github.com/pair/alpha/pull/1#discussion_r2",
    )


@pytest.mark.parametrize("review", ["required", "approved"])
def test_a_review_is_waited_for(desk: Desk, review: str) -> None:
    desk.policy.review = review  # type: ignore[assignment]
    desk.create()

    assert desk.forge.pulls.view(1).review == review


def test_a_conflict_is_gits_own(desk: Desk) -> None:
    desk.create()
    land(desk.org.remote("alpha"), "pyproject.toml", "[project]\n", "chore: another")

    assert desk.wait(1, lambda pull: pull.settled).conflict


def test_a_branch_behind_is_brought_up_to_date(desk: Desk) -> None:
    desk.policy.strict = True
    desk.create()
    land(desk.org.remote("alpha"), "news.md", "News.\n", "docs: news")
    behind = desk.wait(1, lambda pull: pull.behind)

    desk.forge.pulls.update_branch(1, head_sha=behind.head_sha)

    now = desk.wait(1, lambda pull: pull.settled)
    assert not now.behind
    parents = git(desk.org.remote("alpha"), "rev-parse", f"{now.head_sha}^@").split()
    assert parents == [behind.head_sha, git(desk.org.remote("alpha"), "rev-parse", "main")]


def test_a_squash_has_our_words_and_is_the_merge_commit(desk: Desk) -> None:
    pull = merged(desk, desk.create())

    remote = desk.org.remote("alpha")
    assert pull.state == "merged"
    assert pull.merge_sha == git(remote, "rev-parse", "main")
    assert git(remote, "log", "-1", "--format=%B", "main").strip() == "release (#1)\n\nRun: r"
    assert desk.counts()["merges"] == 1


def test_a_head_that_moved_is_not_merged(desk: Desk) -> None:
    desk.create()
    desk.wait(1, is_green)

    with pytest.raises(GitHubError, match="Head branch was modified"):
        desk.forge.pulls.merge(1, head_sha="0" * 40, subject="s", body="b")


def test_a_queue_is_entered_and_merges(desk: Desk) -> None:
    desk.policy.queue, desk.policy.queue_looks = "merges", 3

    pull = merged(desk, desk.create())

    assert (pull.state, pull.queue) == ("open", "entered")
    pull = desk.wait(1, lambda pull: pull.state == "merged")
    assert pull.merge_sha == git(desk.org.remote("alpha"), "rev-parse", "main")


def test_a_queue_that_ejects_is_seen(desk: Desk) -> None:
    desk.policy.queue = "ejects"

    merged(desk, desk.create())

    assert desk.wait(1, lambda pull: pull.queue != "entered").queue == "present"
