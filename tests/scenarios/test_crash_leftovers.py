"""What a killed program leaves half done, and what the next run makes of it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.adapters.git import Git
from omninode_release.models.phase import Phase
from omninode_release.release.store import Store
from omninode_release.system.lock import Holder, Lock
from support.cli import run_cli
from support.endings import (
    APPROVED,
    RUN,
    Died,
    Undisturbed,
    assert_released_once,
    branch,
    break_phase,
    die_in,
    ending,
    is_archived,
    main_log,
    resume,
    state_of,
    state_path,
    worktree,
)
from support.gitrepo import all_refs, commit_file, git, tree_of
from support.killing import RESUME, environment
from support.patience import wait_for_file
from support.repos import configure, hook

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

HALF_A_TOML = 'version = 1\n[[package]]\nname = "al'


def _ends_undisturbed(org: Org, undisturbed: Undisturbed) -> None:
    ran = resume(org)
    assert (ran.code, ran.err) == (0, "")
    assert ending(org) == undisturbed.world
    assert_released_once(org)
    assert is_archived(org)


def _administration(org: Org) -> Path:
    """What git keeps of beta's worktree in the clone."""
    return org.clone("beta") / ".git" / "worktrees" / "beta"


@pytest.mark.parametrize("how_far", ["no folder", "no branch", "half of the files"])
def test_a_worktree_that_was_half_made_is_made_again(
    half: Org, undisturbed: Undisturbed, how_far: str
) -> None:
    die_in(half, Phase.WORKTREE, after_effect=True)
    tree = worktree(half, "beta")
    # As `git worktree add` leaves it: locked by itself until everything is checked out.
    (_administration(half) / "locked").write_text("initializing", encoding="utf-8")
    if how_far == "no folder":
        shutil.rmtree(tree)
    if how_far == "no branch":
        (_administration(half) / "HEAD").write_text("0" * 40 + "\n", encoding="utf-8")
    if how_far != "no folder":
        shutil.rmtree(tree / "src")
        (_administration(half) / "index").unlink()

    _ends_undisturbed(half, undisturbed)


def test_locks_of_a_git_that_was_killed_in_our_worktree_are_taken_away(
    half: Org, undisturbed: Undisturbed
) -> None:
    die_in(half, Phase.COMMIT, after_effect=False)
    locks = [_administration(half) / name for name in ("index.lock", "HEAD.lock")]
    locks.append(half.clone("beta") / ".git" / "refs" / "heads" / f"{branch('beta')}.lock")
    for lock in locks:
        lock.touch()

    _ends_undisturbed(half, undisturbed)


_IN_THE_CLONE = (
    f"refs/heads/release/{RUN}/beta.lock",
    "refs/remotes/origin/main.lock",
    f"refs/remotes/origin/release/{RUN}/beta.lock",
    "refs/omni-release/tags/beta/v0.4.0.lock",
    "refs/tags/beta/v0.4.1.lock",
    "packed-refs.lock",
    "config.lock",
)
_ON_THE_REMOTE = (
    f"refs/heads/release/{RUN}/beta.lock",
    "refs/heads/main.lock",
    "refs/pull/1/head.lock",
    "refs/pull/1/merge.lock",
    "refs/tags/beta/v0.4.1.lock",
    "packed-refs.lock",
    "HEAD.lock",
)


def _leave_locks(org: Org) -> list[Path]:
    """Lock files wherever a release writes, as gits leave them that are killed."""
    locks = [org.clone("beta") / ".git" / name for name in _IN_THE_CLONE]
    locks += [org.remote("beta") / name for name in _ON_THE_REMOTE]
    for lock in locks:
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.touch()
    return locks


@pytest.mark.parametrize("phase", [Phase.WORKTREE, Phase.TAG])
def test_locks_of_a_git_that_was_killed_elsewhere_are_taken_away(
    half: Org, undisturbed: Undisturbed, phase: Phase
) -> None:
    die_in(half, phase, after_effect=False)
    locks = _leave_locks(half)
    old = half.clone("beta") / ".git" / "shallow.lock"
    old.touch()
    os.utime(old, (0, 0))  # left before the run that was killed: by something else
    theirs = half.clone("beta") / ".git" / "refs" / "heads" / "main.lock"
    theirs.touch()  # a run moves no such branch

    ran = resume(half)

    assert (ran.code, ran.err) == (0, "")
    assert not any(lock.exists() for lock in locks)
    assert f"note: {locks[0]} is removed: a git that was killed with an earlier run" in ran.out
    assert old.exists()
    assert theirs.exists()
    old.unlink()
    theirs.unlink()
    assert ending(half) == undisturbed.world


