"""Two machines that release one organisation, and share the state of its runs.

A machine is a state root, a folder of clones and a folder of worktrees of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.cli import Ran, run_cli
from support.endings import APPROVED, RUN
from support.gitrepo import git
from support.repos import configure

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org
    from omninode_release.system.clock import Clock


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

    def status(self) -> Ran:
        return self.look("status", RUN)

    def look(self, *args: str, clock: Clock | None = None) -> Ran:
        """A command about runs."""
        env = {"ONEX_STATE_DIR": str(self.state_root), "OMNI_HOME": str(self.omni_home)}
        return run_cli(self.org, *args, env=env, clock=clock)

    def dry_run(self) -> Ran:
        return self.run("--dry-run", "--resume", RUN)

    def resume(self, *args: str) -> Ran:
        return self.run("--resume", RUN, *APPROVED, *args)


def control(org: Org) -> Path:
    return org.root / "control.git"


def share(org: Org) -> Other:
    """Keep the organisation's runs in a control repository, and set up another machine."""
    git(org.root, "init", "--quiet", "--bare", "--template=", "-b", "main", control(org).name)
    configure(org, state={"git": "../control.git"})
    return Other.set_up(org)
