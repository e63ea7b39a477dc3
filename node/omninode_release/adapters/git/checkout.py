"""A worktree as git sees it: what has changed in it, and committing that."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from omninode_release.adapters.git.program import (
    ADD_NAMED,
    ANY_LINE_END,
    NO_HOOKS,
    GitProgram,
    date_environment,
)
from omninode_release.adapters.git_ports import MadeCommit

if TYPE_CHECKING:
    from collections.abc import Sequence

# setuptools leaves it in a tree that it is asked for metadata, as `uv lock` does; most repositories
# ignore it. A Mac's Finder leaves the other in each folder that a person looks at.
_LEFT_BEHIND = re.compile(r"\?\? (?:.*/)?(?:[^/]+\.egg-info/|\.DS_Store\Z)")


class Checkout(GitProgram):
    """The files and the index of a worktree."""

    def changes(self) -> list[str]:
        """Every changed or untracked path; both names of a rename.

        Files that are ignored, and those that builds and the Finder leave, are none.
        """
        out = self("status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames").stdout
        records = (each for each in out.split("\0") if each and not _LEFT_BEHIND.match(each))
        return [record[3:] for record in records]

    def tracked(self, path: str) -> bool:
        return self._is_tracked(self.place.outer(path))

    def _is_tracked(self, path: str) -> bool:
        return bool(self.ask("ls-files", "-z", "--", f":(literal){path}").raw)

    def ignores(self, path: str) -> bool:
        """True for an untracked path that ``.gitignore`` or the user's excludes keep out."""
        asked = self.ask("check-ignore", "--quiet", "--", self.place.outer(path), ok=(0, 1))
        return asked.returncode == 0

    def hidden(self) -> list[str]:
        """Tracked files that git leaves out or no longer looks at: sparse, assumed unchanged."""
        out = self("ls-files", "-v", "-z").stdout
        return [line[2:] for line in out.split("\0") if line[:1] == "S" or line[:1].islower()]

    def reveal(self) -> None:
        """Let git look at every tracked file again, and write out those that are missing."""
        hidden = self.hidden()
        missing = [path for path in hidden if not os.path.lexists(self.path / path)]
        for flag in ("--no-skip-worktree", "--no-assume-unchanged") if hidden else ():
            self("update-index", flag, "-z", "--stdin", stdin="\0".join(hidden))
        if missing:
            self("checkout-index", "-z", "--stdin", stdin="\0".join(missing))

    def take_back(self, path: str) -> None:
        """Let a file of the repository be as the last commit has it; gone where that has none."""
        literal = f":(literal){path}"
        if self.ask("ls-tree", "-z", "HEAD", "--", path).raw:
            # A hook that runs after checkouts has had its turn, as the worktree was made.
            self(*NO_HOOKS, "checkout", "--quiet", "HEAD", "--", literal)
            began = (self.path / ".git").stat().st_mtime  # for make, it is older than what it is of
            os.utime(self.path / path, (began, began), follow_symlinks=False)
        else:  # a commit that was refused may have added it
            self("rm", "--quiet", "--cached", "--force", "--ignore-unmatch", "--", literal)
            self("clean", "--quiet", "--force", "--", literal)

    def _is_gone(self, path: str) -> bool:
        return not os.path.lexists(self.path / path) and not self._is_tracked(path)

    def make_commit(self, message: str, paths: Sequence[str], *, when: str) -> MadeCommit:
        """Commit exactly ``paths`` of the repository, dated ``when`` (ISO 8601), with hooks."""
        named = [f":(literal){path}" for path in paths]
        # git add knows no file that is gone from the index; git commit --only finds it in HEAD.
        self(*ADD_NAMED, *(f":(literal){path}" for path in paths if not self._is_gone(path)))
        given = self.ask("write-tree").line
        self(
            *ANY_LINE_END,
            "commit",
            "--quiet",
            "--allow-empty",
            "--cleanup=verbatim",
            "--file=-",
            "--only",
            "--",
            *named,
            stdin=message,
            env=date_environment(when),
        )
        return MadeCommit(given, self.ask("rev-parse", "HEAD").line)

    def find_hooks(self) -> str:
        """The folder that git takes hooks from here."""
        return str(self.path / self("rev-parse", "--git-path", "hooks").line)

    def undo_commit(self, parent: str, tree: str) -> None:
        """Put the branch back to ``parent``, and the files to the tree that was to be committed."""
        made = self.ask("rev-parse", "HEAD").line
        # The branch first: a kill in between leaves what LINT judges, and no commit.
        self(*NO_HOOKS, "update-ref", "HEAD", parent)
        self(*NO_HOOKS, "read-tree", "--reset", made)  # what hooks added is in the commit alone
        self(*NO_HOOKS, "read-tree", "--reset", "-u", tree)
