"""A commit's files outside of the clone, as a worktree would have them."""

from __future__ import annotations

from pathlib import Path

from omninode_release.adapters.git.program import GitProgram


class Unpacking(GitProgram):
    """Trees that the clone knows nothing of."""

    def unpack(self, sha: str, folder: Path) -> None:
        """Make ``folder`` a repository at ``sha``, all of its files checked out and no hook run.

        Nothing in the clone changes: the folder has an index of its own and borrows the objects.
        Build back ends that ask git which files there are find an answer.
        """
        folder.mkdir(parents=True)
        there = self.at(folder)
        fmt = self("rev-parse", "--show-object-format").stdout.strip()
        there("init", "--quiet", "--template=", f"--object-format={fmt}")
        objects = self.path / self("rev-parse", "--git-path", "objects").stdout.rstrip("\n")
        borrowed = folder / ".git" / "objects" / "info" / "alternates"
        borrowed.parent.mkdir(exist_ok=True)
        borrowed.write_text(f"{objects.resolve()}\n", encoding="utf-8")
        # By the clone's git: it knows the user's filters, and where a partial clone gets the rest.
        here = (f"--work-tree={folder}", "-c", "core.sparseCheckout=false")
        index = {"GIT_INDEX_FILE": str(folder / ".git" / "index")}
        self(*here, "read-tree", sha, env=index)
        self(*here, "checkout-index", "--all", env=index)
        there("update-ref", "--no-deref", "HEAD", sha)
