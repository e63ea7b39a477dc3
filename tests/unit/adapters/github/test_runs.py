"""The publish workflow through the real gh program, against a look-alike of GitHub Actions."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.github.forge import GitHubForge
from omninode_release.adapters.github.response import GitHubError
from support.github_desk import TAGS, Desk, desk_of
from support.gitrepo import git

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.commands.demo_org import Org


pytestmark = pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed")


@pytest.fixture
def desk(small_org: Org) -> Iterator[Desk]:
    with desk_of(small_org) as made:
        yield made


def test_a_pushed_tag_starts_a_run_that_publishes(desk: Desk) -> None:
    desk.push_tags(*TAGS)

    assert desk.find_run() is None
    run = desk.run_that("running")
    assert run.url == "https://github.com/pair/alpha/actions/runs/1"
    desk.run_that("success")
    assert (desk.org.index / "alpha-1.0.1.tar.gz").exists()
    assert desk.counts()["runs"] == 1


def test_a_dispatch_gives_the_bare_tag_and_starts_one_run(desk: Desk) -> None:
    desk.push_tags(TAGS[0])

    desk.forge.runs.dispatch(TAGS[0])

    assert desk.run_that("success").id == "1.1"
    assert desk.counts()["dispatches"] == 1


def test_a_branch_that_is_called_like_the_tag_is_not_published(desk: Desk) -> None:
    desk.push_tags(TAGS[0])
    git(desk.org.remote("alpha"), "update-ref", f"refs/heads/{TAGS[0]}", "main")

    desk.forge.runs.dispatch(TAGS[0])

    assert desk.run_that("success").id == "1.1"


def test_a_run_of_another_commit_is_not_that_of_the_tag(desk: Desk) -> None:
    desk.push_tags(*TAGS)
    desk.run_that("success")

    for tag in TAGS:
        git(desk.org.remote("alpha"), "update-ref", f"refs/tags/{tag}", "main")

    assert desk.find_run() is None


def test_the_newest_run_counts(desk: Desk) -> None:
    desk.push_tags(*TAGS)
    desk.policy.run = "red"
    desk.run_that("failure")

    desk.forge.runs.dispatch(TAGS[1])

    found = {run.id for _ in range(4) if (run := desk.find_run())}
    assert found == {"1.1", "2.1"}  # the new one shows up some time later
    assert desk.run_that("failure").id == "2.1"


def test_a_red_run_names_the_job_that_failed(desk: Desk) -> None:
    desk.push_tags(*TAGS)
    desk.policy.run = "red"

    run = desk.run_that("failure")

    assert run.detail == (
        "job 'release' ended failure at 'Notify the others':"
        " https://github.com/pair/alpha/actions/runs/1/job/1"
    )


@pytest.mark.parametrize("status", [404, 422])
def test_a_workflow_that_cannot_be_dispatched(desk: Desk, status: int) -> None:
    desk.push_tags(TAGS[0])
    desk.policy.dispatch_refused = status

    with pytest.raises(GitHubError, match=f"HTTP {status}"):
        desk.forge.runs.dispatch(TAGS[0])


def test_what_a_release_will_need_can_be_asked(desk: Desk) -> None:
    about = desk.forge.about("alpha")
    assert (about.login, about.default_branch, about.may_push) == ("carl", "main", True)
    assert desk.forge.runs.find_state() == "active"
    other = GitHubForge(desk.forge.api, "other.yml")
    assert other.runs.find_state() == "missing"
