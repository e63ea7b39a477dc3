"""What people do to a release branch or its worktree is kept when the run takes that away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.models.phase import Phase
from support.endings import RUN, before_phase, branch, worktree
from support.gitrepo import all_refs, commit_file, git, land
from support.meddling import refused, while_checks_run

if TYPE_CHECKING:
    from support.forges import Site

OURS = f"refs/omni-release/{{}}/{RUN}/beta/"


def list_kept(site: Site, folder: str) -> dict[str, str]:
    """What a run has kept in the clone of beta."""
    refs, start = all_refs(site.org.clone("beta")), OURS.format(folder)
    return {name.removeprefix(start): sha for name, sha in refs.items() if name.startswith(start)}


def test_a_commit_that_the_forge_alone_has_is_kept_when_its_branch_goes(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def act() -> None:
        made.append(site.commit_on_branch("late.md", "Late.\n", "feat: more"))

    with monkeypatch.context() as patch:
        while_checks_run(site, patch, act)
        refused(site.release(), site, Phase.MERGE, "feat: more")
    latest = site.commit_on_branch("later.md", "Later.\n", "feat: and more")

    again = site.resume()

    assert (again.code, again.err) == (0, "")
    assert list_kept(site, "withdrawn") == {latest[:12]: latest}
    assert git(site.org.clone("beta"), "merge-base", *made, latest) == made[0]


def test_a_branch_with_a_commit_that_came_after_the_merge_stays_on_the_remote(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def act() -> None:
        made.append(site.commit_on_branch("late.md", "Late.\n", "fix: too late"))

    before_phase(monkeypatch, Phase.PUBLISH, act)

    ran = site.release()

    assert ran.code == 0, ran.err
    assert f"beta: {branch('beta')} stays on the remote: it is at {made[0][:12]}" in ran.out
    assert all_refs(site.remote)[f"refs/heads/{branch('beta')}"] == made[0]


def test_a_commit_made_in_the_worktree_after_the_push_is_kept(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def act() -> None:
        made.append(commit_file(worktree(site.org, "beta"), "mine.md", "Mine.\n", "feat: mine"))

    before_phase(monkeypatch, Phase.TAG, act)

    ran = site.release()

    assert ran.code == 0, ran.err
    (sha,) = made
    assert list_kept(site, "kept") == {sha[:12]: sha}
    assert f"log {OURS.format('kept')}{sha[:12]}" in ran.out
    assert not worktree(site.org, "beta").exists()


def test_a_commit_that_is_on_no_branch_is_kept(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def act() -> None:
        tree = worktree(site.org, "beta")
        git(tree, "checkout", "--quiet", "--detach")
        made.append(commit_file(tree, "mine.md", "Mine.\n", "feat: mine"))

    before_phase(monkeypatch, Phase.TAG, act)

    assert site.release().code == 0
    assert list_kept(site, "kept") == {made[0][:12]: made[0]}


def test_a_file_left_in_the_worktree_after_the_commit_is_kept(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act() -> None:
        (worktree(site.org, "beta") / "mine.md").write_text("Mine.\n", encoding="utf-8")

    before_phase(monkeypatch, Phase.TAG, act)

    ran = site.release()

    assert ran.code == 0, ran.err
    (kept,) = list_kept(site, "kept").values()
    assert git(site.org.clone("beta"), "show", f"{kept}:mine.md") == "Mine."
    assert f"show {OURS.format('kept')}changes-1" in ran.out


def test_an_edit_of_a_plan_that_went_stale_is_kept(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.stop_at(monkeypatch, Phase.COMMIT)
    news = worktree(site.org, "beta") / "CHANGELOG.md"
    news.write_text(news.read_text(encoding="utf-8") + "\nIn my words.\n", encoding="utf-8")
    land(site.remote, "late.md", "Late.\n", "feat: more")

    stale, again = site.resume_by_token(), site.resume()

    assert "PLAN_STALE" in stale.err
    assert (again.code, again.err) == (0, "")
    kept = list_kept(site, "withdrawn")
    assert [*kept] == ["changes-1"]
    words = git(site.org.clone("beta"), "show", f"{kept['changes-1']}:CHANGELOG.md")
    assert words.endswith("In my words.")


def test_a_release_that_nobody_touches_keeps_nothing(site: Site) -> None:
    ran = site.release()

    assert ran.code == 0, ran.err
    assert list_kept(site, "kept") == {}
    assert "kept" not in ran.out