def test_a_lock_stays_while_a_git_is_at_work_there(half: Org, undisturbed: Undisturbed) -> None:
    die_in(half, Phase.COMMIT, after_effect=False)
    lock = half.clone("beta") / ".git" / "refs" / "remotes" / "origin" / "main.lock"
    lock.touch()
    with subprocess.Popen(
        ("git", "cat-file", "--batch"),  # noqa: S607 - waits for a question
        cwd=half.clone("beta"),
        stdin=subprocess.PIPE,
    ) as busy:
        ran = resume(half)

        assert ran.code in {1, 3}
        assert f"note: {lock} stays: git (pid {busy.pid}) may be at work on it" in ran.out
        assert "main.lock" in ran.err
        assert lock.exists()
        busy.kill()

    _ends_undisturbed(half, undisturbed)


def test_a_lock_of_a_run_that_was_not_killed_is_a_persons(half: Org) -> None:
    lock = half.clone("beta") / ".git" / "refs" / "remotes" / "origin" / "main.lock"
    lock.touch()

    ran = resume(half)

    assert ran.code in {1, 3}
    assert "main.lock" in ran.err
    assert lock.exists()


def test_a_mistyped_resume_after_a_kill_leaves_no_run_of_that_name(half: Org) -> None:
    die_in(half, Phase.COMMIT, after_effect=False)
    mistyped = run_cli(half, "--resume", "mistyped")

    assert mistyped.code == 1
    for asked in (run_cli(half, word, "mistyped") for word in ("status", "wait")):
        assert asked.err.startswith("STATE_NOT_FOUND"), asked.out
    assert "mistyped" not in run_cli(half, "status").out


def test_a_killed_run_is_shown_as_interrupted_by_whom_and_when(half: Org) -> None:
    die_in(half, Phase.LINT, after_effect=False)

    shown, listed = run_cli(half, "status", RUN), run_cli(half, "status")
    waited = run_cli(half, "wait", RUN)
    values = [
        json.loads(run_cli(half, "status", RUN, "--json").out),
        json.loads(run_cli(half, "status", "--json").out)[0],
        json.loads(run_cli(half, "wait", RUN, "--json").out.splitlines()[-1]),
    ]

    who = f"pid {os.getpid()} on {socket.gethostname()}"
    said = f"  {who} stopped after 2026-02-25 14:00:00 UTC, at work on beta, LINT\n"
    assert f"Run {RUN}: interrupted\n" in shown.out
    assert said in shown.out
    assert said in waited.out
    assert "In progress:" not in shown.out
    assert shown.out.endswith(f"Next: omni-release --resume {RUN} {' '.join(APPROVED)}\n")
    assert f"  {RUN}  interrupted  " in listed.out
    assert [value["status"] for value in values] == ["interrupted"] * 3
    assert waited.code == 130
    assert state_of(half)["status"] == "in_progress"  # as the interface has it
    cancelled = run_cli(half, "cancel", RUN)
    assert cancelled.out == f"{RUN} is not running; it is interrupted.\n"


def test_a_run_on_another_machine_is_not_taken_for_dead(half: Org) -> None:
    die_in(half, Phase.LINT, after_effect=False)
    lock = Lock(state_path(half).with_name(".lock"))
    assert lock.acquire(Holder(1, "another-host", RUN))

    shown = run_cli(half, "status", RUN)
    lock.release()

    assert f"Run {RUN}: in_progress\n" in shown.out
    assert "It is carried out elsewhere (pid " in shown.out


def test_a_lock_in_the_worktree_of_a_run_that_was_not_killed_is_a_persons(half: Org) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.COMMIT, after_effect=False)
        resume(half)
    lock = _administration(half) / "index.lock"
    lock.touch()

    ran = resume(half)

    assert ran.result is not None
    detail = ran.result["details"][1]
    assert detail["error_code"] == "COMMIT_FAILED"
    assert "index.lock" in detail["error"]
    assert lock.exists()


