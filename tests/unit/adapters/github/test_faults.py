"""One fault of GitHub at a time changes nothing."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from support.github import Fault, FaultKind
from support.github_desk import BRANCH, TAGS, Desk, desk_of, merged
from support.gitrepo import git, land

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.commands.demo_org import Org


pytestmark = pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed")
KINDS: tuple[FaultKind, ...] = ("502", "lost", "429", "secondary")


@pytest.fixture
def desk(small_org: Org) -> Iterator[Desk]:
    with desk_of(small_org) as made:
        yield made


MERGING = ("create", "FindPullRequest", "ViewPullRequest", "MoreChecks", "TargetPullRequest",
           "MergePullRequest")  # fmt: skip
PUBLISHING = ("dispatch", "runs", "jobs")


@pytest.mark.parametrize("kind", KINDS)
def test_every_call_of_a_merge_may_fail_once(desk: Desk, kind: FaultKind) -> None:
    desk.github.inject(*(Fault(kind, call) for call in MERGING))

    desk.create()
    pull = desk.forge.pulls.find(BRANCH, "main")
    assert pull is not None

    assert merged(desk, pull).state == "merged"
    assert desk.counts() == {"pull requests": 1, "merges": 1, "runs": 0, "dispatches": 0}
    assert desk.github.faulted("alpha") == set(MERGING)


@pytest.mark.parametrize("kind", KINDS)
def test_one_fault_changes_nothing_at_the_queue(desk: Desk, kind: FaultKind) -> None:
    desk.policy.queue = "merges"
    desk.github.inject(Fault(kind, "EnqueuePullRequest"))

    merged(desk, desk.create())

    assert desk.wait(1, lambda pull: pull.state == "merged").merge_sha
    assert desk.github.faulted("alpha") == {"EnqueuePullRequest"}


@pytest.mark.parametrize("kind", KINDS)
def test_one_fault_updates_the_branch_once(desk: Desk, kind: FaultKind) -> None:
    desk.policy.strict = True
    desk.github.inject(Fault(kind, "UpdatePullRequestBranch"))
    desk.create()
    land(desk.org.remote("alpha"), "news.md", "News.\n", "docs: news")
    behind = desk.wait(1, lambda pull: pull.behind)

    desk.forge.pulls.update_branch(1, head_sha=behind.head_sha)

    assert desk.github.repository("alpha").updates == 1


@pytest.mark.parametrize("kind", KINDS)
def test_every_call_of_a_dispatch_may_fail_once(desk: Desk, kind: FaultKind) -> None:
    desk.policy.run = "red"
    desk.push_tags(TAGS[0])
    desk.github.inject(*(Fault(kind, call) for call in PUBLISHING))

    desk.forge.runs.dispatch(TAGS[0])

    assert desk.run_that("failure").detail
    assert desk.counts()["dispatches"] == 1
    assert desk.github.faulted("alpha") == set(PUBLISHING)


def test_no_token_is_ever_an_argument(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    run = desk.forge.api.calls.run

    def watched(argv: tuple[str, ...], **given: object) -> object:
        seen.extend(argv)
        return run(argv, **given)  # type: ignore[arg-type]

    monkeypatch.setitem(desk.forge.api.calls.__dict__, "run", watched)
    desk.create()
    assert "--method" in seen
    assert not any("ghp_" in word for word in seen)


def test_release_branches_go_by_the_name_in_the_tier_graph(desk: Desk) -> None:
    git(desk.org.remote("alpha"), "branch", "release/other/the_alpha", "main")

    assert [each.run_id for each in desk.forge.about("the_alpha").releases] == ["other"]
    assert desk.forge.about("alpha").releases == ()


def test_runs_that_have_not_changed_are_not_sent_again(desk: Desk) -> None:
    desk.policy.run_looks, desk.policy.run_hidden = 3, 0
    desk.push_tags(*TAGS)

    seen = [desk.find_run() for _ in range(5)]

    assert [run and run.state for run in seen] == ["running"] * 3 + ["success"] * 2
    assert desk.github.calls("alpha", "runs") == 5
    assert desk.github.unchanged("alpha") == 3
