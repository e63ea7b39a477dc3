"""Questions about the files of commits: which there are, and what stands in them."""

from __future__ import annotations

import os
import re
from stat import S_ISLNK, S_ISREG
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from omninode_release.adapters.git.answers import is_of_ids
from omninode_release.adapters.git.program import REMOTE
from omninode_release.adapters.git.refs import Refs
from omninode_release.errors import CommandFailed, ErrorCode, ReleaseError, typed_git
from omninode_release.text.manifests.manifest import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

_PROMISOR = r"^(extensions\.partialclone|remote\..*\.promisor)$"
_ENTRY = re.compile(
    r"(?P<mode>[0-7]{6}) (?P<kind>\w+) (?P<oid>[0-9a-f]{40,64})\t(?P<path>.+)", re.DOTALL
)
POINTER = "version https://git-lfs.github.com/spec/v1"
"""The first line of what git-lfs has in the place of a file."""
_Asked = TypeVar("_Asked")


class TreeFile(NamedTuple):
    """A file or symbolic link of a commit."""

    path: str
    mode: int
    oid: str


def list_packages(paths: Iterable[str]) -> list[str]:
    """The folders that have a pyproject.toml among these files; empty for the root."""
    ends = f"/{MANIFEST}"
    return [f"/{path}"[1 : -len(ends)] for path in paths if f"/{path}".endswith(ends)]


class Contents(Refs):
    """The files of commits, read by name and never through a working tree."""

    def paths(self, revision: str) -> tuple[str, ...]:
        """Every file of a commit that is the package's, neither symbolic links nor submodules."""
        found = (each.path for each in self.list_files(revision) if S_ISREG(each.mode))
        return tuple(path for path in map(self.place.inner, found) if path is not None)

    def find_links(self, sha: str) -> dict[str, str]:
        """The symbolic links of a commit: path to what it leads to, as it is written there."""
        links = {each.path: each.oid for each in self.list_files(sha) if S_ISLNK(each.mode)}
        return {path: os.fsdecode(target) for path, target in self.blobs(links).items()}

    def find_submodules(self, sha: str) -> list[str]:
        """The folders of a commit that are repositories of their own."""
        return [each.path for each in self._list_entries(sha, "commit")]

    def find_pointers(self, sha: str) -> list[str]:
        """The files of a commit that git-lfs keeps elsewhere: in their place it has pointers."""
        rules = {
            each.path: each.oid
            for each in self.list_files(sha)
            if each.path.rpartition("/")[2] == ".gitattributes"
        }
        if not any(b"filter=lfs" in text for text in self.blobs(rules).values()):
            return []
        asked = ("grep", "-l", "-z", "-e", f"^{POINTER}$", sha, "--")
        out = self.ask_once(*asked, of=[sha], ok=(0, 1)).stdout
        return [each.partition(":")[2] for each in out.split("\0")[:-1]]

    def list_files(self, revision: str) -> list[TreeFile]:
        """All files and links of a commit, whichever package's; submodules are left out."""
        return self._list_entries(revision, "blob")

    def _list_entries(self, revision: str, kind: str) -> list[TreeFile]:
        out = self.ask_once("ls-tree", "-r", "-z", "--full-tree", revision, of=[revision]).stdout
        found = []
        for line in out.split("\0")[:-1]:
            entry = _ENTRY.fullmatch(line)
            if entry is None:
                raise self.misunderstood("ls-tree", line)
            if entry["kind"] == kind:
                found.append(TreeFile(entry["path"], int(entry["mode"], 8), entry["oid"]))
        return found

    def file(self, revision: str, path: str) -> bytes | None:
        return self.files([(revision, path)]).get((revision, path))

    def text(self, revision: str, path: str) -> str | None:
        """A file as text, whatever its bytes are; None where there is none."""
        data = self.file(revision, path)
        return None if data is None else data.decode("utf-8", errors="replace")

    def files(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
        """Contents of ``(revision, path)`` pairs; those that do not exist are left out."""
        named = {(rev, self.place.outer(path)): (rev, path) for rev, path in wanted}
        found = self._read(pair for pair in named if "\n" not in pair[1])
        return {named[pair]: data for pair, data in found.items()}

    def blobs(self, ids: Mapping[str, str]) -> dict[str, bytes]:
        """Contents by any name, each given with the id of its blob."""
        if not ids:
            return {}
        request = "".join(f"{oid}\n" for oid in ids.values())
        raw = self.ask_once("cat-file", "--batch", of=ids.values(), stdin=request).raw
        return self._read_batch([*ids], raw)

    def _read(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
        pairs = [pair for pair in wanted if pair not in self.answers.absent]
        if not pairs:
            return {}
        request = "".join(f"{rev}:{path}\n" for rev, path in pairs)
        try:
            asked = [rev for rev, _ in pairs]
            raw = self.ask_once("cat-file", "--batch", of=asked, stdin=request).raw
        except CommandFailed:  # by a git that asks the remote of a partial clone, which it may not
            has = ("cat-file", "-e")
            self._refuse_left_out(
                pair for pair in pairs if self.ask(*has, ":".join(pair), ok=(0, 1, 128)).returncode
            )
            raise
        found = self._read_batch(pairs, raw)
        missing = [pair for pair in pairs if pair not in found]
        self._refuse_left_out(missing)
        here = self._list_here({rev for rev, _ in missing if is_of_ids(rev)})
        self.answers.absent.update(pair for pair in missing if pair[0] in here)
        return found

    def _list_here(self, ids: Collection[str]) -> set[str]:
        """Those of ``ids`` that are commits of this clone; of thousands, git is asked once."""
        if not ids:
            return set()
        asked = "".join(f"{each}^{{commit}}\n" for each in ids)
        check = ("cat-file", "--batch-check=%(objecttype)")
        said = self.ask(*check, stdin=asked, ok=(0, 128)).stdout.split("\n")
        return {each for each, kind in zip(ids, said, strict=False) if kind == "commit"}

    def _read_batch(self, names: Sequence[_Asked], raw: bytes) -> dict[_Asked, bytes]:
        try:
            return dict(_split_batch(names, raw))
        except (ValueError, IndexError):
            raise self.misunderstood("cat-file", f"an answer of {len(raw)} bytes") from None

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