def test_a_lock_file_that_was_half_written_is_resolved_anew(
    half: Org, undisturbed: Undisturbed
) -> None:
    die_in(half, Phase.LOCK, after_effect=False)
    (worktree(half, "beta") / "uv.lock").write_text(HALF_A_TOML, encoding="utf-8")

    _ends_undisturbed(half, undisturbed)


def test_what_a_person_commits_on_top_of_the_release_commit_goes_along(half: Org) -> None:
    die_in(half, Phase.COMMIT, after_effect=True)
    fix = commit_file(worktree(half, "beta"), "notes.md", "Notes.\n", "docs: notes")

    assert resume(half).code == 0

    remote = half.remote("beta")
    assert git(remote, "rev-parse", "refs/pull/1/head") == fix
    assert git(remote, "log", "-1", "--format=%s", f"{fix}^") == "release: beta v0.4.1"
    assert state_of(half)["repos"]["beta"]["outputs"]["COMMIT"]["sha"] == git(
        remote, "rev-parse", f"{fix}^"
    )
    assert_released_once(half)


def test_a_merge_is_recognised_after_its_branch_is_gone(
    half: Org, undisturbed: Undisturbed
) -> None:
    die_in(half, Phase.MERGE, after_effect=True)
    git(half.remote("beta"), "update-ref", "-d", f"refs/heads/{branch('beta')}")

    _ends_undisturbed(half, undisturbed)


def test_a_branch_that_a_person_merged_and_deleted_is_not_pushed_again(half: Org) -> None:
    die_in(half, Phase.PR, after_effect=True)
    remote = half.remote("beta")
    tree = git(remote, "rev-parse", f"{branch('beta')}^{{tree}}")
    merge = git(remote, "commit-tree", tree, "-p", "main", "-m", "Release beta by hand")
    git(remote, "update-ref", "refs/pull/1/merge", merge)
    git(remote, "update-ref", "refs/heads/main", merge)
    git(remote, "update-ref", "-d", f"refs/heads/{branch('beta')}")
    pushes = half.root / "pushed"
    hook(remote, "post-receive", f"cat >> {pushes}")

    ran = resume(half)

    assert (ran.code, ran.err) == (0, "")
    assert main_log(half, "beta")[0] == "Release beta by hand"
    assert git(remote, "rev-parse", "beta/v0.4.1^{commit}") == merge
    assert "refs/heads/release" not in pushes.read_text(encoding="utf-8")


def test_only_the_tag_that_is_missing_is_pushed(half: Org) -> None:
    die_in(half, Phase.TAG, after_effect=False)
    remote = half.remote("beta")
    git(remote, "tag", "--annotate", "--message", "by a workflow", "v0.4.1", "main")
    theirs = all_refs(remote)["refs/tags/v0.4.1"]

    ran = resume(half)

    assert (ran.code, ran.err) == (0, "")
    refs = all_refs(remote)
    assert refs["refs/tags/v0.4.1"] == theirs
    assert git(remote, "cat-file", "-t", refs["refs/tags/beta/v0.4.1"]) == "tag"
    assert ran.result is not None
    assert ran.result["details"][1]["tags"] == ["beta/v0.4.1", "v0.4.1"]


def test_a_tag_that_was_made_and_not_pushed_is_pushed_as_it_is(half: Org) -> None:
    die_in(half, Phase.TAG, after_effect=False)
    clone = half.clone("beta")
    merge = state_of(half)["repos"]["beta"]["outputs"]["MERGE"]["merge_sha"]
    git(clone, "tag", "--annotate", "--message", "as it was first made", "beta/v0.4.1", merge)

    assert resume(half).code == 0

    tags = [all_refs(place)["refs/tags/beta/v0.4.1"] for place in (clone, half.remote("beta"))]
    assert tags[0] == tags[1]
    assert "as it was first made" in git(clone, "cat-file", "tag", tags[0])


@pytest.mark.parametrize("missing", ["beta-0.4.1-py3-none-any.whl", "beta-0.4.1.tar.gz"])
def test_a_version_that_is_half_on_the_index_is_published_whole(
    half: Org, undisturbed: Undisturbed, missing: str
) -> None:
    die_in(half, Phase.PUBLISH, after_effect=True)
    (half.index / missing).unlink()
    record = half.remotes / "beta.forge" / "runs" / "v0.4.1.json"
    run = json.loads(record.read_text(encoding="utf-8"))
    record.write_text(json.dumps({**run, "state": "running"}), encoding="utf-8")
    others = {path: path.stat().st_mtime_ns for path in half.index.iterdir()}

    _ends_undisturbed(half, undisturbed)

    assert {path: path.stat().st_mtime_ns for path in others} == others


