"""Small files in one branch of a remote, which many machines read and change.

Every change is one commit and one ordinary push: the remote takes it whole, on top of what was
fetched, or refuses it. Nothing is forced; a refused push is made again on top of what is there now,
unless another process has changed the folder it is about.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omninode_release.adapters.git import REMOTE
from omninode_release.errors import CommandFailed, typed_git
from omninode_release.system.presence import is_file, is_folder
from omninode_release.system.scratch import temporary_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from omninode_release.adapters.git import Git

_ATTEMPTS = 20
"""How often a push is made again that another's came before."""
_SCRATCH = "refs/omni-release/next"
_SHA256_DIGITS = 64
_ENDS = tuple(range(129))
"""How ``git fsck`` may end: by the sum of the kinds of what it finds, or at what it cannot read."""


class Overtaken(Exception):
    """Another process has changed the folder that a change is about."""


@dataclass(frozen=True)
class BranchFiles:
    """The files of a branch, through a bare repository of our own that mirrors it."""

    git: Git
    branch: str
    author: str
    """In whose name the commits are made: ``NAME <MAIL>``."""

    def open(self, url: str, *options: str) -> None:
        """Make the mirror where there is none, and let it lead to ``url``; twice is harmless.

        ``options`` are those of ``git init``.
        """
        if not is_file(self.git.path / "HEAD"):
            self.git("init", "--quiet", "--bare", "--template=", *options, ".")
        try:
            there = self.git.remote_url()
        except CommandFailed:  # git was killed as it made it
            self._make_anew(url)
        else:
            if there != url:
                self.git("config", f"remote.{REMOTE}.url", url)

    def type_log(self, path: str) -> str:
        """The command with which a person sees who wrote a file."""
        return typed_git(self.git.path, "log", self._tracking, "--", path)

    def fetch(self) -> None:
        """See what the remote has. Raises CommandFailed and TimedOut.

        A mirror that a crash has torn is made anew: nothing stands in it alone.
        """
        try:
            self._fetch()
        except CommandFailed:
            if (
                self.git.ask("fsck", "--connectivity-only", "--no-dangling", ok=_ENDS).returncode
                == 0
            ):
                raise
            self._make_anew(self._url)
            self._fetch()

    def _fetch(self) -> None:
        ref, known = f"refs/heads/{self.branch}", self._tip
        refs = self.git.remote_refs(ref if known else "refs/heads/*")
        if known is None:
            self._take_hash_of_remote(refs.values())
        there = refs.get(ref)
        if there == known:
            return
        if there is None:
            self.git("update-ref", "-d", self._tracking)
        else:
            self.git.fetch(self.branch)

    def _take_hash_of_remote(self, ids: Iterable[str]) -> None:
        """Make the mirror anew where the remote, which has ``ids``, names objects by another hash.

        A user's git may make repositories of SHA-256, and moves nothing between the two.
        """
        longest = max(map(len, ids), default=0)
        if not longest:  # an empty remote tells a clone of it alone
            with temporary_folder() as folder:
                there = self.git.at(folder)
                there.call_remote("clone", "--quiet", "--bare", "--template=", self._url, "empty")
                longest = len(there.at(folder / "empty").empty_tree())
        if longest != len(self.git.empty_tree()):
            sort = "sha256" if longest == _SHA256_DIGITS else "sha1"
            self._make_anew(self._url, f"--object-format={sort}")

    def _make_anew(self, url: str, *options: str) -> None:
        for each in self.git.path.iterdir():
            shutil.rmtree(each) if is_folder(each) else each.unlink()
        self.open(url, *options)

    def read(self, path: str) -> bytes | None:
        """A file as it was fetched last; None where there is none."""
        return self.git.file(self._tip, path) if self._tip else None

    def list_files(self) -> tuple[str, ...]:
        """Every file, as it was fetched last."""
        return self.git.paths(self._tip) if self._tip else ()

    def folder(self, path: str) -> str | None:
        """What tells one content of a folder from every other, as it was fetched last."""
        return self._folder_at(self._tip, path)

    def change(
        self,
        changes: Mapping[str, bytes | None],
        message: str,
        *,
        about: str,
        expected: str | None,
        at: datetime,
    ) -> str | None:
        """Write files, and delete those of None, as one commit; answer what ``about`` is then.

        Raises Overtaken where the folder ``about`` is not the ``expected`` one, and CommandFailed
        or TimedOut where the remote does not take it.
        """
        for left in reversed(range(_ATTEMPTS)):
            tip = self._tip
            if self._folder_at(tip, about) != expected:
                raise Overtaken
            sha = self._commit(tip, changes, message, at)
            try:
                self.git.push(f"{sha}:refs/heads/{self.branch}")
            except CommandFailed:
                self.fetch()
                now = self._tip
                if now is not None and self.git.is_ancestor(sha, now):  # its answer was lost
                    return self._folder_at(sha, about)
                if now == tip or not left:
                    raise
            else:
                self.git.keep_commit(self._tracking, sha)
                return self._folder_at(sha, about)
        raise AssertionError("unreachable")

    @property
    def _url(self) -> str:
        return self.git.remote_url() or ""

    @property
    def _tracking(self) -> str:
        return f"refs/remotes/{REMOTE}/{self.branch}"

    @property
    def _tip(self) -> str | None:
        return self.git.fetched_sha(self.branch)

    def _folder_at(self, tip: str | None, path: str) -> str | None:
        if tip is None:
            return None
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{tip}:{path}")
        return self.git.ask(*asked, ok=(0, 1)).line or None

    def _commit(
        self, tip: str | None, changes: Mapping[str, bytes | None], message: str, at: datetime
    ) -> str:
        """Make a commit on top of ``tip``, in one program and without an index."""
        text = "".join(
            [
                f"commit {_SCRATCH}\nmark :1\n",
                f"committer {self.author} {int(at.timestamp())} +0000\n",
                f"data {len(message.encode())}\n{message}\n",
                f"from {tip}\n" if tip else "",
                *(_write_change(path, data) for path, data in changes.items()),
                "\nget-mark :1\n",
            ]
        )
        # The ref is scratch of ours: what was refused before need not be in what comes next.
        return self.git("fast-import", "--quiet", "--force", stdin=text).line


def _write_change(path: str, data: bytes | None) -> str:
    """One line of ``git fast-import``, with the data."""
    if data is None:
        return f"D {path}\n"
    return f"M 100644 inline {path}\ndata {len(data)}\n{data.decode()}\n"
