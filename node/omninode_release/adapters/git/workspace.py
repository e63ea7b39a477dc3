"""What a run makes in a clone: worktrees, branches and tags of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from omninode_release.adapters.git.program import GitProgram, date_environment
from omninode_release.adapters.git_ports import WorktreeEntry
from omninode_release.errors import CommandFailed
from omninode_release.system.presence import is_there
from omninode_release.system.scratch import clear, temporary_folder


class Workspace(GitProgram):
    """Worktrees, branches and tags of a run, and in whose name it makes them."""

    def worktrees(self) -> list[WorktreeEntry]:
        out = self.ask("worktree", "list", "--porcelain", "-z").stdout
        found = []
        for block in out.split("\0\0"):
            lines = dict(line.partition(" ")[::2] for line in block.split("\0") if line)
            if "worktree" in lines:
                branch = lines.get("branch", "").removeprefix("refs/heads/") or None
                # The lock `git worktree add` holds while it works, and leaves when it is killed.
                half_made = lines.get("locked") == "initializing"
                path, head = Path(lines["worktree"]), lines.get("HEAD")
                found.append(WorktreeEntry(path, branch, head, half_made))
        return found

    def add_worktree(self, path: Path, branch: str, *, start: str | None = None) -> None:
        """Make a worktree on ``branch``, new at ``start``, or the existing branch without it."""
        new = ("-b", branch) if start else ()
        self(
            "worktree",
            "add",
            "--quiet",
            "--no-track" if start else "--no-guess-remote",
            *new,
            str(path),
            start or branch,
        )

    def remove_worktree(self, path: Path) -> None:
        """Remove a worktree and its registration, also one that is half made or half removed."""
        remove = ("worktree", "remove", "--force", "--force", str(path))
        try:
            self(*remove)
        except CommandFailed:  # git refuses a folder whose .git file is gone, not a missing one
            clear(path)
            if is_there(path):  # it says why, and the next would say that this is no worktree
                raise
            self(*remove)

    def delete_branch(self, branch: str) -> None:
        self("branch", "--quiet", "-D", "--end-of-options", branch)

    def keep_commit(self, ref: str, sha: str) -> None:
        """Keep a commit under a ref of ours, so that git does not forget it."""
        self("update-ref", ref, sha)

    def keep_changes(self, ref: str) -> None:
        """Keep what is changed in a worktree and not committed, as a commit under ``ref``."""
        with temporary_folder() as folder:
            index = {"GIT_INDEX_FILE": str(folder / "index")}
            self("read-tree", "HEAD", env=index)
            self("add", "--all", env=index)
            tree = self("write-tree", env=index).line
        message = "What was changed and not committed"
        sha = self("commit-tree", "--no-gpg-sign", "-p", "HEAD", "-m", message, tree).line
        self.keep_commit(ref, sha)

    def make_tag(self, name: str, sha: str, message: str, *, when: str) -> None:
        self(
            "tag",
            "--annotate",
            "--cleanup=verbatim",
            "--file=-",
            "--end-of-options",
            name,
            sha,
            stdin=message,
            env=date_environment(when),
        )

    def identity(self, role: Literal["AUTHOR", "COMMITTER"] = "COMMITTER") -> str:
        """Who makes our commits; raises CommandFailed when git knows none."""
        return self.ask("var", f"GIT_{role}_IDENT").line

    def flag(self, key: str) -> bool:
        """True when the boolean setting ``key`` is on."""
        done = self.ask("config", "--type=bool", "--get", key, ok=(0, 1))
        return done.line == "true"

    def try_signing(self, tree: str) -> None:
        """Sign a commit object, so that a missing key is found before the gate; it is not kept."""
        objects = self.path / self("rev-parse", "--git-path", "objects").line
        with temporary_folder() as folder:
            elsewhere = {
                "GIT_OBJECT_DIRECTORY": str(folder),
                "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(objects),
            }
            self("commit-tree", "-S", "-m", "signing test", tree, env=elsewhere)