@pytest.mark.parametrize("gone", [".git", "src", "nothing"])
def test_a_clean_up_that_was_killed_half_way_is_finished(
    half: Org, undisturbed: Undisturbed, gone: str
) -> None:
    def dies(_git: Git, path: Path) -> None:
        if gone == ".git":
            (path / ".git").unlink()
        elif gone == "src":
            shutil.rmtree(path / "src")
        raise Died

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Git, "remove_worktree", dies)
        with pytest.raises(Died):
            resume(half)

    _ends_undisturbed(half, undisturbed)


def test_a_line_of_the_journal_that_was_torn_spoils_no_other(half: Org) -> None:
    journal = state_path(half).with_name(f"{RUN}.journal.jsonl")
    whole = journal.read_text(encoding="utf-8").splitlines()
    with journal.open("a", encoding="utf-8") as file:
        file.write('{"at": "2026-02-25T14:00:00+00:00", "step": "beta/PU')

    assert resume(half).code == 0

    lines = (journal.parent / "archive" / journal.name).read_text(encoding="utf-8").splitlines()
    assert lines[: len(whole)] == whole
    assert lines[len(whole)].endswith('"beta/PU')
    for line in lines[len(whole) + 1 :]:
        json.loads(line)


# The lock.


def test_however_a_run_ends_it_is_written_down_before_the_lock_is_let_go(
    half: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = state_path(half).with_name(".lock")
    free: list[bool] = []
    save: Any = Store.save

    def watched(store: Store, state: Any) -> None:
        other = Lock(path)
        free.append(other.acquire(Holder.here("other")))
        other.release()
        save(store, state)

    monkeypatch.setattr(Store, "save", watched)
    break_phase(monkeypatch, Phase.BUMP, after_effect=False)

    assert resume(half).code == 3
    assert state_of(half)["status"] == "partial"
    assert free
    assert not any(free)


def test_a_daemon_that_a_hook_left_behind_keeps_no_lock(half: Org) -> None:
    configure(half, timeouts={"orphan_seconds": 0})
    pid = half.root / "pid"
    hook(
        half.clone("beta"), "commit-msg", f"sleep 60 </dev/null >/dev/null 2>&1 &\necho $! > {pid}"
    )
    assert resume(half).code == 0

    try:
        ran = run_cli(half, "--run-id", "next", *("--gate-attestation", "1740312612.000100:next"))
    finally:
        os.kill(int(pid.read_text(encoding="utf-8")), signal.SIGKILL)

    assert (ran.code, ran.err) == (0, "")


def test_the_programs_of_a_killed_run_are_waited_for(half: Org, undisturbed: Undisturbed) -> None:
    configure(half, timeouts={"orphan_seconds": 0.2})
    started, go, shims = half.root / "started", half.root / "go", half.root / "bin"
    shims.mkdir()
    (shims / "uv").write_text(
        f'#!/bin/sh\n[ "$1" != build ] || touch {started}\n'
        f'while [ "$1" = build ] && [ ! -e {go} ]; do sleep 0.05; done\n'
        f'exec {shutil.which("uv")} "$@"\n',
        encoding="utf-8",
    )
    (shims / "uv").chmod(0o755)
    with subprocess.Popen(
        (sys.executable, "-m", "omninode_release", *RESUME),
        env=environment(half) | {"PATH": f"{shims}:{os.environ['PATH']}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as run:
        wait_for_file(started)
        run.kill()

    refused = resume(half)
    configure(half, timeouts={"orphan_seconds": 30})
    threading.Timer(0.4, go.touch).start()
    waited = resume(half)

    assert refused.err.startswith("RUN_LOCKED")
    who = f"run {RUN}, pid {run.pid} on {socket.gethostname()}"
    assert f"{who}, which was killed, and a program it started still runs" in refused.err
    assert (waited.code, waited.err) == (0, "")
    world = ending(half) | {"configuration": undisturbed.world["configuration"]}
    assert world == undisturbed.world
    assert "beta" in tree_of(half.remote("beta"), "main")["pyproject.toml"]
