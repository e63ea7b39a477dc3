"""What people do to a pull request while a run is at work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.adapters.git import Git
from omninode_release.adapters.local.index import LocalIndex
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.phase import Phase
from omninode_release.phases import pull_request
from support.endings import before_phase, branch, main_log, release, state_of
from support.forges import Site
from support.gitrepo import git, land
from support.meddling import before_last_look, refused, while_checks_run
from support.typed_commands import find_typed

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org
    from omninode_release.models.forge import Availability
    from support.cli import Ran


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


def test_another_pull_request_of_the_branch_into_another_one_is_not_ours(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(site.remote, "branch", "next", "main")
    site.stop_at(monkeypatch, Phase.MERGE)
    open_pull(site, base="next")

    again = site.resume_by_token()

    assert (again.code, again.err) == (0, "")
    assert site.releases() == ["release: beta v0.4.1 (#1)"]


def test_a_branch_that_is_deleted_before_its_pull_request_is_pushed_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act() -> None:
        git(site.remote, "update-ref", "-d", f"refs/heads/{branch('beta')}")

    with monkeypatch.context() as patch:
        before_phase(patch, Phase.PR, act)
        ran = site.release()
    refused(ran, site, Phase.PR, "on the remote, where this run has pushed it", code="PR_FAILED")

    again = site.resume_by_token()

    assert (again.code, again.err) == (0, "")
    assert site.releases() == ["release: beta v0.4.1 (#1)"]


def test_a_pull_request_that_is_refused_is_told_where_git_then_gets_no_answer(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_silent(*_: str) -> None:
        raise ReleaseError(ErrorCode.SCAN_FAILED, "git got no answer.")

    def act(body: str, _more: str | None) -> str:
        git(site.remote, "update-ref", "-d", f"refs/heads/{branch('beta')}")
        patch.setattr(Git, "remote_refs", is_silent)
        return body

    with monkeypatch.context() as patch:
        patch.setattr(pull_request, "shorten", act)
        ran = site.release()

    assert ran.code == 1
    assert ran.err.startswith("PR_FAILED: beta: "), ran.err
    assert "got no answer" not in ran.err


def test_a_pull_request_whose_branch_was_deleted_goes_on_as_its_hint_says(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act() -> None:
        git(site.remote, "update-ref", "-d", f"refs/heads/{branch('beta')}")
        if site.hub is not None:  # GitHub closes it
            site.set_pull(1, closed=True)

    with monkeypatch.context() as patch:
        while_checks_run(site, patch, act)
        ran = site.release()
    refused(ran, site, Phase.MERGE, "its branch is gone from the remote", code="MERGE_FAILED")
    stopped = site.resume_by_token()
    type_hint(site, monkeypatch, stopped, "push")
    if site.hub is not None:
        site.hub.repository("beta").pulls[1].state = "OPEN"
    again = site.resume_by_token()

    assert "PR_FAILED" in stopped.err
    assert (again.code, again.err) == (0, "")
    assert site.releases() == ["release: beta v0.4.1 (#1)"]


def test_a_merge_that_is_reverted_while_its_tag_waits_for_the_index_gets_none(
    small_org: Org, only_steps: None, no_hooks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    del only_steps, no_hooks
    site, look = Site(small_org), LocalIndex.look
    wheel, away = small_org.index / "alpha-1.1.0-py3-none-any.whl", small_org.root / "away.whl"

    def looks(self: LocalIndex, name: str, version: str, **words: Any) -> Availability:
        answer = look(self, name, version, **words)
        if name == "alpha" and away.exists():
            revert_merge(site)
            away.rename(wheel)
        return answer

    monkeypatch.setattr(LocalIndex, "look", looks)
    before_phase(monkeypatch, Phase.TAG, lambda: wheel.rename(away))

    ran = release(small_org)

    assert ran.code == 3
    assert "PLAN_STALE: beta: " in ran.err
    assert "main has reverted" in ran.err
    assert "beta/v0.4.1" not in git(site.remote, "tag").split()


def revert_merge(site: Site) -> None:
    clone = site.org.root / "reverted"
    git(site.org.root, "clone", "--quiet", str(site.remote), str(clone))
    git(clone, "revert", "--no-edit", "HEAD")
    git(clone, "push", "--quiet", "origin", "main")


def open_pull(site: Site, base: str = "main") -> None:
    words = {"title": "Theirs", "body": "", "branch": branch("beta"), "base": base}
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
        if site.hub is not None and how == "fast-forward":
            site.hub.policy("beta").merge_commit_told = False

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


@pytest.mark.parametrize("how", ["merge", "rebase", "squash", "fast-forward"])
def test_what_a_person_merges_right_before_the_run_is_its_release(
    site: Site, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    before_last_look(monkeypatch, lambda: site.mark_merged(merge_by_hand(site, how)))

    ran = site.release()

    assert (ran.code, ran.err) == (0, "")
    merged = git(site.remote, "rev-parse", "main")
    assert git(site.remote, "rev-parse", "beta/v0.4.1^{commit}") == merged
    assert state_of(site.org)["repos"]["beta"]["outputs"]["MERGE"]["merge_sha"] == merged


@pytest.mark.parametrize("site", ["github"], indirect=True)
def test_what_a_person_merges_before_the_branch_is_updated_is_its_release(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert site.hub is not None
    site.hub.policy("beta").strict = True
    before_phase(monkeypatch, Phase.MERGE, lambda: land(site.remote, "d.md", "D.\n", "docs: d"))
    before_last_look(monkeypatch, lambda: site.mark_merged(merge_by_hand(site, "squash")))

    ran = site.release()

    assert (ran.code, ran.err) == (0, "")
    assert main_log(site.org, "beta")[0] == "Release beta by hand (#1)"
    assert len(site.hub.repository("beta").pulls) == 1


@pytest.mark.parametrize("site", ["github"], indirect=True)
def test_what_is_merged_and_taken_off_the_base_branch_again_is_planned_anew(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act() -> None:
        site.mark_merged(merge_by_hand(site, "squash"))
        git(site.remote, "update-ref", "refs/heads/main", "main^")

    before_phase(monkeypatch, Phase.MERGE, act)
    ran = site.release()
    refused(ran, site, Phase.MERGE, "is not on main", "what became of main", code="MERGE_FAILED")

    again = site.resume()

    assert (again.code, again.err) == (0, "")
    assert site.releases() == ["release: beta v0.4.1 (#2)"]


def test_a_branch_that_a_person_rebased_goes_on_as_its_hint_says(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act() -> None:
        rebased = merge_by_hand(site, "rebase")
        git(site.remote, "update-ref", f"refs/heads/{branch('beta')}", rebased)

    while_checks_run(site, monkeypatch, act)
    refused(site.release(), site, Phase.MERGE, "the release commit of this run, found it at")
    stopped = site.resume()
    refused(stopped, site, Phase.PUSH, "went another way", code="PUSH_FAILED")
    type_hint(site, monkeypatch, stopped, "--delete")

    again = site.resume()

    assert (again.code, again.err) == (0, "")
    assert site.releases() == ["release: beta v0.4.1 (#2)"]


def type_hint(site: Site, patch: pytest.MonkeyPatch, stopped: Ran, word: str) -> None:
    """Type the git of a hint that has ``word`` among its own."""
    command = next(each for each in find_typed(stopped.err) if word in each.argv)
    for name, value in site.env.items():
        patch.setenv(name, value)
    git(site.org.root, *command.argv[1:])


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
