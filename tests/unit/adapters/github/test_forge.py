"""GitHub's verbs through the real gh program, against a look-alike with real repositories."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.github.api import GitHubApi
from omninode_release.adapters.github.calls import GitHubCalls
from omninode_release.adapters.github.forge import GitHubForge
from omninode_release.adapters.github.response import GitHubError
from omninode_release.models.config_parts import Polling
from omninode_release.models.forge import Slug
from omninode_release.system.clock import SystemClock
from omninode_release.system.process import Programs
from support.github import Fault, FaultKind, GitHub, Policy
from support.gitrepo import git, land, tree_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from omninode_release.commands.demo_org import Org
    from omninode_release.models.forge import PullRequest, WorkflowRun

pytestmark = pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed")

BRANCH = "release/r/alpha"
TAGS = ("alpha/v1.0.1", "v1.0.1")
KINDS: tuple[FaultKind, ...] = ("502", "lost", "429", "secondary")


@dataclass
class Desk:
    """One repository, the forge that is tested, and what the look-alike made of it."""

    github: GitHub
    org: Org
    forge: GitHubForge

    @property
    def policy(self) -> Policy:
        return self.github.policy("alpha")

    def counts(self) -> dict[str, int]:
        return self.github.counts("alpha")

    def push_branch(self) -> str:
        """A release branch on the remote, one commit ahead of main."""
        return self._release("refs/heads/" + BRANCH)

    def push_tags(self, *tags: str) -> None:
        sha = self._release("refs/heads/other")
        for tag in tags:
            git(self.org.remote("alpha"), "update-ref", f"refs/tags/{tag}", sha)

    def create(self) -> PullRequest:
        self.push_branch()
        return self.forge.pulls.create(
            branch=BRANCH, base="main", title="release: alpha", body="`x`\n"
        )

    def wait(self, number: int, until: Callable[[PullRequest], bool]) -> PullRequest:
        looks = [self.forge.pulls.view(number)]
        while not until(looks[-1]):
            assert len(looks) < 9, f"never so: {looks}"
            looks.append(self.forge.pulls.view(number))
        return looks[-1]

    def run_that(self, state: str) -> WorkflowRun:
        looks = [self.forge.runs.find(TAGS)]
        while (run := looks[-1]) is None or run.state != state:
            assert len(looks) < 9, f"never {state}: {looks}"
            looks.append(self.forge.runs.find(TAGS))
        return run

    def _release(self, ref: str) -> str:
        remote = self.org.remote("alpha")
        text = tree_of(remote, "main")["pyproject.toml"].replace("1.0.0", "1.0.1")
        stream = (
            f"commit {ref}\ncommitter Ann <ann@tests.example> 1771934400 +0000\n"
            f"data 1\nrfrom refs/heads/main^0\nM 100644 inline pyproject.toml\n"
            f"data {len(text.encode())}\n{text}\n"
        )
        git(remote, "fast-import", "--quiet", stdin=stream)
        return git(remote, "rev-parse", ref)


@contextmanager
def desk_of(org: Org) -> Iterator[Desk]:
    github = GitHub(org)
    alpha = github.policy("alpha")
    alpha.checks_hidden = alpha.settles_after = alpha.run_hidden = 1
    api = GitHubApi(
        GitHubCalls(
            slug=Slug("github.com", github.owner, "alpha"),
            cwd=org.clone("alpha"),
            run=Programs({**os.environ, **github.env}),
            clock=SystemClock(),
        ),
        jitter=lambda: 0.0,
        polling=Polling(min_seconds=0.01, max_seconds=0.05),
    )
    yield Desk(github, org, GitHubForge(api, "release.yml"))
    github.close()


@pytest.fixture
def desk(small_org: Org) -> Iterator[Desk]:
    with desk_of(small_org) as made:
        yield made


def is_green(pull: PullRequest) -> bool:
    return pull.settled and bool(pull.checks) and all(c.state == "success" for c in pull.checks)


def merged(desk: Desk, pull: PullRequest) -> PullRequest:
    ready = desk.wait(pull.number, is_green)
    desk.forge.pulls.merge(
        pull.number, head_sha=ready.head_sha, subject="release (#1)", body="Run: r"
    )
    return desk.forge.pulls.view(pull.number)


# Pull requests.


def test_a_branch_without_a_pull_request(desk: Desk) -> None:
    assert desk.forge.pulls.find(BRANCH) is None


def test_a_pull_request_is_made_found_and_closed(desk: Desk) -> None:
    made = desk.create()

    assert (made.number, made.state, made.branch, made.base) == (1, "open", BRANCH, "main")
    assert made.url == "https://github.com/pair/alpha/pull/1"
    found = desk.forge.pulls.find(BRANCH)
    assert found is not None
    assert (found.number, found.head_sha) == (1, made.head_sha)
    assert desk.github.repository("alpha").pulls[1].body == "`x`\n"
    desk.forge.pulls.close(1)
    desk.forge.pulls.close(1)
    assert desk.forge.pulls.view(1).state == "closed"
    found = desk.forge.pulls.find(BRANCH)
    assert found is not None
    assert found.state == "closed"


def test_the_newest_of_several_is_found(desk: Desk) -> None:
    desk.create()
    desk.forge.pulls.close(1)
    desk.forge.pulls.create(branch=BRANCH, base="main", title="again", body="")

    found = desk.forge.pulls.find(BRANCH)

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


# The publish workflow.


def test_a_pushed_tag_starts_a_run_that_publishes(desk: Desk) -> None:
    desk.push_tags(*TAGS)

    assert desk.forge.runs.find(TAGS) is None
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


def test_the_newest_run_counts(desk: Desk) -> None:
    desk.push_tags(*TAGS)
    desk.policy.run = "red"
    desk.run_that("failure")

    desk.forge.runs.dispatch(TAGS[1])

    found = {run.id for _ in range(4) if (run := desk.forge.runs.find(TAGS))}
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


# Faults.


MERGING = ("create", "FindPullRequest", "ViewPullRequest", "MoreChecks", "TargetPullRequest",
           "MergePullRequest")  # fmt: skip
PUBLISHING = ("dispatch", "runs", "jobs")


@pytest.mark.parametrize("kind", KINDS)
def test_every_call_of_a_merge_may_fail_once(desk: Desk, kind: FaultKind) -> None:
    desk.github.inject(*(Fault(kind, call) for call in MERGING))

    desk.create()
    pull = desk.forge.pulls.find(BRANCH)
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

    seen = [desk.forge.runs.find(TAGS) for _ in range(5)]

    assert [run and run.state for run in seen] == ["running"] * 3 + ["success"] * 2
    assert desk.github.calls("alpha", "runs") == 5
    assert desk.github.unchanged("alpha") == 3
