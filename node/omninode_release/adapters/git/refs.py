"""Questions about the refs of a clone: branches, tags, and what they lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from omninode_release.adapters.git.program import REMOTE, GitProgram, lines_of
from omninode_release.errors import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Iterable

_PEELED = "%(if:equals=tag)%(*objecttype)%(then)tag %(end)%(*objectname)"
"""Before 2.45 git says of a tag on a tag which tag that is, and not what it leads to."""
_FIELDS = f"%(refname)%00%(objectname)%00{_PEELED}%00%(symref)"


class Ref(NamedTuple):
    """A ref and the commit it leads to (annotated tags are peeled)."""

    name: str
    sha: str
    symref: str = ""


class Refs(GitProgram):
    """The clone's own refs and those it has of its remote, as last fetched."""

    def refs(
        self, *prefixes: str, merged: str | None = None, contains: Iterable[str] = ()
    ) -> list[Ref]:
        """Refs below ``prefixes``; only those that ``merged`` contains, when it is given.

        With ``contains`` only those that contain one of these commits.
        """
        limit = [f"--merged={merged}"] if merged else []
        limit += [f"--contains={commit}" for commit in contains]
        out = self.ask("for-each-ref", f"--format={_FIELDS}", *limit, *prefixes).stdout
        found = []
        for line in lines_of(out):
            fields = line.split("\0")
            if len(fields) != len(Ref._fields) + 1:
                raise self.misunderstood("for-each-ref", line)
            name, sha, peeled, symref = fields
            if peeled.startswith("tag "):
                peeled = self.ask("rev-parse", "--verify", f"{name}^{{}}").line
            found.append(Ref(name, peeled or sha, symref))
        return found

    def head_branch(self) -> str | None:
        """The branch HEAD names, born or not; None when it is detached."""
        done = self.ask("symbolic-ref", "--quiet", "--short", "HEAD", ok=(0, 1))
        return done.line or None

    def commit_of(self, name: str) -> str | None:
        """The commit ``name`` leads to; None when there is none."""
        done = self.ask_once(
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            f"{name}^{{commit}}",
            of=[name],
            ok=(0, 1),
        )
        return done.line or None

    def is_ancestor(self, old: str, new: str) -> bool:
        """True where ``new`` contains ``old``.

        A commit that the clone lacks is in no history that it has in full.
        """
        asked = ("merge-base", "--is-ancestor", old, new)
        try:
            return self.ask_once(*asked, of=(old, new), ok=(0, 1)).returncode == 0
        except CommandFailed:
            is_whole = self.commit_of(new) is not None and not self.is_shallow()
            if is_whole and self.commit_of(old) is None:
                return False
            raise

    def is_shallow(self) -> bool:
        return self.ask("rev-parse", "--is-shallow-repository").line == "true"

    def branch_sha(self, branch: str) -> str | None:
        return self.commit_of(f"refs/heads/{branch}")

    def branches_with(self, commit: str) -> list[str]:
        """The remote's branches, as last fetched, that contain ``commit``."""
        if self.commit_of(commit) is None:
            return []
        below = f"refs/remotes/{REMOTE}/"
        refs = self.refs(below, contains=[commit])
        return [ref.name.removeprefix(below) for ref in refs if not ref.symref]

    def tag_message(self, ref: str) -> str | None:
        """The message of an annotated tag; None for any other ref, and where there is none."""
        out = self.ask("for-each-ref", "--format=%(objecttype)%00%(contents)", ref).stdout
        kind, _, message = out.partition("\0")
        return message if kind == "tag" else None
