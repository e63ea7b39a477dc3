"""Two runs of the same versions: the first that releases them has them, the other is refused."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.models.phase import Phase
from omninode_release.system.clock import FixedClock
from support.cli import MOMENT, Terminal, run_cli
from support.endings import (
    APPROVED,
    RUN,
    before_phase,
    branch,
    is_archived,
    release,
    state_of,
)
from support.forges import Site
from support.gitrepo import all_refs, git, land
from support.people import Slow
from support.repos import configure, hook

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org
    from support.cli import Ran

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")

KEEPS_BRANCHES = """case $1 in refs/heads/release/*) case $3 in *[!0]*) ;; *)
echo "error: GH013: Repository rule violations found for $1." >&2; exit 1;; esac;; esac"""
"""A ruleset that restricts deletions."""


def release_elsewhere(site: Site) -> None:
    """Another machine, with a state root of its own, releases beta under another id."""
    with site.before_pulls():  # the pre-flight of the other run came before one was opened
        ran = run_cli(
            site.org,
            *("beta", "--run-id", "two", "--gate-attestation", "1740312613.000100:two"),
            env={**site.env, "ONEX_STATE_DIR": str(site.org.root / "elsewhere")},
        )
    assert ran.code == 0, ran.out + ran.err


def refused(ran: Ran, *words: str) -> None:
    assert ran.code == 1, ran.out
    assert "PLAN_STALE" in ran.err.splitlines()[0]
    for word in words:
        assert word in ran.err, f"expected {word!r} in:\n{ran.err}"


def withdrawn(site: Site, before: dict[str, Any]) -> None:
    """What is released is as it was; the other run's branch and open pull request are gone."""
    after = site.outside()
    assert after["index"] == before["index"]
    gone = {ref for ref in before["refs"]["beta"] if branch("beta") in ref}
    kept = {ref: sha for ref, sha in before["refs"]["beta"].items() if ref not in gone}
    assert after["refs"] == {**before["refs"], "beta": kept}


@pytest.mark.parametrize("phase", [Phase.COMMIT, Phase.PUSH, Phase.PR, Phase.MERGE])
def test_a_version_that_another_run_released_is_not_released_again(
    site: Site, monkeypatch: pytest.MonkeyPatch, phase: Phase
) -> None:
    site.stop_at(monkeypatch, phase)
    release_elsewhere(site)
    before = site.outside()

    refusal = site.resume_by_token()
    after = site.outside()
    again = site.resume()

    refused(
        refusal,
        "expected beta 0.4.1 to be still this run's to release",
        "main is at version 0.4.1",
        "of the run two",
        f"omni-release --resume {RUN}",
    )
    assert after == before
    assert site.releases() == ["release: beta v0.4.1 (#1)"] or phase is Phase.MERGE
    assert (again.code, again.err) == (0, "")
    assert is_archived(site.org)
    withdrawn(site, before)
    assert len(site.releases()) == 1


@pytest.mark.parametrize("subject", [None, "chore(release): {repo} {version} after {old}"])
def test_who_released_it_is_known_by_the_subject_of_its_commit(
    small_org: Org, monkeypatch: pytest.MonkeyPatch, subject: str | None
) -> None:
    configure(small_org, commit_subject=subject)
    theirs = "chore(release): beta 0.4.1 after 0.4.0" if subject else "release: beta v0.4.1"
    text = git(small_org.remote("beta"), "show", "main:pyproject.toml").replace("0.4.0", "0.4.1")

    def act() -> None:
        land(small_org.remote("beta"), "pyproject.toml", text, f"{theirs} (#7)\n\nRelease-Run: two")

    before_phase(monkeypatch, Phase.COMMIT, act)

    ran = release(small_org, "beta")

    refused(ran, "main is at version 0.4.1, by ", f" ({theirs} (#7)) of the run two")


def test_a_run_with_an_open_pull_request_is_gone_on_with_first(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.stop_at(monkeypatch, Phase.MERGE)
    before = site.outside()

    other = site.release(run_id="other")

    assert other.code == 1
    assert other.err.startswith("PR_FAILED: beta: expected no open release pull request of another")
    assert f"({branch('beta')})" in other.err
    assert f"Next: omni-release --resume {RUN} where it was begun, or " in other.err
    assert site.outside() == before
    assert site.resume_by_token().code == 0


def test_a_pull_request_of_another_run_is_closed_as_the_hint_says(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(small_org)
    site.stop_at(monkeypatch, Phase.MERGE)
    typed = f"git -C {small_org.clone('beta')} push origin --delete {branch('beta')}"
    assert typed in site.release(run_id="other").err

    git(small_org.clone("beta"), "push", "--quiet", "origin", "--delete", branch("beta"))

    assert site.release(run_id="other").code == 0


def test_a_pull_request_of_a_run_that_is_over_is_only_to_be_closed(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(small_org)
    site.stop_at(monkeypatch, Phase.MERGE)
    assert run_cli(small_org, "abandon", RUN).code == 0

    other = site.release(run_id="other")

    command = f"git -C {small_org.clone('beta')} push origin --delete {branch('beta')}"
    assert f"Next: {command}, for the run {RUN} is over" in other.err
    assert other.result is not None
    assert other.result["next"] == []  # no run can be resumed
    git(small_org.clone("beta"), "push", "--quiet", "origin", "--delete", branch("beta"))
    assert site.release(run_id="other").code == 0


def test_what_cannot_be_withdrawn_yet_is_told_and_tried_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.stop_at(monkeypatch, Phase.MERGE)
    release_elsewhere(site)
    assert "PLAN_STALE" in site.resume_by_token().err
    keeps = hook(site.remote, "pre-receive", f"grep -q {branch('beta')}$ && exit 1; exit 0")

    stopped = site.resume()
    keeps.unlink()
    again = site.resume()

    refused(stopped, "git push", f"omni-release --resume {RUN}")
    assert (again.code, again.err) == (0, "")
    assert is_archived(site.org)
    assert branch("beta") not in "".join(all_refs(site.remote))


def test_a_branch_that_rules_keep_from_being_deleted_is_told_with_the_rules(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.stop_at(monkeypatch, Phase.MERGE)
    release_elsewhere(site)
    assert "PLAN_STALE" in site.resume_by_token().err
    keeps = hook(site.remote, "update", KEEPS_BRANCHES)

    stopped = site.resume()
    keeps.unlink()

    refused(stopped, "GH013", "have the rules of the remote, which the message names, admit this")
    assert site.resume().code == 0


def test_a_release_whose_branch_rules_keep_leaves_nothing_here(site: Site) -> None:
    hook(site.remote, "update", KEEPS_BRANCHES)

    ran = site.release()

    assert (ran.code, ran.err) == (0, "")
    assert f"{branch('beta')} stays on the remote" in ran.out
    assert "GH013: Repository rule violations found" in ran.out
    assert branch("beta") not in all_refs(site.org.clone("beta"))
    assert not list(site.org.worktrees.rglob("*.toml"))


def test_a_gate_that_was_open_while_another_run_released_lets_nothing_through(site: Site) -> None:
    seen: dict[str, Any] = {}

    def meanwhile() -> None:
        if not seen:  # a terminal is read again after an answer
            release_elsewhere(site)
            seen.update(site.outside())

    ran = run_cli(site.org, "beta", "--run-id", RUN, stdin=Slow(meanwhile), env=site.env)

    refused(ran, "main is at version 0.4.1", "the tag beta/v0.4.1 is on", "on the package index")
    assert site.outside() == seen
    assert not site.org.worktrees.exists() or not list(site.org.worktrees.rglob("*.toml"))


@pytest.mark.parametrize("phase", [Phase.COMMIT, Phase.PUSH, Phase.PR, Phase.MERGE])
def test_two_runs_that_are_at_work_together_release_once(
    site: Site, monkeypatch: pytest.MonkeyPatch, phase: Phase
) -> None:
    seen: dict[str, Any] = {}

    def meanwhile() -> None:
        release_elsewhere(site)
        seen.update(site.outside())

    before_phase(monkeypatch, phase, meanwhile)

    ran = site.release()

    refused(ran, "beta: expected beta 0.4.1 to be still this run's to release")
    assert state_of(site.org)["repos"]["beta"]["phase"] == phase.leads_to
    assert site.outside() == seen
    assert len(site.releases()) == 1


def test_another_machine_under_the_same_run_id_is_not_taken_for_this_one(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(small_org)
    there = small_org.root / "there" / "omni_home"
    shutil.copytree(small_org.omni_home, there, symlinks=True)
    (there.parent / small_org.index.name).symlink_to(small_org.index)
    site.stop_at(monkeypatch, Phase.COMMIT)
    elsewhere = run_cli(
        small_org,
        *("beta", "--omni-home", str(there), "--run-id", RUN, *APPROVED),
        env={"ONEX_STATE_DIR": str(small_org.root / "elsewhere")},
        clock=FixedClock(MOMENT + timedelta(minutes=5)),
    )
    assert elsewhere.code == 0, elsewhere.err
    before = site.outside()

    ran = site.resume_by_token()

    refused(ran, "main is at version 0.4.1")
    assert site.outside() == before


def test_what_was_begun_and_released_by_another_run_holds_up_no_other_repository(
    small_org: Org,
) -> None:
    hook(small_org.clone("alpha"), "commit-msg", "exit 1")
    assert release(small_org).code == 1
    (small_org.clone("alpha") / ".git" / "hooks" / "commit-msg").unlink()
    two = ("alpha", "--run-id", "two", "--gate-attestation", "1740312613.000100:two")
    assert run_cli(small_org, *two, env={"ONEX_STATE_DIR": str(small_org.root / "two")}).code == 0
    site = Site(small_org)

    stale, ran = site.resume_by_token(), site.resume()

    assert "PLAN_STALE" in stale.err
    assert (ran.code, ran.err) == (0, "")
    assert ran.result is not None
    told = [(each["repo"], each["phase"], each["error_code"]) for each in ran.result["details"]]
    assert told == [("alpha", "PLANNED", "NOTHING_TO_RELEASE"), ("beta", "DONE", None)]
    assert is_archived(small_org)
    assert site.releases() == ["release: beta v0.4.1 (#1)"]


def test_a_release_that_was_between_merge_and_tag_is_not_made_a_second_time(
    small_org: Org,
) -> None:
    stopped = release(small_org, "alpha", "--skip-pypi-wait")
    assert stopped.code == 0
    remote, elsewhere = small_org.remote("alpha"), ("--run-id", "two", "alpha")
    tags = {name: sha for name, sha in all_refs(remote).items() if name.endswith("/v1.1.0")}
    for name in tags:
        git(remote, "update-ref", "-d", name)
    shutil.rmtree(small_org.index)

    def tag_it() -> None:
        for name, sha in tags.items():
            git(remote, "update-ref", name, sha)

    ran = run_cli(small_org, *elsewhere, stdin=Slow(tag_it))
    again = run_cli(small_org, "--resume", "two", stdin=Terminal("approve\n"))

    assert "  alpha  1     1.1.0    1.2.0" in ran.out
    refused(ran, "what it counts has been released by now (tag alpha/v1.1.0)")
    assert (again.code, again.err) == (0, "")
    assert not git(remote, "tag", "--list", "*1.2.0")


def test_a_run_of_which_another_has_released_all_ends_as_its_hint_says(small_org: Org) -> None:
    asked = run_cli(small_org, "--run-id", RUN, stdin=Terminal(""))
    assert f"Next: omni-release --resume {RUN}, and answer" in asked.err
    approved = ("--run-id", "two", "--gate-attestation", "1740312613.000100:two")
    elsewhere = {"ONEX_STATE_DIR": str(small_org.root / "elsewhere")}
    assert run_cli(small_org, *approved, env=elsewhere).code == 0

    again = run_cli(small_org, "--resume", RUN, stdin=Terminal("approve\n"))

    assert (again.code, again.err) == (0, "")
    assert is_archived(small_org)
    assert state_of(small_org)["repos"] == {}
