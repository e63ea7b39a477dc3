"""Two state folders beside the same clones: a name of a run, and its worktrees, are of one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from omninode_release.models.phase import Phase
from support.cli import Ran, Terminal, run_cli, state_home
from support.endings import RUN, assert_released_once, break_phase, release, worktree
from support.gitrepo import world
from support.people import Slow

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")
STOPPED_AT = Phase.LOCK
"""Before the first commit, the branch alone does not tell whose it is."""


@pytest.fixture
def stopped(small_org: Org) -> Org:
    """A run stopped in the worktree of alpha."""
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, STOPPED_AT, after_effect=False, repo="alpha")
        assert release(small_org).code == 1
    return small_org


def elsewhere(org: Org, *args: str) -> Ran:
    """A command of another state folder."""
    env = {"ONEX_STATE_DIR": str(org.root / "elsewhere")}
    return run_cli(org, *args, env=env, stdin=Terminal("approve\n"))


def owner(org: Org) -> Path:
    return org.worktrees / "release" / f"{RUN}.owner"


def test_a_name_of_an_open_run_is_taken_in_every_state_folder(stopped: Org) -> None:
    before = world(stopped)

    dry = elsewhere(stopped, "--run-id", RUN, "--dry-run", "--strict")
    ran = elsewhere(stopped, "--run-id", RUN)

    assert dry.code == 1
    assert f"RUN_EXISTS: {RUN} is not over in the state folder {state_home(stopped)}" in dry.out
    assert ran.code == 1
    assert ran.err.startswith(f"RUN_EXISTS: expected no run {RUN} of another state folder in these")
    changed = {name for name, found in world(stopped).items() if found != before[name]}
    assert changed <= {"clones"}  # by a fetch


def test_the_refusal_says_how_the_run_goes_on(stopped: Org) -> None:
    typed = (
        f"export ONEX_STATE_DIR={state_home(stopped)}, then omni-release --resume {RUN} for that"
    )
    assert typed in elsewhere(stopped, "--run-id", RUN).err

    ran = run_cli(stopped, "--resume", RUN, stdin=Terminal("approve\n"))

    assert ran.code == 0, ran.err
    assert_released_once(stopped)
    assert not owner(stopped).exists()


def test_of_two_that_were_asked_at_once_the_second_is_refused(stopped: Org) -> None:
    path = owner(stopped)
    path.unlink()  # the other begins while this one is at its gate

    begins = partial(path.write_text, str(state_home(stopped)), encoding="utf-8")
    env = {"ONEX_STATE_DIR": str(stopped.root / "elsewhere")}

    ran = run_cli(stopped, "--run-id", RUN, env=env, stdin=Slow(begins))

    assert ran.err.startswith("RUN_EXISTS: ")
    assert path.read_text(encoding="utf-8") == str(state_home(stopped))


def test_clean_leaves_what_an_open_run_of_another_folder_needs(stopped: Org) -> None:
    states = stopped.root / "elsewhere" / "state" / "release"
    states.mkdir(parents=True)
    (states / f"{RUN}.journal.jsonl").write_text("{}\n", encoding="utf-8")  # it was refused there

    cleaned = elsewhere(stopped, "clean", "--yes")

    assert cleaned.code == 0
    assert f"{RUN}.journal.jsonl" in cleaned.out
    assert "worktree" not in cleaned.out
    assert worktree(stopped, "alpha").is_dir()
    assert run_cli(stopped, "--resume", RUN, stdin=Terminal("approve\n")).code == 0


def test_what_is_given_up_is_of_no_folder(stopped: Org) -> None:
    assert run_cli(stopped, "abandon", RUN).code == 0

    assert not owner(stopped).exists()
    cleaned = run_cli(stopped, "clean", RUN, "--yes")
    assert str(worktree(stopped, "alpha")) in cleaned.out
    assert not worktree(stopped, "alpha").exists()
