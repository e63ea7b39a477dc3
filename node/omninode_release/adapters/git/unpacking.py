"""A commit's files outside of the clone, as a worktree would have them."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from omninode_release.adapters.git.program import (
    ADD_NAMED,
    ANY_LINE_END,
    NO_HOOKS,
    REMOTE,
    GitProgram,
    lines_of,
)
from omninode_release.system.presence import is_file, is_there

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from omninode_release.system.process import Completed

_AS_PACKED = "--format=%(objectname) %(refname)"
_WHO = {
    f"GIT_{role}_{key}": word
    for role in ("AUTHOR", "COMMITTER")
    for key, word in (("NAME", "a rehearsal"), ("EMAIL", "rehearsal@localhost"))
}


class Unpacking(GitProgram):
    """Trees that the clone knows nothing of."""

    def unpack(self, sha: str, folder: Path, branch: str = "main") -> None:
        """Make ``folder`` a repository on ``branch`` at ``sha``, checked out without any hook.

        Nothing in the clone changes: the folder has an index of its own and borrows the objects.
        Build back ends that ask git which files there are find an answer.
        """
        folder.mkdir(parents=True)
        there = self._within(folder)
        fmt = self.ask("rev-parse", "--show-object-format").line
        head, files = f"--initial-branch={branch}", {"GIT_DEFAULT_REF_FORMAT": "files"}
        there("init", "--quiet", "--template=", head, f"--object-format={fmt}", env=files)
        asked = self.ask("rev-parse", "--git-path", "objects", "--git-path", "info/exclude")
        objects, ignored = (self.path / each for each in lines_of(os.fsdecode(asked.raw)))
        borrowed = folder / ".git" / "objects" / "info" / "alternates"
        borrowed.parent.mkdir(exist_ok=True)
        borrowed.write_bytes(os.fsencode(objects.resolve()) + b"\n")
        if is_file(ignored):  # a worktree has those of its clone
            (folder / ".git" / "info").mkdir(exist_ok=True)
            (folder / ".git" / "info" / "exclude").write_bytes(ignored.read_bytes())
        # By the clone's git: it knows the user's filters, and where a partial clone gets the rest.
        here = (*NO_HOOKS, f"--work-tree={folder}", "-c", "core.sparseCheckout=false")
        index = {"GIT_INDEX_FILE": str(folder / ".git" / "index")}
        self(*here, "read-tree", sha, env=index)
        self(*here, "checkout-index", "--all", env=index)
        # As a worktree has them: hooks may ask for the last tag, or for what has changed since.
        refs = self.ask("for-each-ref", _AS_PACKED, "refs/tags/", f"refs/remotes/{REMOTE}/").raw
        (folder / ".git" / "packed-refs").write_bytes(refs)
        there("update-ref", "HEAD", sha)
        # Line ends and filters that the clone's own settings ask for are none of the folder's.
        if there("status", "--porcelain", "--untracked-files=no").raw:
            there(*ANY_LINE_END, "add", "--update")
            there("update-ref", "HEAD", self._commit(folder, "as checked out"))

    def tag_unpacked(self, folder: Path, tags: Sequence[str], new: Iterable[str] = ()) -> None:
        """Commit what was changed in an unpacked ``folder``, and put ``tags`` on the commit.

        Only there: a build that takes the version from git finds what a release would leave. Of
        files that git does not know those of ``new`` are committed; what programs left is not.
        """
        there = self._within(folder)
        there(*ANY_LINE_END, "add", "--update")
        added = [f":(literal){path}" for path in new if is_there(folder / path)]
        if added:
            there(*ADD_NAMED, *added)
        sha = self._commit(folder, "release")
        there("update-ref", "--no-deref", "HEAD", sha)
        for tag in tags:
            # A clone may hold a tag of this name; this repository is the folder's own.
            options = ("--force", "--annotate", "--no-sign", "-m", tag)
            there("tag", *options, "--end-of-options", tag, sha, env=_WHO)

    def _commit(self, folder: Path, message: str) -> str:
        """A commit of what the index of ``folder`` holds, after its HEAD."""
        there = self._within(folder)
        tree = there("write-tree").stdout.strip()
        make = ("commit-tree", "--no-gpg-sign", "-p", "HEAD", "-m", message, tree)
        return there(*make, env=_WHO).stdout.strip()

    def clean_unpacked(self, folder: Path, keep: Iterable[str]) -> None:
        """Remove what git does not know in an unpacked ``folder``, but for ``keep``.

        That is also what it ignores: where the package is published there is none of it.
        """
        kept = [f":(exclude,literal){path}" for path in keep]
        self._within(folder)("clean", "-ffdx", "--quiet", "--", ".", *kept)

    def _within(self, folder: Path) -> Callable[..., Completed]:
        """Git in an unpacked ``folder``; a user's hooks may be meant for every repository."""
        return partial(self.at(folder), *NO_HOOKS)
