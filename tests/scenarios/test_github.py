"""Releases through GitHub: the real gh, a look-alike of ours, real repositories behind it."""

from __future__ import annotations

import shutil
import tomllib
from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.github.runs import GitHubRuns
from omninode_release.models.phase import Phase
from support.cli import Ran, run_cli
from support.endings import APPROVED, RUN, before_phase, branch, break_phase, is_archived, main_log
from support.forges import commit_on
from support.github import TOKEN, Fault, FaultKind, GitHub
from support.gitrepo import all_refs, git, land
from support.repos import configure, hook, lands

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

pytestmark = [
    pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed"),
    pytest.mark.usefixtures("only_steps", "no_hooks"),
]

SOON = {
    "timeouts": {
        "checks_grace_seconds": 0.05,
        "workflow_grace_seconds": 1,
        "own_grace_seconds": 1,
        "index_grace_seconds": 0.3,
        "merge_minutes": 1,
    },
    "polling": {"min_seconds": 0.01, "max_seconds": 0.05},
}
ONCE = {"pull requests": 1, "merges": 1, "runs": 1, "dispatches": 0}
FAULTS = (
    "FindPullRequest", "create", "ViewPullRequest", "MoreChecks", "TargetPullRequest",
    "MergePullRequest", "runs", "dispatch",
)  # fmt: skip


@pytest.fixture
def hub(github: GitHub, small_org: Org) -> GitHub:
    configure(small_org, forge="github", **SOON)
    return github


def release(org: Org, hub: GitHub, *args: str) -> Ran:
    return run_cli(org, "--run-id", RUN, *APPROVED, *args, env=hub.env)


def resume(org: Org, hub: GitHub) -> Ran:
    return run_cli(org, "--resume", RUN, *APPROVED, env=hub.env)


def assert_released(org: Org, github: GitHub, *repos: str, **counts: int) -> None:
    """Every repository: once each, its tags on the merge commit, its files on the index."""
    for repo in repos or org.repos:
        assert github.counts(repo) == {**ONCE, **counts}, repo
        refs = all_refs(org.remote(repo))
        released = [line for line in main_log(org, repo) if line.startswith(f"release: {repo} v")]
        assert len(released) == 1
        version = released[0].split(" v")[1].split(" ")[0]
        for tag in (f"{repo}/v{version}", f"v{version}"):
            merge = git(org.remote(repo), "rev-parse", f"refs/tags/{tag}^{{commit}}")
            assert git(org.remote(repo), "log", "-1", "--format=%s", merge) == released[0]
        assert len([name for name in refs if name.endswith(f"/v{version}")]) == 2
        project = tomllib.loads(git(org.remote(repo), "show", "main:pyproject.toml"))["project"]
        name = project["name"].replace("-", "_")
        assert len(list(org.index.glob(f"{name}-{version}*"))) == 2
        assert not [name for name in refs if "/release/" in name]
        assert not [name for name in all_refs(org.clone(repo)) if "/release/" in name]


def entry(ran: Ran, repo: str) -> dict[str, object]:
    assert ran.result is not None
    found: dict[str, object] = next(d for d in ran.result["details"] if d["repo"] == repo)
    return found


def refused(ran: Ran, code: str, phase: Phase, *words: str) -> None:
    """alpha failed at that step and for that reason."""
    told = entry(ran, "alpha")
    assert (told["error_code"], told["phase"]) == (code, phase.leads_to), ran.err
    for word in words:
        assert word in ran.err, f"expected {word!r} in:\n{ran.err}"
    assert f"--resume {RUN}" in ran.err


BY_HAND = """name: Release
on:
  workflow_dispatch:
    inputs: {tag: {required: true}}
"""
PULL = "https://github.com/pair/alpha/pull/1"


def test_two_repositories_are_released(small_org: Org, hub: GitHub) -> None:
    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert_released(small_org, hub)
    assert is_archived(small_org)
    assert entry(ran, "beta")["pr_url"] == "https://github.com/pair/beta/pull/1"
    assert "https://github.com/pair/beta/actions/runs/1" in ran.out
    assert TOKEN not in ran.out + ran.err
    written = (path for path in small_org.root.rglob("*") if path.is_file())
    assert not [path for path in written if TOKEN.encode() in path.read_bytes()]


