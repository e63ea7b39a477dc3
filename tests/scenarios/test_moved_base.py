"""What lands on a base branch while a run is at work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.adapters.local.pulls import LocalPulls
from omninode_release.models.phase import Phase
from support.cli import Terminal, run_cli
from support.endings import (
    RUN,
    before_phase,
    is_archived,
    main_log,
    release,
    resume,
    state_of,
    worktree,
)
from support.forges import AUTHOR, Site
from support.github.repository import Repository
from support.gitrepo import git, land
from support.meddling import (
    BREAKS,
    before_last_look,
    interrupted,
    refused,
    when_merging,
    while_checks_run,
)
from support.repos import hook

if TYPE_CHECKING:
    from collections.abc import Callable

    from omninode_release.commands.demo_org import Org


def in_the_window(patch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let something happen once, inside the merge: no look of the run can have seen it."""
    squash, due = Repository._squash, [act]

    def squashes(self: Repository, *words: Any) -> None:
        if due:
            due.pop()()
            self.sync()
        squash(self, *words)

    patch.setattr(Repository, "_squash", squashes)
    patch.setattr(LocalPulls, "merge", interrupted(LocalPulls.merge, due, after=False))


def _lands(site: Site, message: str) -> Callable[[], object]:
    return lambda: land(site.remote, "late.md", "Late.\n", message)


@pytest.mark.parametrize("bump", [(), ("--bump", "patch")], ids=["inferred", "forced"])
@pytest.mark.parametrize("message", ["feat!: other", BREAKS])
def test_what_landed_in_the_window_before_the_merge_is_not_released_as_a_patch(
    site: Site, monkeypatch: pytest.MonkeyPatch, message: str, bump: tuple[str, ...]
) -> None:
    index = site.outside()["index"]
    with monkeypatch.context() as patch:
        in_the_window(patch, _lands(site, message))
        ran = site.release(*bump)
    before = site.outside()

    refused(
        ran,
        site,
        Phase.TAG,
        "makes it a major release, patch was approved",
        "0.4.1 is merged into main as",
        "has not tagged or published it",
    )
    assert "refs/tags/beta/v0.4.1" not in before["refs"]["beta"]
    assert before["index"] == index
    assert main_log(site.org, "beta")[0] == "release: beta v0.4.1 (#1)"
    if bump:
        return

    again = site.resume()

    assert (again.code, again.err) == (0, "")
    assert again.result is not None
    detail = again.result["details"][0]
    assert (detail["new_version"], detail["bump"], detail["pr_number"]) == ("1.0.0", "major", 2)
    assert site.releases() == ["release: beta v1.0.0 (#2)", "release: beta v0.4.1 (#1)"]
    tags = git(site.remote, "tag").split()
    assert "beta/v1.0.0" in tags
    assert "beta/v0.4.1" not in tags
    assert is_archived(site.org)


