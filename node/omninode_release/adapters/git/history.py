"""Questions about what a clone has: refs, commits, contents of files."""

from __future__ import annotations

import os
import re
from stat import S_ISLNK, S_ISREG
from sys import intern
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from omninode_release.adapters.git.program import REMOTE, GitProgram, lines_of
from omninode_release.errors import CommandFailed, ErrorCode, ReleaseError, typed_git
from omninode_release.models.commit import Commit
from omninode_release.models.place import WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_PROMISOR = r"^(extensions\.partialclone|remote\..*\.promisor)$"
_COMMIT = re.compile("\x01[0-9a-f]{40,64}")
_ENTRY = re.compile(
    r"(?P<mode>[0-7]{6}) (?P<kind>\w+) (?P<oid>[0-9a-f]{40,64})\t(?P<path>.+)", re.DOTALL
)
_Asked = TypeVar("_Asked")
_FIELDS = "%(refname)%00%(objectname)%00%(*objectname)%00%(symref)"


class Ref(NamedTuple):
    """A ref and the commit it leads to (annotated tags are peeled)."""

    name: str
    sha: str
    symref: str = ""


class TreeFile(NamedTuple):
    """A file or symbolic link of a commit."""

    path: str
    mode: int
    oid: str


class History(GitProgram):
    """The clone's refs and commits, read by name and never through a working tree."""

    def is_shallow(self) -> bool:
        return self.ask("rev-parse", "--is-shallow-repository").line == "true"

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
            found.append(Ref(name, peeled or sha, symref))
        return found

    def head_branch(self) -> str | None:
        """The branch HEAD names, born or not; None when it is detached."""
        done = self.ask("symbolic-ref", "--quiet", "--short", "HEAD", ok=(0, 1))
        return done.line or None

    def commits(self, base: str, since: str | None, *without: str) -> list[Commit]:
        """Commits of ``since..base`` (all of history without ``since``), newest first.

        Those that a revision of ``without`` contains are left out.
        """
        span = f"{since}..{base}" if since else base
        return self.list_commits(span, *(f"^{each}" for each in without))

    def list_commits(self, *revisions: str) -> list[Commit]:
        """Commits by git's own words for which, newest first."""
        out = self.ask(
            "rev-list",
            "--no-commit-header",
            "--topo-order",
            "--encoding=UTF-8",
            "--format=%H%x1f%P%x1f%an <%ae>%x1f%B%x00",
            *revisions,
            "--",
        ).stdout
        records = (record for record in out.split("\0\n") if record.strip("\0\n"))
        try:
            return [_parse_commit(record) for record in records]
        except ValueError as error:
            raise self.misunderstood("rev-list", str(error)) from None

    def commits_inside(self, base: str, since: str | None, *without: str) -> list[Commit]:
        """Those of ``commits`` that changed the package; a merge by what it brought in."""
        found = self.commits(base, since, *without)
        if self.place == WHOLE or not found:
            return found
        changed = self.changed_paths(base, since, *without)
        return [
            each
            for each in found
            if any(self.place.inner(path) is not None for path in changed.get(each.sha, ()))
        ]

    def changed_paths(self, base: str, since: str | None, *without: str) -> dict[str, list[str]]:
        """By commit of ``commits``, the files of the whole repository that it changed."""
        out = self.ask(
            "log",
            *("--format=%x01%H", "--name-only", "-z", "--diff-merges=first-parent", "--root"),
            *("--no-show-signature", "--no-renames", "--no-relative", "--no-ext-diff"),
            f"{since}..{base}" if since else base,
            *(f"^{each}" for each in without),
            "--",
        ).stdout
        found: dict[str, list[str]] = {}
        paths: list[str] = []
        for word in (each.removeprefix("\n") for each in out.split("\0")):
            if _COMMIT.fullmatch(word):
                paths = found[word[1:]] = []
            elif word:
                paths.append(word)
        return found

    def paths(self, revision: str) -> tuple[str, ...]:
        """Every file of a commit that is the package's, neither symbolic links nor submodules."""
        found = (each.path for each in self.list_files(revision) if S_ISREG(each.mode))
        return tuple(path for path in map(self.place.inner, found) if path is not None)

    def find_links(self, sha: str) -> dict[str, str]:
        """The symbolic links of a commit: path to what it leads to, as it is written there."""
        links = {each.path: each.oid for each in self.list_files(sha) if S_ISLNK(each.mode)}
        return {path: os.fsdecode(target) for path, target in self.blobs(links).items()}

    def list_files(self, revision: str) -> list[TreeFile]:
        """All files and links of a commit, whichever package's; submodules are left out."""
        out = self.ask("ls-tree", "-r", "-z", "--full-tree", revision).stdout
        found = []
        for line in out.split("\0")[:-1]:
            entry = _ENTRY.fullmatch(line)
            if entry is None:
                raise self.misunderstood("ls-tree", line)
            if entry["kind"] == "blob":
                found.append(TreeFile(entry["path"], int(entry["mode"], 8), entry["oid"]))
        return found

    def files(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
        """Contents of ``(revision, path)`` pairs; those that do not exist are left out."""
        named = {(rev, self.place.outer(path)): (rev, path) for rev, path in wanted}
        found = self._read(pair for pair in named if "\n" not in pair[1])
        return {named[pair]: data for pair, data in found.items()}

    def _read(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
        pairs = [*wanted]
        request = "".join(f"{rev}:{path}\n" for rev, path in pairs)
        try:
            raw = self.ask("cat-file", "--batch", stdin=request).raw
        except CommandFailed:  # by a git that asks the remote of a partial clone, which it may not
            self._refuse_left_out(pair for pair in pairs if not self._has(pair))
            raise
        found = self._read_batch(pairs, raw)
        self._refuse_left_out(pair for pair in pairs if pair not in found)
        return found

    def blobs(self, ids: Mapping[str, str]) -> dict[str, bytes]:
        """Contents by any name, each given with the id of its blob."""
        if not ids:
            return {}
        raw = self.ask("cat-file", "--batch", stdin="".join(f"{oid}\n" for oid in ids.values())).raw
        return self._read_batch([*ids], raw)

    def _read_batch(self, names: Sequence[_Asked], raw: bytes) -> dict[_Asked, bytes]:
        try:
            return dict(_split_batch(names, raw))
        except (ValueError, IndexError):
            raise self.misunderstood("cat-file", f"an answer of {len(raw)} bytes") from None

    def _has(self, pair: tuple[str, str]) -> bool:
        return self.ask("cat-file", "-e", ":".join(pair), ok=(0, 1, 128)).returncode == 0

    def _refuse_left_out(self, missing: Iterable[tuple[str, str]]) -> None:
        """Raise SCAN_FAILED for a file that is in the tree and not in a partial clone."""
        for revision, path in missing:
            if not self.ask("config", "--get-regexp", _PROMISOR, ok=(0, 1)).raw:
                return
            listed = self.ask("ls-tree", "-z", "--full-tree", revision, "--", path, ok=(0, 128))
            if listed.returncode or listed.raw:
                raise ReleaseError(
                    ErrorCode.SCAN_FAILED,
                    f"expected {path} of {revision[:12]} in {self.path}, found a partial clone that"
                    " has left it out.",
                    hint=typed_git(self.path, "fetch", "--refetch", "--no-filter", REMOTE),
                )

    def file(self, revision: str, path: str) -> bytes | None:
        return self.files([(revision, path)]).get((revision, path))

    def diff_stat(self, old: str, new: str) -> str:
        """Which files of the package differ between two trees, and by how many lines."""
        flags = ("--stat=100", "--no-ext-diff", "--no-textconv", "--no-color")
        only = [f":(top,literal){self.place.folder}"] if self.place.folder else []
        but = [f":(top,exclude,literal){each}" for each in self.place.apart]
        return self("diff", *flags, old, new, "--", *only, *but).stdout.rstrip()

    def empty_tree(self) -> str:
        """The tree without files, from which a first release differs in everything."""
        return self.ask("hash-object", "-t", "tree", "--stdin", stdin="").line

    def commit_of(self, name: str) -> str | None:
        """The commit ``name`` leads to; None when there is none."""
        done = self.ask(
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            f"{name}^{{commit}}",
            ok=(0, 1, 128),
        )
        return done.line or None

    def tree_of(self, revision: str) -> str:
        """The id of a commit's tree."""
        return self.ask("rev-parse", "--verify", f"{revision}^{{tree}}").line

    def merge_trees(self, one: str, other: str) -> str | None:
        """The tree that merging two commits gives; None on a conflict."""
        done = self("merge-tree", "--write-tree", "--no-messages", one, other, ok=(0, 1))
        return lines_of(done.stdout)[0] if done.returncode == 0 else None

    def branch_sha(self, branch: str) -> str | None:
        return self.commit_of(f"refs/heads/{branch}")

    def fork_point(self, branch: str, base: str) -> str:
        """Where a branch of ours left the remote's base branch."""
        return self.ask("merge-base", f"refs/heads/{branch}", f"refs/remotes/{REMOTE}/{base}").line

    def roots(self, commit: str) -> list[str]:
        """The commits that its history begins with."""
        return self.ask("rev-list", "--max-parents=0", commit, "--").stdout.split()

    def tag_message(self, ref: str) -> str | None:
        """The message of an annotated tag; None for any other ref, and where there is none."""
        out = self.ask("for-each-ref", "--format=%(objecttype)%00%(contents)", ref).stdout
        kind, _, message = out.partition("\0")
        return message if kind == "tag" else None

    def branches_with(self, commit: str) -> list[str]:
        """The remote's branches, as last fetched, that contain ``commit``."""
        if self.commit_of(commit) is None:
            return []
        below = f"refs/remotes/{REMOTE}/"
        refs = self.refs(below, contains=[commit])
        return [ref.name.removeprefix(below) for ref in refs if not ref.symref]

    def is_ancestor(self, old: str, new: str) -> bool:
        return self.ask("merge-base", "--is-ancestor", old, new, ok=(0, 1)).returncode == 0


def _parse_commit(record: str) -> Commit:
    sha, parents, author, message = record.strip("\0\n").split("\x1f", 3)
    return make_commit(sha, parents.split(), author, message)


def make_commit(sha: str, parents: Iterable[str], author: str, message: str) -> Commit:
    """A commit from what git has of it; a name that stands in many is kept once."""
    subject, _, body = message.lstrip("\n").partition("\n")
    ids = tuple(map(intern, parents))
    return Commit(intern(sha), ids, subject.strip(), body.strip("\n"), intern(author))


def _split_batch(asked: Sequence[_Asked], raw: bytes) -> Iterable[tuple[_Asked, bytes]]:
    """Split the answer of ``cat-file --batch``: a header, the content, a newline, per object."""
    at = 0
    for each in asked:
        end = raw.index(b"\n", at)
        header = raw[at:end].rsplit(b" ", 2)
        at = end + 1
        if header[-1].isdigit() and header[-2] in {b"blob", b"tree", b"commit", b"tag"}:
            size = int(header[-1])
            if header[-2] == b"blob":
                yield each, raw[at : at + size]
            at += size + 1
