"""What others do to a release branch, its pull request and its base while a run is at work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.adapters.github.pulls import GitHubPulls
from omninode_release.adapters.local.pulls import LocalPulls
from omninode_release.models.phase import Phase
from support.endings import (
    RUN,
    before_phase,
    branch,
    is_archived,
    main_log,
    release,
    state_of,
    worktree,
)
from support.forges import AUTHOR, Site
from support.github.repository import Repository
from support.gitrepo import all_refs, commit_file, git, land, tree_of
from support.repos import configure, spoil

if TYPE_CHECKING:
    from collections.abc import Callable

    from omninode_release.commands.demo_org import Org
    from support.cli import Ran


BREAKS = "release: x\n\nBREAKING CHANGE: y"


def refused(ran: Ran, site: Site, phase: Phase, *words: str, code: str = "PLAN_STALE") -> None:
    assert ran.code == 1, ran.out
    assert ran.err.startswith(f"{code}: beta: "), ran.err
    for word in words:
        assert word in ran.err, f"expected {word!r} in:\n{ran.err}"
    assert f"omni-release --resume {RUN}" in ran.err
    beta = state_of(site.org)["repos"]["beta"]
    assert (beta["phase"], beta["error_code"]) == (phase.leads_to, code)


def when_merging(patch: pytest.MonkeyPatch, act: Callable[[], object], *, after: bool) -> None:
    """Let something happen once, between the last look and the merge, or right after it."""
    for pulls in (LocalPulls, GitHubPulls):
        patch.setattr(pulls, "merge", _interrupted(pulls.merge, [act], after=after))


def in_the_window(patch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let something happen once, inside the merge: no look of the run can have seen it."""
    squash, due = Repository._squash, [act]

    def squashes(self: Repository, *words: Any) -> None:
        if due:
            due.pop()()
            self.sync()
        squash(self, *words)

    patch.setattr(Repository, "_squash", squashes)
    patch.setattr(LocalPulls, "merge", _interrupted(LocalPulls.merge, due, after=False))


def _interrupted(merge: Any, due: list[Callable[[], object]], *, after: bool) -> Any:
    def merges(self: Any, number: int, **words: Any) -> None:
        if due and not after:
            due.pop()()
        merge(self, number, **words)
        if due:
            due.pop()()

    return merges


def while_checks_run(
    site: Site, patch: pytest.MonkeyPatch, act: Callable[[], object]
) -> dict[str, Any]:
    """Let something happen once, between the pull request and its merge; what was there after."""
    seen: dict[str, Any] = {}

    def acts() -> None:
        act()
        seen.update(site.outside())

    before_phase(patch, Phase.MERGE, acts)
    return seen


# A commit on the release branch.


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


# The base branch.


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


def test_a_fix_that_landed_in_the_window_goes_along_and_is_told(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_window(monkeypatch, _lands(site, "fix: late"))

    ran = site.release()

    assert ran.code == 0, ran.err
    late = state_of(site.org)["repos"]["beta"]["outputs"]["MERGE"]["late"]
    assert [(each["subject"], each["author"]) for each in late] == [("fix: late", AUTHOR)]


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


# The pull request.


def test_a_pull_request_with_another_base_is_not_merged(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(site.remote, "branch", "next", "main")
    seen = while_checks_run(site, monkeypatch, lambda: site.set_pull(1, base="next"))

    ran = site.release()

    refused(ran, site, Phase.MERGE, "it goes into next", "its base again", code="MERGE_FAILED")
    assert site.outside() == seen
    site.set_pull(1, base="main")
    again = site.resume_by_token()
    assert (again.code, again.err) == (0, "")


def test_words_that_a_person_changes_in_the_pull_request_change_no_release(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    while_checks_run(
        site, monkeypatch, lambda: site.set_pull(1, title="feat!: mine", body="My own words.")
    )

    ran = site.release()

    assert ran.code == 0, ran.err
    assert main_log(site.org, "beta")[0] == "release: beta v0.4.1 (#1)"


def test_another_pull_request_of_the_branch_is_taken_up_by_a_resume(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act() -> None:
        site.set_pull(1, closed=True)

    with monkeypatch.context() as patch:
        while_checks_run(site, patch, act)
        ran = site.release()
    refused(ran, site, Phase.MERGE, "it is closed", code="MERGE_FAILED")
    open_pull(site)

    again = site.resume_by_token()

    assert (again.code, again.err) == (0, "")
    assert site.releases() == ["release: beta v0.4.1 (#2)"]


def open_pull(site: Site) -> None:
    words = {"title": "Theirs", "body": "", "branch": branch("beta"), "base": "main"}
    if site.hub is not None:
        site.hub.repository("beta").sync()
        site.hub.repository("beta").open(**words)
        return
    git(site.remote, "update-ref", "refs/pull/2/head", branch("beta"))
    path = site.org.remotes / "beta.forge" / "pulls" / "2.json"
    path.write_text(json.dumps({**words, "closed": False}), encoding="utf-8")


@pytest.mark.parametrize("message", ["fix: a late one", "feat: more"])
@pytest.mark.parametrize("how", ["merge", "rebase", "squash", "fast-forward"])
def test_what_a_person_merged_is_judged_by_what_it_contains(
    site: Site, monkeypatch: pytest.MonkeyPatch, how: str, message: str
) -> None:
    def act() -> None:
        site.commit_on_branch("late.md", "Late.\n", message)
        site.mark_merged(merge_by_hand(site, how))

    before_phase(monkeypatch, Phase.MERGE, act)

    ran = site.release()

    if message.startswith("feat"):
        refused(ran, site, Phase.TAG, "feat: more", "patch was approved")
        assert "beta/v0.4.1" not in git(site.remote, "tag").split()
        return
    assert ran.code == 0, ran.err
    late = state_of(site.org)["repos"]["beta"]["outputs"]["MERGE"]["late"]
    told = [(each["subject"], each["on_release_branch"]) for each in late]
    meanwhile = [("docs: meanwhile", False)] if how == "rebase" else []
    assert told == [("fix: a late one", True), *meanwhile]


def merge_by_hand(site: Site, how: str) -> str:
    """A merge of the release branch into main, as a person may make it; not on main yet."""
    remote, head = site.remote, branch("beta")
    tree = git(remote, "rev-parse", f"{head}^{{tree}}")
    if how == "fast-forward":
        return git(remote, "rev-parse", head)
    if how == "merge":
        words = "Merge pull request #1 from pair/release\n\nRelease beta"
        return git(remote, "commit-tree", tree, "-p", "main", "-p", head, "-m", words)
    if how == "squash":
        return git(remote, "commit-tree", tree, "-p", "main", "-m", "Release beta by hand (#1)")
    clone = site.org.root / "by-hand"
    git(site.org.root, "clone", "--quiet", str(remote), str(clone))
    land(remote, "docs.md", "Docs.\n", "docs: meanwhile")
    git(clone, "fetch", "--quiet", "origin")
    git(clone, "checkout", "--quiet", head)
    git(clone, "rebase", "--quiet", "origin/main")
    git(clone, "push", "--quiet", "origin", "HEAD:refs/heads/rebased")
    return git(remote, "rev-parse", "rebased")