@pytest.mark.parametrize("kind", ["502", "lost", "429", "secondary"])
def test_every_call_may_fail_once(small_org: Org, hub: GitHub, kind: FaultKind) -> None:
    hub.policy("alpha").push_starts = False
    hub.inject(*(Fault(kind, call) for call in FAULTS))

    ran = release(small_org, hub, "alpha")

    assert ran.code == 0, ran.err
    assert_released(small_org, hub, "alpha", dispatches=1)
    assert hub.faulted("alpha") == {*FAULTS}


def test_a_queue_merges(small_org: Org, hub: GitHub) -> None:
    change(hub, queue="merges")

    ran = release(small_org, hub, "alpha")

    assert ran.code == 0, ran.err
    assert_released(small_org, hub, "alpha")
    assert hub.calls("alpha", "EnqueuePullRequest") == 1
    assert hub.calls("alpha", "MergePullRequest") == 0


def test_a_queue_that_puts_it_out_is_noticed(small_org: Org, hub: GitHub) -> None:
    hub.policy("alpha").queue = "ejects"

    ran = release(small_org, hub, "alpha")

    refused(
        ran, "MERGE_FAILED", Phase.MERGE, "the merge queue put it out again (failed_checks)", PULL
    )


def test_a_queue_that_takes_too_long_is_told_and_gone_on_with(small_org: Org, hub: GitHub) -> None:
    change(hub, queue="merges", queue_looks=10_000)
    configure(small_org, timeouts={**SOON["timeouts"], "merge_minutes": 0.02})

    ran = release(small_org, hub, "alpha")

    refused(ran, "MERGE_FAILED", Phase.MERGE, "in time: it is in the merge queue", f"see {PULL}")
    hub.policy("alpha").queue_looks = 2
    assert resume(small_org, hub).code == 0
    assert_released(small_org, hub, "alpha")


def test_a_queue_that_put_it_out_is_entered_again_on_resume(small_org: Org, hub: GitHub) -> None:
    hub.policy("alpha").queue = "ejects"
    assert release(small_org, hub, "alpha").code == 1
    hub.policy("alpha").queue = "merges"

    ran = resume(small_org, hub)

    assert ran.code == 0, ran.err
    assert_released(small_org, hub, "alpha")


def test_a_branch_behind_is_brought_up_to_date(small_org: Org, hub: GitHub) -> None:
    hub.policy("alpha").strict = True
    news = lands("news.md", "News.\n", "docs: news")
    hook(small_org.remote("alpha"), "post-receive", news)

    ran = release(small_org, hub, "alpha")

    assert ran.code == 0, ran.err
    assert_released(small_org, hub, "alpha")
    assert hub.repository("alpha").updates == 1
    assert "docs: news" in main_log(small_org, "alpha")


def test_a_repository_without_checks_is_released_after_a_while(small_org: Org, hub: GitHub) -> None:
    change(hub, checks="never", required=())
    configure(small_org, timeouts={**SOON["timeouts"], "checks_grace_seconds": 1})

    ran = release(small_org, hub, "alpha")

    assert ran.code == 0, ran.err
    assert_released(small_org, hub, "alpha")
    assert "no check has reported yet" in ran.out


def test_a_red_check_that_nobody_requires_does_not_count(small_org: Org, hub: GitHub) -> None:
    hub.policy("alpha").optional_red = True

    assert release(small_org, hub, "alpha").code == 0


def test_a_check_that_is_cancelled_for_a_newer_run_of_it_is_waited_for(
    small_org: Org, hub: GitHub
) -> None:
    """As a label does it, where a workflow runs for that and cancels the run before."""
    hub.policy("alpha").checks_cancelled = 2
    configure(small_org, timeouts={**SOON["timeouts"], "checks_grace_seconds": 30})

    ran = release(small_org, hub, "alpha")

    assert ran.code == 0, ran.err
    assert_released(small_org, hub, "alpha")


