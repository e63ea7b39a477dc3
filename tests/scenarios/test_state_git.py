"""``state: git``: a run is begun on one machine and finished on another.

A machine is a state root, a folder of clones and a folder of worktrees of its own; what they share
is remotes, forge, index, and the control repository.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from support.cli import Ran, run_cli
from support.endings import (
    APPROVED,
    RUN,
    Place,
    Undisturbed,
    ending,
    state_path,
)
from support.gitrepo import git
from support.killing import Killer, When
from support.repos import configure

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

BRANCH = "omni-release-state"


@dataclass(frozen=True)
class Other:
    """Another machine."""

    org: Org

    @property
    def omni_home(self) -> Path:
        return self.org.root / "other_home"

    @property
    def state_root(self) -> Path:
        return self.org.root / "other_state"

    @classmethod
    def set_up(cls, org: Org) -> Other:
        other = cls(org)
        other.omni_home.mkdir()
        for repo in org.repos:
            git(other.omni_home, "clone", "--quiet", "--template=", str(org.remote(repo)), repo)
        config = (org.omni_home / "release.yaml").read_bytes()
        (other.omni_home / "release.yaml").write_bytes(config)
        return other

    def run(self, *args: str) -> Ran:
        env = {
            "ONEX_STATE_DIR": str(self.state_root),
            "OMNI_HOME": str(self.omni_home),
            "OMNI_WORKTREES": str(self.org.root / "other_worktrees"),
        }
        return run_cli(self.org, *args, "--omni-home", str(self.omni_home), env=env)

    def resume(self, *args: str) -> Ran:
        return self.run("--resume", RUN, *APPROVED, *args)


def control(org: Org) -> Path:
    return org.root / "control.git"


def share(org: Org) -> Other:
    """Keep the organisation's runs in a control repository, and set up another machine."""
    git(org.root, "init", "--quiet", "--bare", "--template=", "-b", "main", control(org).name)
    configure(org, state={"git": "../control.git"})
    return Other.set_up(org)


@pytest.fixture
def killer(tmp_path: Path) -> Killer:
    return Killer.hired(tmp_path / "bin")


def files(org: Org) -> list[str]:
    return git(control(org), "ls-tree", "-r", "--name-only", BRANCH).splitlines()


def read(org: Org, path: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(git(control(org), "show", f"{BRANCH}:{path}"))
    return value


def shared(world: dict[str, Any]) -> dict[str, Any]:
    """What machines share of a world."""
    return {key: world[key] for key in ("remotes", "pull requests", "index")}


@pytest.mark.parametrize(
    ("number", "when"),
    [(1, "after"), (8, "after"), (12, "before"), (16, "after"), (22, "before"), (30, "after")],
)
def test_a_run_killed_on_one_machine_ends_on_another_like_an_undisturbed_one(
    place: Place, undisturbed: Undisturbed, killer: Killer, number: int, when: When
) -> None:
    org = place.put_back("begin")
    other = share(org)
    assert killer.at_command(org, number, when)
    refused = other.resume()
    assert refused.code == 1
    assert refused.err.startswith(f"RUN_LOCKED: expected nobody else at work on {RUN}")
    assert "at it since 2026-02-25 14:00:00 UTC" in refused.err
    option = "--resume" if state_path(org).exists() else "--run-id"
    assert f"omni-release {option} {RUN} --take-over" in refused.err

    ran = other.run(option, RUN, *APPROVED, "--take-over")

    assert (ran.code, ran.err) == (0, "")
    assert shared(ending(org)) == shared(undisturbed.world)
    assert files(org) == [f"archive/{RUN}.json"]
