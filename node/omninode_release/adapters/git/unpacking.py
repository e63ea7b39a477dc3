"""A commit's files outside of the clone, as a worktree would have them."""

from __future__ import annotations

import os
from pathlib import Path

from omninode_release.adapters.git.history import History


class Unpacking(History):
    """Trees that the clone knows nothing of."""

    def unpack(self, sha: str, folder: Path) -> None:
        """Make ``folder`` a repository at ``sha``, all of its files checked out and no hook run.

        Nothing in the clone changes: the folder has an index of its own and borrows the objects.
        Build back ends that ask git which files there are find an answer.
        """
        folder.mkdir(parents=True)
        there = self.at(folder)
        fmt = self.ask("rev-parse", "--show-object-format").line
        there("init", "--quiet", "--template=", f"--object-format={fmt}")
        objects = self.path / self.ask("rev-parse", "--git-path", "objects").line
        borrowed = folder / ".git" / "objects" / "info" / "alternates"
        borrowed.parent.mkdir(exist_ok=True)
        borrowed.write_text(f"{objects.resolve()}\n", encoding="utf-8")
        # By the clone's git: it knows the user's filters, and where a partial clone gets the rest.
        here = (f"--work-tree={folder}", "-c", "core.sparseCheckout=false")
        index = {"GIT_INDEX_FILE": str(folder / ".git" / "index")}
        self(*here, "read-tree", sha, env=index)
        self(*here, "checkout-index", "--all", env=index)
        there("update-ref", "--no-deref", "HEAD", sha)

    def find_links(self, sha: str) -> dict[str, str]:
        """The symbolic links of a commit: path to what it leads to, as it is written there."""
        out = self.ask("ls-tree", "-r", "-z", "--full-tree", sha).stdout
        paths = [line.partition("\t")[2] for line in out.split("\0") if line.startswith("120000 ")]
        found = self.files((sha, path) for path in paths) if paths else {}
        return {path: os.fsdecode(target) for (_, path), target in found.items()}


def leads_outside(path: str, target: str) -> bool:
    """True for a link of a repository that leads out of it."""
    leads_to = Path(os.path.normpath(Path(path).parent / target))
    return leads_to.is_absolute() or leads_to.parts[:1] == ("..",)
