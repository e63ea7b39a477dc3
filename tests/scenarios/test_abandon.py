"""A run that is given up: ``abandon``."""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.git import Git
from omninode_release.models.phase import Phase
from omninode_release.phases.shared import clean_up
from omninode_release.release import run as run_module
from omninode_release.system.lock import Holder, Lock
from support.background import detach, hold_up, places, until_held_up, wait
from support.cli import run_cli
from support.endings import (
    APPROVED,
    RUN,
    Died,
    break_phase,
    is_archived,
    release,
    resume,
    state_of,
    state_path,
    worktree,
)
from support.gitrepo import all_refs, git
from support.repos import hook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")


@pytest.fixture
def held_up(small_org: Org) -> Iterator[Org]:
    with hold_up(small_org):
        yield small_org


def test_what_is_over_is_not_given_up(small_org: Org) -> None:
    release(small_org)

    ran = run_cli(small_org, "abandon", RUN)

    assert (ran.code, ran.out) == (0, f"{RUN} is over already; it is completed.\n")


def test_a_later_plan_does_not_ask_to_resume_what_was_given_up(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        break_phase(patch, Phase.TAG, after_effect=False)
        assert release(small_org).code == 3
    git(small_org.clone("beta"), "fetch", "--quiet", "origin")
    left, resumes = f"it belongs to the run {RUN}", f"omni-release --resume {RUN} finishes that"
    assert f"{left}: {resumes}" in run_cli(small_org, "--dry-run").out

    assert run_cli(small_org, "abandon", RUN).code == 0

    said = run_cli(small_org, "--dry-run").out
    assert f"{left}, which is over\n" in said
    assert "--resume" not in said


def test_an_abandoned_run_is_out_of_the_way_and_says_what_it_left(small_org: Org) -> None:
    refuse = hook(small_org.remote("beta"), "pre-receive", "grep -q refs/tags && exit 1; exit 0")
    assert release(small_org).code == 3

    ran = run_cli(small_org, "abandon", RUN)

    assert ran.code == 0
    state = state_of(small_org)
    pull, clone = state["repos"]["beta"]["pr_url"], small_org.clone("beta")
    assert ran.out == (
        f"{RUN} is given up.\nIt left:\n  beta, which stopped after MERGED:\n"
        f"    pull request {pull}, merged\n"
        "    0.4.1 on the base branch, no tag yet, not known to be published\n"
        f"  worktree {worktree(small_org, 'beta')}\n"
        f"  branch release/{RUN}/beta of {clone}\n"
        f"  branch release/{RUN}/beta on the remote of {clone}\n"
        "To remove it by hand:\n"
        f"  git -C {clone} worktree remove --force {worktree(small_org, 'beta')}\n"
        f"  git -C {clone} branch -D release/{RUN}/beta\n"
        f"  git -C {clone} push origin --delete release/{RUN}/beta\n"
        f"Next: omni-release clean {RUN}\n"
    )
    for line in ran.out.splitlines():
        if line.startswith("  git "):
            subprocess.run(shlex.split(line), check=True, capture_output=True)
    assert run_cli(small_org, "clean", RUN).out == "There is nothing to remove.\n"
    shown = run_cli(small_org, "status", RUN).out
    assert f"Run {RUN}: abandoned\n" in shown
    assert "  given up 2026-02-25 14:00:00 UTC, when it was partial\n" in shown
    assert "--resume" not in shown.rpartition("Failed")[2].rpartition("\n\n")[2]
    told = json.loads(run_cli(small_org, "wait", RUN, "--json").out.splitlines()[-1])
    assert (told["status"], told["next"]) == ("abandoned", [["omni-release", "clean", RUN]])
    assert is_archived(small_org)
    assert state["status"] == "partial"
    assert run_cli(small_org, "--resume", RUN).err.startswith("STATE_NOT_FOUND: ")
    refuse.unlink()


def test_a_pull_request_that_may_be_merged_by_now_is_not_called_open(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        break_phase(patch, Phase.MERGE, after_effect=True)
        assert release(small_org).code == 3

    ran = run_cli(small_org, "abandon", RUN)

    pull = state_of(small_org)["repos"]["beta"]["pr_url"]
    seen = "open when last seen; once merged, 0.4.1 is on the base branch"
    assert f"    pull request {pull}, {seen}\n" in ran.out


@pytest.mark.parametrize(("moved", "status"), [(False, "completed"), (True, "partial")])
def test_an_abandon_that_is_killed_gives_the_run_up_or_leaves_it_as_it_was(
    small_org: Org, monkeypatch: pytest.MonkeyPatch, *, moved: bool, status: str
) -> None:
    with monkeypatch.context() as patch:
        break_phase(patch, Phase.PUSH, after_effect=False)
        assert release(small_org).code == 3
    replace = os.replace

    def die(source: Path, target: Path, **folders: int) -> None:
        is_last = Path(source) == state_path(small_org)
        if moved or not is_last:
            replace(source, target, **folders)
        if is_last:
            raise Died

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", die)
        with pytest.raises(Died):
            run_cli(small_org, "abandon", RUN)
    ran = resume(small_org)
    shown = run_cli(small_org, "status", RUN, "--json")

    assert not state_path(small_org).exists()
    assert json.loads(shown.out)["status"] == status
    assert ran.err.partition(":")[0] == ("STATE_NOT_FOUND" if moved else "")


@pytest.mark.parametrize(
    "place",
    [(run_module, "remove_traces"), (clean_up, "remove_traces_here"), (Git, "delete_branch")],
    ids=lambda place: place[1],
)
def test_of_what_is_released_too_it_says_what_a_killed_clean_up_left(
    small_org: Org, monkeypatch: pytest.MonkeyPatch, place: tuple[object, str]
) -> None:
    def be_killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(*place, be_killed)
        assert release(small_org).code == 130
    assert {each["phase"] for each in state_of(small_org)["repos"].values()} == {"DONE"}
    left = {each for repo in small_org.repos for each in _list_left(small_org, repo)}
    assert left

    ran = run_cli(small_org, "abandon", RUN)

    assert ran.code == 0
    told, by_hand = ran.out.split("To remove it by hand:\n")
    assert {line.partition(", with commits")[0] for line in told.splitlines()[2:]} == left
    for line in by_hand.splitlines():
        if line.startswith("  git "):
            subprocess.run(shlex.split(line), check=True, capture_output=True)
    for repo in small_org.repos:
        assert not list(_list_left(small_org, repo))
        assert not [name for name in all_refs(small_org.remote(repo)) if "/release/" in name]
    assert run_cli(small_org, "clean", RUN).out == "There is nothing to remove.\n"


def _list_left(org: Org, repo: str) -> Iterator[str]:
    """What there is of a repository's release, as ``abandon`` says it."""
    tree, name, clone = worktree(org, repo), f"release/{RUN}/{repo}", org.clone(repo)
    if tree.exists():
        yield f"  worktree {tree}"
    if f"refs/heads/{name}" in all_refs(clone):
        yield f"  branch {name} of {clone}"
    if f"refs/heads/{name}" in all_refs(org.remote(repo)):
        yield f"  branch {name} on the remote of {clone}"


def test_a_worktree_that_lost_its_git_is_removed_as_it_says(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        break_phase(patch, Phase.COMMIT, after_effect=False, repo="alpha")
        assert release(small_org, "alpha").code == 1
    (worktree(small_org, "alpha") / ".git").unlink()

    ran = run_cli(small_org, "abandon", RUN)

    assert ran.code == 0, ran.err
    by_hand = ran.out.split("To remove it by hand:\n")[1].partition("Next:")[0]
    for command in by_hand.strip().splitlines():
        subprocess.run(shlex.split(command), check=True)
    assert run_cli(small_org, "clean", RUN, "--yes").out == "There is nothing to remove.\n"


def test_a_run_that_is_given_up_says_what_its_remotes_have_by_asking_them(small_org: Org) -> None:
    """beta's branch is gone there, whatever was fetched; alpha's is there, whatever is here."""
    refuse = hook(small_org.remote("beta"), "pre-receive", "grep -q refs/tags && exit 1; exit 0")
    assert release(small_org).code == 3
    refuse.unlink()
    beta, alpha = (f"release/{RUN}/{repo}" for repo in ("beta", "alpha"))
    git(small_org.remote("beta"), "update-ref", "-d", f"refs/heads/{beta}")
    git(small_org.remote("alpha"), "branch", alpha, "main")
    assert f"refs/remotes/origin/{beta}" in all_refs(small_org.clone("beta"))

    ran = run_cli(small_org, "abandon", RUN)

    assert f"branch {beta} of {small_org.clone('beta')}" in ran.out
    assert f"branch {beta} on the remote" not in ran.out
    assert f"branch {alpha} on the remote of {small_org.clone('alpha')}\n" in ran.out
    assert f"  git -C {small_org.clone('alpha')} push origin --delete {alpha}\n" in ran.out
    assert f"push origin --delete {beta}" not in ran.out


def test_a_run_that_is_given_up_says_which_remote_does_not_tell(small_org: Org) -> None:
    refuse = hook(small_org.remote("beta"), "pre-receive", "grep -q refs/tags && exit 1; exit 0")
    assert release(small_org).code == 3
    refuse.unlink()
    small_org.remote("beta").rename(small_org.root / "away")

    ran = run_cli(small_org, "abandon", RUN, "--json")

    told = json.loads(ran.out)
    [unknown] = [each for each in told["left"] if "is not known" in each]
    beta = small_org.clone("beta")
    assert unknown.startswith(f"which branches of it the remote of {beta} has is not known: fatal:")
    look = f"git -C {beta} ls-remote origin 'refs/heads/release/{RUN}/*'"
    assert f"; {look} 'refs/heads/after-release/{RUN}/*' tells" in unknown
    assert not [each for each in told["by_hand"] if "push" in each]


def test_who_only_looks_at_the_lock_keeps_nobody_out(small_org: Org) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.COMMIT, after_effect=False)
        assert release(small_org).code == 3
    looks = os.open(places(small_org).lock, os.O_RDONLY)
    fcntl.flock(looks, fcntl.LOCK_SH)
    ends = threading.Timer(0.1, os.close, (looks,))
    ends.start()

    ran = run_cli(small_org, "abandon", RUN)

    ends.join()
    assert (ran.code, ran.err) == (0, "")


def test_a_run_at_work_is_not_abandoned(held_up: Org) -> None:
    detach(held_up, "--run-id", RUN, *APPROVED)
    until_held_up(held_up)

    ran = run_cli(held_up, "abandon", RUN)

    assert ran.code == 1
    assert ran.err.startswith("RUN_LOCKED: expected no other release under ")


def test_a_run_that_another_holds_the_lock_of_is_not_taken_for_running(small_org: Org) -> None:
    release(small_org)
    lock = Lock(places(small_org).lock)
    assert lock.acquire(Holder(os.getpid(), "another-host", RUN))
    try:
        assert wait(small_org, "--timeout", "0").code == 0
    finally:
        lock.release()
