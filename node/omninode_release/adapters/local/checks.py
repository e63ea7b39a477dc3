"""Checks of a pull request on the embedded forge: a command, run in the head commit's tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omninode_release.adapters.tree_commands import find_in_tree
from omninode_release.errors import CommandFailed, TimedOut
from omninode_release.errors.excerpt import end_of
from omninode_release.models.forge import StatusCheck
from omninode_release.system.presence import is_there

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.adapters.local.repository import BareRepository
    from omninode_release.models.forge import StatusCheckState
    from omninode_release.system.process import Runner

_NAME = "checks"


@dataclass(frozen=True)
class LocalChecks:
    """The command, and its results by commit."""

    origin: BareRepository
    command: tuple[str, ...]
    """Empty where there is nothing to check."""
    run: Runner
    seconds: float

    def of(self, sha: str) -> tuple[StatusCheck, ...]:
        """The checks of a commit, run if they have not passed on it yet."""
        if not self.command:
            return ()
        name = f"{_NAME}/{sha}"
        path = self.origin.record(name)
        known = is_there(path) and self.origin.read(name)["passed"]
        if not known:  # a red one is run again: what was wrong may have been this machine
            with self.origin.checkout(sha) as tree:
                self.origin.write(name, self._result(tree))
        found = self.origin.read(name)
        state: StatusCheckState = "success" if found["passed"] else "failure"
        return (StatusCheck(_NAME, state, str(path), found["output"]),)

    def _result(self, tree: Path) -> dict[str, Any]:
        try:
            argv = find_in_tree(tree, self.command)
            done = self.run(argv, cwd=tree, timeout=self.seconds)
        except CommandFailed as error:
            return {"passed": False, "output": error.detail or error.message}
        except TimedOut as error:
            return {"passed": False, "output": error.message}
        return {"passed": True, "output": end_of(done.said, 4000)}
