"""Where a run keeps its files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Places:
    """The folders of one user, and the files of each run in them."""

    root: Path
    """ONEX_STATE_DIR, CLAUDE_CONFIG_DIR or ~/.claude."""
    omni_home: Path
    worktrees: Path

    @property
    def states(self) -> Path:
        return self.root / "state" / "release"

    def state(self, run_id: str) -> Path:
        return self.states / f"{run_id}.json"

    def journal(self, run_id: str) -> Path:
        return self.states / f"{run_id}.journal.jsonl"

    def events(self, run_id: str) -> Path:
        return self.states / f"{run_id}.events.jsonl"

    def list_everywhere(self, log: Path) -> tuple[Path, Path]:
        """Where a run's log may be: a run that was killed may have left it in two places."""
        return self.archive / log.name, log

    def detached(self, run_id: str) -> Path:
        """The process that carries a run out in the background; it holds a lock on the file."""
        return self.states / f"{run_id}.detached"

    def output(self, run_id: str) -> Path:
        """The output of a run in the background."""
        return self.states / f"{run_id}.output.log"

    @property
    def archive(self) -> Path:
        return self.states / "archive"

    @property
    def lock(self) -> Path:
        return self.states / ".lock"

    def result(self, context_id: str) -> Path:
        return self.root / "skill-results" / context_id / "release.json"

    def release_set(self, context_id: str) -> Path:
        return self.result(context_id).with_name("release-set.json")

    @property
    def claims(self) -> Path:
        return self.root / "pr-queue" / "claims"

    def worktree(self, run_id: str, repo: str) -> Path:
        return self.worktrees / "release" / run_id / repo

    def owner(self, run_id: str) -> Path:
        """The state root whose run the worktrees of that name are of."""
        return self.worktrees / "release" / f"{run_id}.owner"
