"""Questions about whole trees: which a commit has, how two differ, what two make together."""

from __future__ import annotations

import os

from omninode_release.adapters.git.program import lines_of
from omninode_release.adapters.git.refs import Refs

_DEFAULT_MERGE = (
    *("-c", f"core.attributesFile={os.devnull}", "-c", "merge.default=text"),
    *("-c", "merge.directoryRenames=conflict", "-c", "merge.renames=true"),
    *("-c", "merge.renormalize=false"),
)


class Trees(Refs):
    """The trees of commits, compared and merged without a working tree."""

    def tree_of(self, revision: str) -> str:
        return self.ask_once("rev-parse", "--verify", f"{revision}^{{tree}}", of=[revision]).line

    def empty_tree(self) -> str:
        """The tree without files, from which a first release differs in everything."""
        return self.ask("hash-object", "-t", "tree", "--stdin", stdin="").line

    def list_changed(self, old: str, new: str) -> list[str]:
        """The files of the repository that differ between two trees or commits."""
        flags = ("-r", "-z", "--name-only", "--no-renames")
        out = self.ask_once("diff-tree", *flags, old, new, of=[old, new]).stdout
        return out.split("\0")[:-1]

    def diff_stat(self, old: str, new: str) -> str:
        """Which files of the package differ between two trees, and by how many lines."""
        flags = ("--stat=100", "--no-ext-diff", "--no-textconv", "--no-color")
        only = [f":(top,literal){self.place.folder}"] if self.place.folder else []
        but = [f":(top,exclude,literal){each}" for each in self.place.apart]
        return self("diff", *flags, old, new, "--", *only, *but).stdout.rstrip()

    def merge_trees(self, one: str, other: str) -> str | None:
        """The tree that merging two commits gives; None on a conflict.

        A forge merges them: what the user has set for merges of their own does not count.
        """
        merge = (*_DEFAULT_MERGE, "merge-tree", "--write-tree", "--no-messages")
        done = self(*merge, one, other, ok=(0, 1))
        return lines_of(done.stdout)[0] if done.returncode == 0 else None
