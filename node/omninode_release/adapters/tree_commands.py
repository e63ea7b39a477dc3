"""Commands that an organisation runs in the worktree of a release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omninode_release.adapters.lockers.compilers import make_pip_environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from omninode_release.adapters.uv import Uv
    from omninode_release.system.process import Runner


@dataclass(frozen=True)
class TreeCommands:
    """Runs commands of the configuration in a tree."""

    run: Runner
    seconds: float
    """How long one may take."""

    def run_in(self, tree: Path, argv: Sequence[str]) -> None:
        """Raises CommandFailed unless it ends with 0; a path in it is relative to the tree."""
        self.run(find_in_tree(tree, argv), cwd=tree, timeout=self.seconds)


def find_in_tree(tree: Path, argv: Sequence[str]) -> tuple[str, ...]:
    """The same words; a program that is named by a path stands in the tree."""
    program = argv[0]
    return (str(tree / program) if "/" in program else program, *argv[1:])


@dataclass(frozen=True)
class LockCommands:
    """Runs commands in a tree; the runner has no tokens."""

    uv: Uv
    environ: Mapping[str, str]

    def run_in(self, tree: Path, argv: Sequence[str]) -> None:
        env = self.uv.find_links_of(tree) | make_pip_environment(self.uv, self.environ)
        self.uv.run(find_in_tree(tree, argv), cwd=tree, timeout=self.uv.seconds, env=env)
