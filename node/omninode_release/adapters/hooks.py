"""What looks over all files of a repository: pre-commit, prek, or a command of its own."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omninode_release.adapters.tool_ports import HookRun
from omninode_release.adapters.tree_commands import find_in_tree
from omninode_release.text.hook_files import HOOKS_OF_PREK, PRE_COMMIT
from omninode_release.text.hook_output import find_failed_hooks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from omninode_release.models.config_parts import Hooks
    from omninode_release.system.process import Runner


@dataclass(frozen=True)
class HookProgram:
    """A repository's own hooks, as its developers run them."""

    run: Runner
    seconds: float
    argv: tuple[str, ...]
    """Empty where nothing is to be run."""
    configurations: tuple[str, ...] = ()
    links: Mapping[str, str] | None = None
    """The environment that names what no index has yet to uv, which a hook may run."""

    @property
    def name(self) -> str:
        return self.argv[0] if self.configurations else shlex.join(self.argv)

    def run_all(self, tree: Path) -> HookRun:
        # Environments of hooks are kept, so they are made without what no index has.
        found = self._run(tree)
        if not (found.failed and self.links):
            return found
        # What passes a second time did not lack that: a release stops at the first.
        return found if self._run(tree).passed else self._run(tree, self.links)

    def _run(self, tree: Path, env: Mapping[str, str] | None = None) -> HookRun:
        # 1 for hooks that fail; 3 is a failure of pre-commit's own, 2 one of prek's.
        ok = (0, 1, 2, 3) if self.configurations else tuple(range(125))
        argv = find_in_tree(tree, self.argv)
        done = self.run(argv, cwd=tree, timeout=self.seconds, ok=ok, env=env)
        failed = tuple(hook.id for hook in find_failed_hooks(done.said))
        return HookRun(done.returncode == 0, failed, done.said)


HOOK_RUNNERS: Mapping[str, tuple[str, ...]] = {
    "pre-commit": (PRE_COMMIT,),
    "prek": (PRE_COMMIT, *HOOKS_OF_PREK),
}
"""Programs that run hooks, each with the files that it reads them from."""


def open_hooks(
    hooks: Hooks, run: Runner, seconds: float, links: Mapping[str, str] | None = None
) -> HookProgram:
    """What ``hooks`` of the configuration names."""
    if not isinstance(hooks, str):
        return HookProgram(run, seconds, tuple(hooks))
    argv = () if hooks == "none" else (hooks, "run", "--all-files")
    return HookProgram(run, seconds, argv, HOOK_RUNNERS.get(hooks, ()), links)


def list_programs(every: Sequence[Hooks]) -> list[str]:
    """The programs that these hooks need on PATH; a path in the tree is none."""
    named = [each if isinstance(each, str) else each[0] for each in every]
    return [each for each in dict.fromkeys(named) if each != "none" and "/" not in each]
