"""What others do to a release branch while a run is at work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.models.phase import Phase
from support.endings import RUN, branch, release, state_of, worktree
from support.forges import AUTHOR, Site
from support.gitrepo import all_refs, commit_file, git, tree_of
from support.meddling import BREAKS, refused, when_merging, while_checks_run
from support.repos import configure, spoil

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")


def test_a_commit_on_the_release_branch_goes_along_and_is_told_everywhere(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def act() -> None:
        made.append(site.commit_on_branch("late.md", "Late.\n", "fix: a late one"))

    while_checks_run(site, monkeypatch, act)

    ran = site.release()

    assert ran.code == 0, ran.err
    (sha,) = made
    assert ran.result is not None
    told = f"beta: {sha[:12]} (fix: a late one) by {AUTHOR} was committed to the release branch"
    assert [each for each in ran.result["warnings"] if each.startswith(told)]
    merge = state_of(site.org)["repos"]["beta"]["outputs"]["MERGE"]
    assert merge["head_sha"] == sha
    assert merge["late"] == [
        {"sha": sha, "subject": "fix: a late one", "author": AUTHOR, "on_release_branch": True}
    ]
    tag = git(site.remote, "cat-file", "tag", "beta/v0.4.1")
    assert f"Late-Commit: {sha} (fix: a late one) by {AUTHOR}" in tag
    assert f"- {sha} `fix: a late one` by {AUTHOR}" in site.body_of(1)
    assert site.body_of(1).count(sha) == 1
    assert f"Late-Commit: {sha}" in git(site.remote, "log", "-1", "--format=%b", "main")


@pytest.mark.parametrize("message", ["feat: more", "fix!: less", BREAKS])
def test_a_commit_on_the_release_branch_that_changes_the_level_is_not_merged(
    site: Site, monkeypatch: pytest.MonkeyPatch, message: str
) -> None:
    def act() -> None:
        site.commit_on_branch("late.md", "Late.\n", message)

    seen = while_checks_run(site, monkeypatch, act)

    ran = site.release()

    refused(ran, site, Phase.MERGE, message.splitlines()[0], "patch was approved")
    assert site.outside() == seen
    assert site.releases() == []


def test_a_commit_on_the_release_branch_is_refused_where_late_commits_are(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(site.org, late_commits="refuse")
    seen = while_checks_run(
        site, monkeypatch, lambda: site.commit_on_branch("late.md", "Late.\n", "docs: a late one")
    )

    ran = site.release()

    refused(ran, site, Phase.MERGE, "1 new commits", "docs: a late one")
    assert site.outside() == seen


def test_a_commit_pushed_while_the_run_was_stopped_is_judged_by_the_resume(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.stop_at(monkeypatch, Phase.MERGE)
    theirs = site.commit_on_branch("late.md", "Late.\n", "feat: more")
    before = site.outside()

    ran = site.resume_by_token()

    refused(ran, site, Phase.MERGE, "feat: more")  # PUSH objects; the state never goes back
    assert site.outside() == before
    again = site.resume()
    assert (again.code, again.err) == (0, "")
    assert site.releases() == ["release: beta v0.4.1 (#2)"]
    assert "late.md" not in tree_of(site.remote, "main")
    kept = f"refs/omni-release/withdrawn/{RUN}/beta/{theirs[:12]}"
    assert all_refs(site.org.clone("beta"))[kept] == theirs
    assert kept in again.out


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [('version = "0.4.1"', 'version = "0.9.0"', "found version 0.9.0"),
     ('version = "0.4.1"', 'version = "0.4.0"', "found version 0.4.0")],
)  # fmt: skip
def test_a_commit_that_changes_the_version_is_not_merged(
    site: Site, monkeypatch: pytest.MonkeyPatch, old: str, new: str, words: str
) -> None:
    configure(site.org, local={"checks": ["true"]})

    def act() -> None:
        text = tree_of(site.remote, branch("beta"))["pyproject.toml"]
        assert old in text
        site.commit_on_branch("pyproject.toml", text.replace(old, new), "fix: the version")

    seen = while_checks_run(site, monkeypatch, act)

    ran = site.release()

    refused(ran, site, Phase.MERGE, "to release beta with version 0.4.1", words)
    assert site.outside() == seen


def test_a_commit_that_loosens_a_pin_is_not_merged(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(small_org)

    def act() -> None:
        text = tree_of(site.remote, branch("beta"))["pyproject.toml"]
        loose = text.replace("alpha==1.1.0", "alpha>=1.0.0")
        assert loose != text
        site.commit_on_branch("pyproject.toml", loose, "fix: the pin")

    seen = while_checks_run(site, monkeypatch, act)

    ran = release(small_org)

    assert ran.code == 3
    assert "alpha==1.1.0, found 'alpha>=1.0.0' in pyproject.toml" in ran.err
    assert site.outside()["refs"]["beta"] == seen["refs"]["beta"]


def test_a_branch_that_was_forced_elsewhere_is_not_merged(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act() -> None:
        site.commit_on_branch("theirs.md", "Theirs.\n", "fix: theirs", onto="main")

    seen = while_checks_run(site, monkeypatch, act)

    ran = site.release()

    refused(ran, site, Phase.MERGE, "the release commit of this run", "without it")
    assert site.outside() == seen
    again = site.resume()
    assert "PUSH_FAILED" in again.err
    assert "nothing is ever forced" in again.err
    theirs = git(site.remote, "rev-parse", branch("beta"))
    assert theirs == seen["refs"]["beta"][f"refs/heads/{branch('beta')}"]


def test_a_commit_that_arrives_with_the_merge_is_judged_and_merged_as_it_was(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    when_merging(
        monkeypatch,
        lambda: site.commit_on_branch("late.md", "Late.\n", "fix: a late one"),
        after=False,
    )

    ran = site.release()

    assert ran.code == 0, ran.err
    late = state_of(site.org)["repos"]["beta"]["outputs"]["MERGE"]["late"]
    assert [each["subject"] for each in late] == ["fix: a late one"]


def test_a_feature_that_arrives_on_the_branch_with_the_merge_is_not_merged(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = lambda: site.commit_on_branch("late.md", "Late.\n", "feat: more")  # noqa: E731
    when_merging(monkeypatch, act, after=False)

    ran = site.release()

    refused(ran, site, Phase.MERGE, "feat: more")
    assert site.releases() == []


def test_a_fix_committed_in_the_worktree_is_told_like_any_other(small_org: Org) -> None:
    site = Site(small_org)
    configure(small_org, late_commits="refuse")  # what goes through the worktree is by design
    spoil(small_org, "beta")
    assert "LINT_FAILED" in site.release().err

    mend = commit_file(worktree(small_org, "beta"), "notes.md", "no spaces\n", "style: no spaces")
    ran = site.resume_by_token()

    assert (ran.code, ran.err) == (0, "")
    assert ran.result is not None
    assert any(mend[:12] in each and "release branch" in each for each in ran.result["warnings"])
    assert f"Late-Commit: {mend}" in git(site.remote, "cat-file", "tag", "beta/v0.4.1")
    assert mend in site.body_of(1)


def test_a_feature_committed_in_the_worktree_is_not_pushed(small_org: Org) -> None:
    site = Site(small_org)
    spoil(small_org, "beta")
    assert "LINT_FAILED" in site.release().err
    commit_file(worktree(small_org, "beta"), "notes.md", "no spaces\n", "feat: no spaces")
    before = site.outside()

    ran = site.resume_by_token()

    refused(ran, site, Phase.PUSH, "feat: no spaces")
    assert site.outside() == before


def test_a_branch_that_is_there_before_the_run_is_not_adopted(small_org: Org) -> None:
    site, clone = Site(small_org), small_org.clone("beta")
    git(clone, "checkout", "--quiet", "-b", branch("beta"))
    theirs = commit_file(clone, "mine.md", "Mine.\n", "fix: mine")
    git(clone, "checkout", "--quiet", "main")
    before = site.outside()

    ran = site.release()

    refused(ran, site, Phase.WORKTREE, theirs[:12], "branch -m", code="WORKTREE_CONFLICT")
    assert site.outside() == before
    git(clone, "branch", "-m", branch("beta"), "mine")
    assert site.resume_by_token().code == 0
    assert "mine.md" not in tree_of(site.remote, "main")
