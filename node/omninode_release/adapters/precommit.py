"""pre-commit: running a repository's hooks over all of its files."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from omninode_release.system.process import Runner

_HOOK_ID = re.compile(r"^- hook id: (.+)$", re.MULTILINE)


class HookRun(NamedTuple):
    """How the hooks ended."""

    passed: bool
    failed: tuple[str, ...]
    """Ids of the hooks that failed; empty also when pre-commit itself could not run."""
    output: str


@dataclass(frozen=True)
class PreCommit:
    """The repository's own hooks, as its developers run them."""

    run: Runner
    seconds: float
    redacted: Callable[[str], str]
    """Makes what hooks print fit to be kept and shown: they can read what we can."""

    def run_all(self, tree: Path) -> HookRun:
        done = self.run(
            ("pre-commit", "run", "--all-files"), cwd=tree, timeout=self.seconds, ok=(0, 1, 3)
        )
        output = f"{done.stdout}\n{done.stderr}".strip()
        return HookRun(done.returncode == 0, tuple(_HOOK_ID.findall(output)), self.redacted(output))
