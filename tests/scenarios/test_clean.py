"""``omni-release clean``: what no run needs any more, shown, asked about, removed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from omninode_release.models.phase import Phase
from omninode_release.system.lock import Holder, Lock
from support.cli import Ran, Terminal, run_cli, state_home
from support.endings import (
    APPROVED,
    RUN,
    branch,
    break_phase,
    die_in,
    release,
    resume,
    state_path,
    worktree,
)
from support.gitrepo import all_refs, commit_file, git
from support.killing import environment

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org
    from support.endings import Place

HOLDS_A_FOLDER = """
import sys, time
from pathlib import Path
from omninode_release.system.scratch import scratch_folder, temporary_folder
with temporary_folder() as one, scratch_folder(Path(sys.argv[1]), "run") as two:
    print(one, two, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def _empty_temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests leave nothing in the folder for temporary files, and neither do users."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))


pytestmark = pytest.mark.usefixtures("_empty_temp")


def _clean(org: Org, *args: str, typed: str | None = None) -> Ran:
    return run_cli(org, "clean", *args, stdin="" if typed is None else Terminal(typed))


@pytest.fixture
def given_up(half: Org) -> Org:
    """A run that failed at beta's hooks and was given up."""
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.LINT, after_effect=False)
        assert resume(half).code == 3
    assert run_cli(half, "abandon", RUN).code == 0
    return half


@pytest.mark.parametrize("typed", [None, "", "\n", "no\n", "y\n"])
def test_what_is_not_wanted_is_only_shown(given_up: Org, typed: str | None) -> None:
    ran = _clean(given_up, typed=typed)

    assert ran.code == 0
    assert f"worktree {worktree(given_up, 'beta')}, with changes" in ran.out
    assert f"branch {branch('beta')} of {given_up.clone('beta')}\n" in ran.out
    assert ran.out.endswith("Nothing is removed; --yes removes it without asking.\n")
    assert worktree(given_up, "beta").is_dir()
    assert f"refs/heads/{branch('beta')}" in all_refs(given_up.clone("beta"))


def test_a_name_that_no_run_has_is_not_said_to_be_clean(small_org: Org) -> None:
    ran = _clean(small_org, "misspelt", "--yes")

    assert ran.code == 1
    assert ran.err.startswith("STATE_NOT_FOUND: there is no unfinished run misspelt")
    assert "nothing to remove" not in ran.out


@pytest.mark.parametrize(("args", "typed"), [((), "yes\n"), (("--yes",), None), ((RUN,), "yes\n")])
def test_what_is_removed_loses_nothing(
    given_up: Org, args: tuple[str, ...], typed: str | None
) -> None:
    clone, tree = given_up.clone("beta"), worktree(given_up, "beta")
    mine = commit_file(tree, "notes.md", "Notes.\n", "docs: notes")
    (tree / "more.md").write_text("More.\n", encoding="utf-8")
    before = all_refs(clone)

    ran = _clean(given_up, *args, typed=typed)

    assert (ran.code, ran.err) == (0, "")
    assert f"with commits that are nowhere else: {mine[:12]} (docs: notes)" in ran.out
    assert "more.md" in ran.out.split("removed:")[0]
    assert not tree.exists()
    after = all_refs(clone)
    kept = f"refs/omni-release/kept/{RUN}/beta"
    assert after.keys() - before.keys() == {f"{kept}/changes", f"{kept}/{mine[:12]}"}
    assert before.keys() - after.keys() == {f"refs/heads/{branch('beta')}"}
    assert git(clone, "show", f"{kept}/changes:more.md") == "More."
    for line in ran.out.splitlines():
        if "is kept: " in line:
            subprocess.run(line.partition("is kept: ")[2].split(), check=True, capture_output=True)
    assert _clean(given_up).out == "There is nothing to remove.\n"


@pytest.mark.parametrize("args", [(), ("--yes",)])
def test_in_json_it_says_what_was_found_and_what_became_of_it(
    given_up: Org, args: tuple[str, ...]
) -> None:
    tree, removed = worktree(given_up, "beta"), bool(args)

    ran = _clean(given_up, "--json", *args)

    value = json.loads(ran.out)
    assert f"worktree {tree}, with changes" in " ".join(value["found"])
    ended = [each["what"] for each in value["ends"] if each["removed"]]
    assert ended == (value["found"] if removed else [])
    assert ("refs/omni-release/kept/" in str(value["ends"])) is removed
    assert "No run needs this any more:" in ran.err
    assert tree.exists() is not removed