def test_a_check_that_another_body_starts_again_is_waited_for(
    small_org: Org, hub: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a check of the title does it; the run names the commits of others in the body."""
    change(hub, checks_edits=True, checks_running=3)
    there = small_org.remote("alpha"), f"refs/heads/{branch('alpha')}"

    def act() -> None:
        commit_on(*there, "late.md", "Late.", "docs: a late one")

    before_phase(monkeypatch, Phase.MERGE, act, repo="alpha")

    ran = release(small_org, hub, "alpha")

    assert ran.code == 0, ran.err
    assert hub.counts("alpha")["merges"] == 1
    assert "docs: a late one" in hub.repository("alpha").pulls[1].body


def test_a_check_that_stays_cancelled_is_told(small_org: Org, hub: GitHub) -> None:
    hub.policy("alpha").checks_cancelled = 10_000

    ran = release(small_org, hub, "alpha")

    refused(
        ran, "MERGE_FAILED", Phase.MERGE, "checks were cancelled: ci (https://", "run them again"
    )
    assert hub.counts("alpha")["merges"] == 0


def of_app(slug: str) -> dict[str, object]:
    return {"id": slug, "app": {"slug": slug}, "workflowRun": None}


@pytest.mark.parametrize(
    "others",
    [
        [{"conclusion": "FAILURE", "completedAt": "2026-02-25T14:02:40Z"}],
        [
            {"conclusion": "FAILURE", "checkSuite": of_app("appveyor")},
            {"startedAt": "2026-02-25T14:03:00Z", "checkSuite": of_app("circleci")},
        ],
    ],
    ids=["jobs of a matrix that share a name", "another app's of that name"],
)
def test_a_red_check_is_not_hidden_by_a_green_one_of_its_name(
    small_org: Org, hub: GitHub, others: list[dict[str, object]]
) -> None:
    change(hub, more_checks=others)

    ran = release(small_org, hub, "alpha")

    refused(ran, "MERGE_FAILED", Phase.MERGE, "checks failed: ci")


def test_a_required_check_is_not_the_one_that_another_app_reports_under_its_name(
    small_org: Org, hub: GitHub
) -> None:
    status = {"context": "ci", "state": "SUCCESS", "targetUrl": None, "description": None}
    no = lambda _, **__: False  # noqa: E731 - GraphQL's field
    change(hub, checks="never", more_checks=({**status, "__typename": "StatusContext",
                                              "isRequired": no},))  # fmt: skip
    configure(small_org, timeouts={**SOON["timeouts"], "merge_minutes": 0.01})

    ran = release(small_org, hub, "alpha")

    refused(ran, "MERGE_FAILED", Phase.MERGE, "checks have not ended: ci")


def test_an_approved_pull_request_is_merged(small_org: Org, hub: GitHub) -> None:
    hub.policy("alpha").review = "approved"
    hub.policy("alpha").unresolved = 1  # and nothing asks for it to be resolved

    assert release(small_org, hub, "alpha").code == 0


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ({"checks": "red"}, ["checks failed: ci (https://github.com/pair/alpha/actions/runs/9",
                             "2 tests failed"]),
        ({"checks": "red", "required": ()}, ["checks failed: ci"]),
        ({"review": "changes_requested"}, ["a reviewer asked for changes",
                                           f"{PULL}#pullrequestreview-1", "settle the review"]),
        ({"unresolved": 2, "resolution_required": True},
         [f"conversations are unresolved: {PULL}#discussion_r1, {PULL}#discussion_r2"]),
        ({"draft": True}, ["it is a draft", f"mark {PULL} as ready for review"]),
    ],
    ids=["red", "red and not required", "changes requested", "conversations", "draft"],
)  # fmt: skip
def test_what_a_person_has_to_mend_is_told_at_once(
    small_org: Org, hub: GitHub, policy: dict[str, object], words: list[str]
) -> None:
    change(hub, **policy)

    ran = release(small_org, hub, "alpha")

    refused(ran, "MERGE_FAILED", Phase.MERGE, PULL, *words)
    assert hub.counts("alpha")["merges"] == 0


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ({"checks": "never"}, "checks have not ended: ci (it has not reported yet)"),
        ({"review": "required", "checks_hidden": 0, "checks_running": 0, "settles_after": 0},
         "it has no approving review"),
        ({"settles_after": 10_000}, "still working out whether it can be merged"),
        ({"more_checks": [{"name": "ci", "conclusion": None, "startedAt": "2026-02-25T14:05:00Z"}],
          "settles_after": 0}, "checks have not ended: ci"),
        ({"signed_only": True, "checks_hidden": 0, "checks_running": 0, "settles_after": 0},
         "the rules of main hold it back (required signatures)"),
        ({"signed_only": True, "by_ruleset": True, "checks_hidden": 0, "checks_running": 0},
         "the rules of main hold it back (required signatures)"),
    ],
    ids=["a check that never reports", "no review", "never settled", "no verdict", "no signature",
         "no signature, by ruleset"],
)  # fmt: skip
def test_what_never_comes_ends_at_the_deadline(
    small_org: Org, hub: GitHub, policy: dict[str, object], words: str
) -> None:
    change(hub, **policy)
    configure(small_org, timeouts={**SOON["timeouts"], "merge_minutes": 0.01})

    ran = release(small_org, hub, "alpha")

    refused(ran, "MERGE_FAILED", Phase.MERGE, PULL, words)


def test_a_conflict_is_told(small_org: Org, hub: GitHub) -> None:
    theirs = "# Changelog\n\n## [Unreleased]\n\nTheir own words.\n"
    script = lands("CHANGELOG.md", theirs, "docs: mine")
    hook(small_org.remote("alpha"), "post-receive", script)

    ran = release(small_org, hub, "alpha")

    refused(ran, "MERGE_FAILED", Phase.MERGE, f"expected {PULL}", "it conflicts with main")


def test_squashing_that_is_switched_off_meanwhile_says_how_it_is_allowed(
    small_org: Org, hub: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act() -> None:
        hub.policy("alpha").squash_allowed = False

    before_phase(monkeypatch, Phase.MERGE, act, repo="alpha")

    ran = release(small_org, hub, "alpha")

    enabled = "Next: gh repo edit pair/alpha --enable-squash-merge, then"
    refused(ran, "MERGE_FAILED", Phase.MERGE, "Squash merges are not allowed", enabled)
    hub.policy("alpha").squash_allowed = True
    assert resume(small_org, hub).code == 0
    assert_released(small_org, hub, "alpha")


def test_a_refusal_is_mended_and_resumed(small_org: Org, hub: GitHub) -> None:
    hub.policy("alpha").checks = "red"
    assert release(small_org, hub, "alpha").code == 1
    hub.policy("alpha").checks = "green"

    ran = resume(small_org, hub)

    assert ran.code == 0, ran.err
    assert_released(small_org, hub, "alpha")


def merge_by_hand(hub: GitHub) -> None:
    """A person merges the pull request of alpha, whose checks are red."""
    alpha = hub.repository("alpha")
    hub.policy("alpha").required = ()
    subject = f"{alpha.pulls[1].title} (#1)"
    alpha.merge(alpha.pulls[1], head=alpha.pulls[1].head, subject=subject, body="")


def test_a_person_who_merges_first_is_no_trouble(small_org: Org, hub: GitHub) -> None:
    hub.policy("alpha").checks = "red"
    assert release(small_org, hub, "alpha").code == 1
    merge_by_hand(hub)

    ran = resume(small_org, hub)

    assert ran.code == 0, ran.err
    assert_released(small_org, hub, "alpha")


def test_a_merge_whose_commit_shows_late_is_waited_for(small_org: Org, hub: GitHub) -> None:
    hub.policy("alpha").merge_untold = 2

    ran = release(small_org, hub, "alpha")

    assert ran.code == 0, ran.err
    assert_released(small_org, hub, "alpha")


def test_a_merge_by_a_person_whose_commit_shows_late_makes_no_plan_stale(
    small_org: Org, hub: GitHub
) -> None:
    hub.policy("alpha").checks = "red"
    assert release(small_org, hub, "alpha").code == 1
    merge_by_hand(hub)
    hub.policy("alpha").merge_untold = 1

    ran = resume(small_org, hub)

    assert ran.code == 0, ran.err
    assert_released(small_org, hub, "alpha")


@pytest.mark.parametrize(
    ("phase", "rule"),
    [
        (Phase.PUSH, {"target": "BRANCH", "include": ["refs/heads/release/**/*"]}),
        (Phase.TAG, {"target": "TAG", "include": ["~ALL"]}),
    ],
)
def test_a_rule_keeps_out_nothing_that_is_there(
    small_org: Org,
    hub: GitHub,
    monkeypatch: pytest.MonkeyPatch,
    phase: Phase,
    rule: dict[str, object],
) -> None:
    with monkeypatch.context() as patch:
        break_phase(patch, phase, after_effect=True)
        assert release(small_org, hub).code == 3
    hub.policy("beta").rulesets = ({**rule, "rules": {"CREATION": None}},)

    ran = resume(small_org, hub)

    assert ran.code == 0, ran.err
    assert_released(small_org, hub, "beta")


# Publishing.


def test_a_red_run_is_told_with_the_job_that_failed(small_org: Org, hub: GitHub) -> None:
    hub.policy("alpha").run = "red"

    ran = release(small_org, hub, "alpha")

    url = "https://github.com/pair/alpha/actions/runs/1"
    refused(ran, "PUBLISH_FAILED", Phase.PUBLISH, url, "job 'release'", f"{url}/job/1")
    assert hub.counts("alpha") == ONCE


def test_a_run_that_is_red_at_first_sight_is_not_started_again(small_org: Org, hub: GitHub) -> None:
    change(hub, run="red", run_looks=0)

    ran = release(small_org, hub, "alpha")

    refused(ran, "PUBLISH_FAILED", Phase.PUBLISH, "https://github.com/pair/alpha/actions/runs/1")
    assert hub.counts("alpha") == ONCE


def test_a_red_run_is_started_once_more_on_resume(small_org: Org, hub: GitHub) -> None:
    hub.policy("alpha").run = "red"
    assert release(small_org, hub, "alpha").code == 1
    hub.policy("alpha").run = "green"

    ran = resume(small_org, hub)

    assert ran.code == 0, ran.err
    assert hub.counts("alpha") == {**ONCE, "runs": 2, "dispatches": 1}


@pytest.mark.parametrize("late", [0, 1], ids=["at once", "a little late"])
def test_a_red_run_that_published_is_a_release(small_org: Org, hub: GitHub, late: int) -> None:
    change(hub, run="red but published", late_looks=late)
    configure(small_org, timeouts={**SOON["timeouts"], "index_grace_seconds": 30})

    ran = release(small_org, hub, "alpha")

    assert ran.code == 0, ran.err
    red = "its workflow run failed all the same (job 'release' ended failure at 'Notify the others'"
    assert red in ran.out
    assert_released(small_org, hub, "alpha")


def test_an_index_that_is_late_is_waited_for(small_org: Org, hub: GitHub) -> None:
    hub.policy("alpha").late_looks = 4

    assert release(small_org, hub, "alpha").code == 0
    assert_released(small_org, hub, "alpha")


def test_a_tag_that_starts_nothing_is_dispatched_once(small_org: Org, hub: GitHub) -> None:
    change(hub, push_starts=False)

    ran = release(small_org, hub, "alpha")

    assert ran.code == 0, ran.err
    assert_released(small_org, hub, "alpha", dispatches=1)


def test_a_dispatch_is_found_again_by_the_run_after_a_killed_one(
    small_org: Org, hub: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(small_org.remote("alpha"), ".github/workflows/release.yml", BY_HAND, "ci: by hand")
    change(hub, run_hidden=3)
    dispatch = GitHubRuns.dispatch

    def killed(self: GitHubRuns, tag: str) -> None:
        dispatch(self, tag)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(GitHubRuns, "dispatch", killed)
        assert release(small_org, hub, "alpha").code == 130

    ran = resume(small_org, hub)

    assert ran.code == 0, ran.err
    assert hub.counts("alpha") == {**ONCE, "dispatches": 1}


@pytest.mark.parametrize("status", [404, 422])
def test_a_dispatch_that_is_refused_is_told(small_org: Org, hub: GitHub, status: int) -> None:
    hub.policy("alpha").push_starts = False
    hub.policy("alpha").dispatch_refused = status

    ran = release(small_org, hub, "alpha")

    refused(ran, "PUBLISH_FAILED", Phase.PUBLISH, f"HTTP {status}", "release.yml")


def test_a_red_run_that_nothing_but_its_tag_starts_is_run_again_as_the_hint_says(
    small_org: Org, hub: GitHub
) -> None:
    by_tag = 'name: Release\non: {push: {tags: ["v*"]}}\n'
    land(small_org.remote("alpha"), ".github/workflows/release.yml", by_tag, "ci: by tag")
    hub.policy("alpha").run = "red"
    assert release(small_org, hub, "alpha").code == 1

    ran = resume(small_org, hub)

    refused(ran, "PUBLISH_FAILED", Phase.PUBLISH, "gh run rerun 1 --repo pair/alpha")


@pytest.mark.parametrize(
    ("workflow", "words"),
    [("disabled_manually", "gh workflow enable release.yml --repo pair/alpha"),
     ("active", "publish what is tagged by hand")],
)  # fmt: skip
def test_a_dispatch_that_is_refused_says_what_publishes(
    small_org: Org, hub: GitHub, monkeypatch: pytest.MonkeyPatch, workflow: str, words: str
) -> None:
    on = 'name: Release\non: {push: {tags: ["v*"]}}\n'
    land(small_org.remote("alpha"), ".github/workflows/release.yml", on, "ci: by tag")
    hub.policy("alpha").push_starts = False
    before_phase(monkeypatch, Phase.PUBLISH, lambda: change(hub, workflow=workflow), repo="alpha")

    ran = release(small_org, hub, "alpha")

    refused(ran, "PUBLISH_FAILED", Phase.PUBLISH, words)


@pytest.mark.parametrize(
    ("status", "words"),
    [("queued", "no runner has taken it yet"), ("waiting", "it waits for what its")],
)
def test_a_run_that_does_not_come_to_it_is_told_at_the_deadline(
    small_org: Org, hub: GitHub, status: str, words: str
) -> None:
    change(hub, run_looks=10_000, run_waits=status)

    ran = release(small_org, hub, "alpha", "--pypi-timeout-minutes", "0.02")

    url = "https://github.com/pair/alpha/actions/runs/1"
    refused(ran, "PYPI_TIMEOUT", Phase.PUBLISH, f"its workflow run: running, {words}", url)


def test_what_a_red_run_uploaded_is_named(
    small_org: Org, hub: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.policy("alpha").run = "red"
    configure(small_org, publish={"expect": ["wheel", "sdist"]})
    uploaded = (small_org.index / "alpha-1.1.0.tar.gz").touch
    before_phase(monkeypatch, Phase.PUBLISH, uploaded, repo="alpha")

    ran = release(small_org, hub, "alpha")

    refused(ran, "PUBLISH_FAILED", Phase.PUBLISH, "and only alpha-1.1.0.tar.gz")


def test_a_clone_that_is_not_from_github_is_told(small_org: Org) -> None:
    configure(small_org, forge="github")

    ran = run_cli(small_org, "--run-id", RUN, *APPROVED)

    assert ran.code != 0
    assert "forge: github needs a repository on GitHub as origin" in ran.err


def change(hub: GitHub, **policy: object) -> None:
    for name, value in policy.items():
        assert hasattr(hub.policy("alpha"), name)
        setattr(hub.policy("alpha"), name, value)
