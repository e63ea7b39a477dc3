"""A command of the organisation that locks, resolving from where uv does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omninode_release.adapters.lockers.compilers import make_pip_environment
from omninode_release.adapters.tree_commands import find_in_tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from omninode_release.adapters.uv import Uv


@dataclass(frozen=True)
class LockCommands:
    """Runs commands in a tree; the runner has no tokens."""

    uv: Uv
    environ: Mapping[str, str]

    def run_in(self, tree: Path, argv: Sequence[str]) -> None:
        """Raises CommandFailed unless it ends with 0; a path in it is relative to the tree."""
        env = self.uv.find_links_of(tree) | make_pip_environment(self.uv, self.environ)
        self.uv.run(find_in_tree(tree, argv), cwd=tree, timeout=self.uv.seconds, env=env)
