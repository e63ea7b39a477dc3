"""A run goes on, and is cleaned up, where its worktrees are, whatever OMNI_WORKTREES says now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.models.phase import Phase
from support.cli import Ran, run_cli
from support.endings import APPROVED, RUN, branch, break_phase
from support.gitrepo import all_refs, git

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")


def _stops(org: Org, phase: Phase, **variables: Path) -> Ran:
    env = {name: str(path) for name, path in variables.items()}
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, phase, after_effect=False)
        ran = run_cli(org, "--run-id", RUN, *APPROVED, env=env)
    assert ran.code == 3
    return ran


def _has_left(org: Org) -> bool:
    """True where a worktree or a branch of the run is there yet."""
    listed = git(org.clone("beta"), "worktree", "list", "--porcelain")
    return listed.count("worktree ") > 1 or branch("beta") in "".join(all_refs(org.clone("beta")))


@pytest.mark.parametrize("phase", [Phase.BUMP, Phase.COMMIT, Phase.TAG])
@pytest.mark.parametrize("first", [True, False], ids=["set before", "set now"])
def test_a_run_goes_on_where_its_worktrees_are(
    small_org: Org, tmp_path: Path, phase: Phase, *, first: bool
) -> None:
    elsewhere = {"OMNI_WORKTREES": tmp_path / "elsewhere"}
    _stops(small_org, phase, **(elsewhere if first else {}))

    env = {} if first else {name: str(path) for name, path in elsewhere.items()}
    ran = run_cli(small_org, "--resume", RUN, *APPROVED, env=env)

    assert ran.code == 0, ran.err
    assert "note:" not in ran.out
    assert not _has_left(small_org)


def test_what_a_run_left_is_found_where_its_worktrees_are(small_org: Org, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    _stops(small_org, Phase.PUSH, OMNI_WORKTREES=elsewhere)

    given_up = run_cli(small_org, "abandon", RUN)
    assert f"worktree {elsewhere}/release/{RUN}/beta\n" in given_up.out
    assert not (elsewhere / "release" / f"{RUN}.owner").exists()

    ran = run_cli(small_org, "clean", "--yes")
    assert ran.code == 0, ran.err
    assert not _has_left(small_org)
