"""A clone read by libgit2, inside this process."""

from __future__ import annotations

import os
from functools import cached_property
from itertools import product
from stat import S_ISDIR, S_ISLNK, S_ISREG
from typing import TYPE_CHECKING

import pygit2
from pygit2.enums import RepositoryOpenFlag, SortMode

from omninode_release.adapters.git.contents import TreeFile
from omninode_release.adapters.git.history import make_commit
from omninode_release.adapters.git.refs import Ref

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from omninode_release.models.commit import Commit

_OBJECT_ID_BYTES = 20
# Where objects may be elsewhere or other than their ids say; the last is that of a linked worktree.
_BESIDE = ("shallow", "info/grafts", "commondir")


class Library:
    """The answers of git's plumbing; raises whatever libgit2 does where it has none."""

    def __init__(self, repo: pygit2.Repository) -> None:
        self._repo = repo
        self._last: dict[tuple[pygit2.Oid, tuple[pygit2.Oid, ...]], list[Commit]] = {}
        """The commits of the last question alone: a history may be long."""

    @classmethod
    def open(cls, path: Path) -> Library | None:
        """The clone in ``path``; None where the library may not see all that git does."""
        try:
            repo = pygit2.Repository(str(path), RepositoryOpenFlag.NO_SEARCH)
            library = cls(repo)
            return library if _has_a_head(repo) and library._stands_alone() else None
        except (pygit2.GitError, KeyError, ValueError):  # the latter of names in another form
            return None

    def close(self) -> None:
        """Give back what the library holds: its objects form a circle, and are not swept up."""
        self._repo.free()
        vars(self._repo).clear()  # what leads back to it: 4 KiB of each clone

    def refs(self, prefixes: tuple[str, ...], merged: str | None) -> Iterator[Ref]:
        """Refs below ``prefixes``, or of these names; only those that ``merged`` contains."""
        base = self._find_commit(merged) if merged else None
        leads_to = self._is_child_among if len(prefixes) == 1 else self._leads_to
        for name in self._names:
            if not any(
                name == each or name.startswith(f"{each.rstrip('/')}/") for each in prefixes
            ):
                continue
            ref = self._repo.references[name]
            found = ref.peel()
            if base is None or (isinstance(found, pygit2.Commit) and leads_to(base, found)):
                target = ref.target
                yield Ref(name, str(found.id), target if isinstance(target, str) else "")

    @cached_property
    def _names(self) -> list[str]:
        """Of all refs: a scan asks twice, and reads them from one moment."""
        return [raw.decode("utf-8") for raw in sorted(self._repo.raw_listall_references())]

    def _leads_to(self, base: pygit2.Commit, found: pygit2.Commit) -> bool:
        return base.id == found.id or self._repo.descendant_of(base.id, found.id)

    def _is_child_among(self, base: pygit2.Commit, found: pygit2.Commit) -> bool:
        """The same: where ``base`` contains it, a commit since then is its child.

        Who asks of one tag asks for the commits since it next, and they are read by this.
        """
        since = self._list_commits(base.id, (found.id,))
        return base.id == found.id or any(str(found.id) in each.parents for each in since)

    def commits(self, base: str, hidden: Iterable[str]) -> list[Commit]:
        """Newest first, and every commit above its parents, as ``--topo-order`` has them."""
        ids = tuple(self._find_commit(each).id for each in hidden)
        return [*self._list_commits(self._find_commit(base).id, ids)]

    def _list_commits(self, base: pygit2.Oid, hidden: tuple[pygit2.Oid, ...]) -> list[Commit]:
        if (base, hidden) not in self._last:
            walker = self._repo.walk(base, SortMode.TOPOLOGICAL)
            for each in hidden:
                walker.hide(each)
            found = [_read_commit(commit) for commit in walker]
            _require_hidden(self._repo, hidden, found)
            self._last = {(base, hidden): found}
        return self._last[base, hidden]

    def tree(self, revision: str) -> Iterator[TreeFile]:
        """All that is in a commit, submodules left out."""
        return self._list_tree(str(self._find_commit(revision).tree_id), "")

    def _list_tree(self, tree: str, above: str) -> Iterator[TreeFile]:
        """Read a tree from its bytes: the form of an object is fixed for ever."""
        raw: bytes = self._repo[tree].read_raw()
        at = 0
        while at < len(raw):
            end = raw.index(b"\0", at)
            mode, _, name = raw[at:end].partition(b" ")
            at = end + 1 + _OBJECT_ID_BYTES
            path = above + name.decode("utf-8", "backslashreplace")
            kind, oid = int(mode, 8), raw[end + 1 : at].hex()
            if S_ISDIR(kind):
                yield from self._list_tree(oid, f"{path}/")
            elif S_ISREG(kind) or S_ISLNK(kind):
                yield TreeFile(path, kind, oid)

    def blobs(self, ids: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
        """Contents by any name, each given with the id of its blob."""
        return ((name, self._repo[oid].read_raw()) for name, oid in ids.items())

    def files(self, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], bytes]]:
        """Contents of ``(revision, path)`` pairs; those that do not exist are left out."""
        trees: dict[str, pygit2.Tree] = {}
        for revision, path in pairs:
            if revision not in trees:
                trees[revision] = self._repo.revparse_single(revision).peel(pygit2.Tree)
            try:
                found = trees[revision][path]
            except KeyError:
                continue
            if isinstance(found, pygit2.Blob):
                yield (revision, path), found.data

    def _stands_alone(self) -> bool:
        """False where objects may be elsewhere, or other than their ids say."""
        below = self._repo.path
        return not (
            any(os.path.lexists(f"{below}{name}") for name in _BESIDE)
            or any(
                entry.name == "extensions.partialclone" or entry.name.endswith(".promisor")
                for entry in self._repo.config
            )
            or any(name.startswith("refs/replace/") for name in self._names)
        )

    def _find_commit(self, revision: str) -> pygit2.Commit:
        return self._repo.revparse_single(revision).peel(pygit2.Commit)


def _require_hidden(
    repo: pygit2.Repository, hidden: Iterable[pygit2.Oid], found: Sequence[Commit]
) -> None:
    """Raise ValueError where a walk went past what was to be hidden.

    It does where a commit is older than its parents by the clock. The parents of such a commit are
    hidden as well, so one that has no parent among the others tells of all of them.
    """
    among = {each.sha for each in found}
    ends = [pygit2.Oid(hex=each.sha) for each in found if among.isdisjoint(each.parents)]
    for at, end in product(hidden, ends):
        if at == end or repo.descendant_of(at, end):
            raise ValueError(f"{end} is not hidden by {at}")


def _has_a_head(repo: pygit2.Repository) -> bool:
    """Without one, a folder is no repository to git."""
    target = repo.lookup_reference("HEAD").target
    return not isinstance(target, str) or target.startswith("refs/")


def _read_commit(found: pygit2.Commit) -> Commit:
    """Without its author, whom libgit2 reads otherwise than git where the form is odd."""
    if found.message_encoding:
        raise ValueError(found.message_encoding)  # the program reads what is in another encoding
    message = found.raw_message.decode("utf-8", "backslashreplace")
    return make_commit(str(found.id), map(str, found.parent_ids), "", message)