def test_what_an_open_run_needs_is_not_touched(half: Org) -> None:
    die_in(half, Phase.LINT, after_effect=False)

    everything, named = _clean(half, "--yes"), _clean(half, RUN, "--yes")

    assert everything.out == "There is nothing to remove.\n"
    resuming = f"omni-release --resume {RUN} {' '.join(APPROVED)}"
    assert (named.code, named.err.splitlines()) == (
        2,
        [
            f"USAGE_ERROR: clean: expected a run that is over, found {RUN}, which can be resumed.",
            f"Next: {resuming}, or omni-release abandon {RUN} first",
        ],
    )
    assert worktree(half, "beta").is_dir()


def test_what_a_finished_run_left_behind_goes_as_well(place: Place) -> None:
    org = place.put_back("begin")
    assert release(org).code == 0
    clone, tree = org.clone("alpha"), worktree(org, "alpha")
    git(clone, "worktree", "add", "--quiet", "-b", branch("alpha"), str(tree), "main")
    (org.worktrees / "release" / RUN / "beta").mkdir(parents=True)  # half removed
    git(clone, "branch", "release/1.2")  # a person's
    elsewhere = org.worktrees / "release" / RUN / "gamma"
    elsewhere.mkdir()
    (elsewhere / ".git").write_text("gitdir: /elsewhere/.git/worktrees/gamma", encoding="utf-8")

    ran = _clean(org, "--yes")

    assert (ran.code, ran.err) == (0, "")
    assert not tree.exists()
    assert elsewhere.is_dir()
    assert not (org.worktrees / "release" / RUN / "beta").exists()
    heads = [name for name in all_refs(clone) if name.startswith("refs/heads/")]
    assert heads == ["refs/heads/main", "refs/heads/release/1.2"]


def test_what_killed_processes_left_goes_and_what_is_at_work_stays(small_org: Org) -> None:
    rehearsals = small_org.worktrees / "rehearsal"
    argv = (sys.executable, "-c", HOLDS_A_FOLDER, str(rehearsals))
    with (
        subprocess.Popen(argv, env=environment(small_org), stdout=subprocess.PIPE) as killed,
        subprocess.Popen(argv, env=environment(small_org), stdout=subprocess.PIPE) as at_work,
    ):
        assert killed.stdout is not None
        assert at_work.stdout is not None
        gone = [Path(word) for word in killed.stdout.readline().decode().split()]
        stays = [Path(word) for word in at_work.stdout.readline().decode().split()]
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        half = state_home(small_org) / "skill-results" / "x" / ".release.json.abc.tmp"
        half.parent.mkdir(parents=True)
        half.touch()

        ran = _clean(small_org, "--yes")

        assert (ran.code, ran.err) == (0, "")
        assert not any(folder.exists() for folder in gone)
        assert all(folder.is_dir() for folder in stays)
        assert not half.exists()
        at_work.send_signal(signal.SIGTERM)


def test_many_temporary_folders_are_one_line_unless_all_are_asked_for(small_org: Org) -> None:
    folders = [Path(tempfile.mkdtemp(prefix="omni-release-")) for _ in range(3)]
    for folder in folders:
        (folder / "wheel").write_bytes(b"0" * 1024)
    (folders[0] / "link").symlink_to(small_org.root)

    shown, listed = _clean(small_org), _clean(small_org, "--verbose")
    as_json = json.loads(_clean(small_org, "--json").out)
    ran = _clean(small_org, "--yes")

    where = folders[0].parent
    assert shown.out.splitlines()[:2] == [
        "No run needs this any more:",
        f"  3 temporary folders in {where}, 3.1 kB (--verbose lists them)",
    ]
    titles = [f"temporary folder {folder}" for folder in sorted(folders)]
    assert listed.out.splitlines()[1:4] == [f"  {title}" for title in titles]
    assert as_json["found"] == titles
    assert ran.out.splitlines()[-1] == "removed: 3 temporary folders"
    assert list(where.iterdir()) == []


def test_nothing_is_removed_while_a_run_is_at_work(given_up: Org) -> None:
    lock = Lock(state_path(given_up).with_name(".lock"))
    assert lock.acquire(Holder.here("other"))

    ran = _clean(given_up, "--yes")
    lock.release()

    assert ran.err.startswith("RUN_LOCKED: ")
    assert worktree(given_up, "beta").is_dir()


def test_logs_of_runs_that_are_over_or_never_began_go(given_up: Org) -> None:
    states = state_path(given_up).parent
    over, never = states / f"{RUN}.output.log", states / "never.journal.jsonl"
    coming, held = states / "coming.output.log", Lock(states / "held.detached")
    for path in (over, never, coming):
        path.write_text("said\n", encoding="utf-8")
    Lock(states / "coming.detached").acquire(Holder(2**22 + 1, "elsewhere", "coming"))
    held.acquire(Holder.here("held"))

    ran = _clean(given_up, "--yes")

    held.release()
    assert ran.code == 0, ran.err
    assert not over.exists()
    assert not never.exists()
    assert coming.exists(), "how it ended is not known: it may still come"
    assert (states / "held.detached").exists()
