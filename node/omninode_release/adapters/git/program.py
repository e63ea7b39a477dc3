"""The git program in one folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from omninode_release.system.process import Completed, Runner

REMOTE = "origin"
# A run that was killed leaves children, and its lock lasts as long as they do: none of them may be
# a repack or a daemon.
_QUIET = (
    *("-c", "gc.auto=0", "-c", "maintenance.auto=false"),
    *("-c", "core.fsmonitor=false", "-c", "advice.detachedHead=false"),
)
# A worktree holds the tree of its commit, and a change in it is a change: a clone may be sparse or
# believe its files without looking, and a new worktree would inherit that.
_WHOLE = ("-c", "core.sparseCheckout=false", "-c", "core.ignoreStat=false")


@dataclass(frozen=True)
class GitProgram:
    """A clone, or one worktree of it, and how git is run there."""

    path: Path
    run: Runner
    seconds: float = 120.0

    def at(self, path: Path) -> Self:
        """The same git in another working directory."""
        return replace(self, path=path)

    def __call__(
        self,
        *args: str,
        ok: tuple[int, ...] = (0,),
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
    ) -> Completed:
        return self.run(
            ("git", *_QUIET, *_WHOLE, *args),
            cwd=self.path,
            timeout=self.seconds,
            ok=ok,
            env=env,
            stdin=stdin,
        )


def date_environment(when: str) -> dict[str, str]:
    """Make git date a commit or tag with ``when``, ISO 8601."""
    return {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