@pytest.mark.parametrize("site", ["github"], indirect=True)
def test_what_landed_while_a_queue_waited_is_not_released_as_a_patch(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert site.hub is not None
    site.hub.policy("beta").queue = "merges"
    when_merging(monkeypatch, _lands(site, "feat!: other"), after=True)

    ran = site.release()

    refused(ran, site, Phase.TAG, "feat!: other")
    assert "beta/v0.4.1" not in git(site.remote, "tag").split()


@pytest.mark.parametrize("site", ["github"], indirect=True)
def test_a_merge_that_is_refused_because_the_base_moved_is_judged_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    when_merging(monkeypatch, _lands(site, "feat!: other"), after=False)

    ran = site.release()

    refused(ran, site, Phase.MERGE, "feat!: other")
    assert site.releases() == []


@pytest.mark.parametrize("site", ["github"], indirect=True)
def test_a_merge_that_is_refused_until_the_moved_base_is_worked_out_is_tried_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_last_look(monkeypatch, _lands(site, "docs: other"))

    ran = site.release()

    assert ran.code == 0, ran.err
    assert main_log(site.org, "beta")[:2] == ["release: beta v0.4.1 (#1)", "docs: other"]


def test_a_fix_that_landed_in_the_window_goes_along_and_is_told(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_window(monkeypatch, _lands(site, "fix: late"))

    ran = site.release()

    assert ran.code == 0, ran.err
    late = state_of(site.org)["repos"]["beta"]["outputs"]["MERGE"]["late"]
    assert [(each["subject"], each["author"]) for each in late] == [("fix: late", AUTHOR)]


@pytest.mark.parametrize("when", ["before the merge", "in its window", "on the branch"])
@pytest.mark.parametrize("site", ["github"], indirect=True)
def test_a_release_whose_workflow_is_taken_away_is_not_tagged(
    site: Site, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    by_hand = "on:\n  workflow_dispatch:\n    inputs: {version: {required: true}}\n"

    def act() -> None:
        change = (".github/workflows/release.yml", by_hand, "ci: release by hand")
        if when == "on the branch":
            site.commit_on_branch(*change)
        else:
            land(site.remote, *change)

    if when == "in its window":
        in_the_window(monkeypatch, act)
    else:
        while_checks_run(site, monkeypatch, act)

    ran = site.release()

    phase = Phase.TAG if when == "in its window" else Phase.MERGE
    refused(ran, site, phase, "nothing starts it any more: it does not listen to the tag beta/v")
    assert "beta/v0.4.1" not in git(site.remote, "tag").split()
    again = site.resume()
    said = "PUBLISH_FAILED: beta: expected release.yml of pair/beta to be started"
    assert again.err.startswith("" if when == "on the branch" else said)
    assert again.code == (0 if when == "on the branch" else 1)


def test_a_late_breaking_commit_is_stale_under_a_forced_level(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = while_checks_run(site, monkeypatch, _lands(site, "feat!: other"))

    ran = site.release("--bump", "patch")

    refused(ran, site, Phase.MERGE, "feat!: other")
    assert site.outside() == seen


def test_a_base_that_was_rewound_while_the_run_waited_is_stale(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act() -> None:
        git(site.remote, "update-ref", "refs/heads/main", "main^")

    seen = while_checks_run(site, monkeypatch, act)

    ran = site.release()

    refused(ran, site, Phase.MERGE, "does not contain")
    assert site.outside() == seen


def test_a_base_that_was_rewound_past_the_merge_is_not_tagged(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act() -> None:
        git(site.remote, "update-ref", "refs/heads/main", "main^")

    before_phase(monkeypatch, Phase.TAG, act)

    ran = site.release()

    refused(ran, site, Phase.TAG, "main does not contain")
    assert "beta/v0.4.1" not in git(site.remote, "tag").split()


def test_a_base_branch_that_was_renamed_meanwhile_is_planned_anew(small_org: Org) -> None:
    remote = small_org.remote("alpha")
    keeps = 'while read old new ref; do [ "$ref" != refs/heads/main ] || exit 1; done'
    stops = hook(remote, "reference-transaction", f'[ "$1" != prepared ] || {keeps}')
    assert release(small_org, "alpha").code == 1
    stops.unlink()
    git(remote, "branch", "-m", "main", "trunk")

    stale = resume(small_org)
    again = run_cli(small_org, "--resume", RUN, stdin=Terminal("approve\n"))

    assert "PLAN_STALE: expected the branch main of alpha on the remote, found none" in stale.err
    assert (again.code, again.err) == (0, "")
    assert git(remote, "log", "--format=%s", "-1", "trunk") == "release: alpha v1.1.0 (#2)"


def test_a_base_branch_that_is_renamed_with_its_pull_request_is_not_asked_for_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act() -> None:
        git(site.remote, "branch", "-m", "main", "trunk")
        git(site.remote, "symbolic-ref", "HEAD", "refs/heads/trunk")
        site.set_pull(1, base="trunk")
        if site.hub is not None:
            site.hub.policy("beta").default_branch = "trunk"

    with monkeypatch.context() as patch:
        while_checks_run(site, patch, act)
        ran = site.release()
    refused(ran, site, Phase.MERGE, "expected the branch main of beta on the remote, found none")

    again = site.resume()

    assert (again.code, again.err) == (0, "")
    assert git(site.remote, "log", "--format=%s", "-1", "trunk") == "release: beta v0.4.1 (#2)"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("reset", "--quiet", "--hard", "HEAD~1"), "main no longer contains"),
        (("rm", "--quiet", "pyproject.toml"), "it has no version in pyproject.toml"),
        (
            ("revert", "--no-edit", "HEAD", "HEAD~1"),
            "everything that was to be released was taken back",
        ),
    ],
    ids=["rewound", "without a manifest", "reverted"],
)
def test_a_base_branch_that_lost_what_was_planned_is_not_built_on(
    small_org: Org, monkeypatch: pytest.MonkeyPatch, change: tuple[str, ...], words: str
) -> None:
    theirs = small_org.root / "theirs"

    def act() -> None:
        git(small_org.root, "clone", "--quiet", str(small_org.remote("alpha")), str(theirs))
        git(theirs, *change)
        if change[0] == "rm":
            git(theirs, "commit", "--quiet", "--message", "chore: no manifest")
        git(theirs, "push", "--quiet", "--force")

    before_phase(monkeypatch, Phase.WORKTREE, act, repo="alpha")

    ran = release(small_org, "alpha")

    assert ran.code == 1
    assert ran.err.startswith("PLAN_STALE: alpha: main of alpha moved after the approval: ")
    assert words in ran.err
    assert not worktree(small_org, "alpha").exists()
