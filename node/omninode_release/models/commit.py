"""One commit as the tool reads it, and the levels a release can have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from typing import NamedTuple, overload
from zlib import compress, decompress


class Level(StrEnum):
    """Which part of X.Y.Z a release raises (semver.org, items 6 to 8)."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"

    @property
    def rank(self) -> int:
        """Order by weight: a range of commits takes the highest."""
        return _RANKS[self]


_RANKS = {Level.PATCH: 0, Level.MINOR: 1, Level.MAJOR: 2}


class Commit(NamedTuple):
    """A commit of ``tag..base``, newest first where they stand in a sequence."""

    sha: str
    parents: tuple[str, ...]
    subject: str
    body: str
    author: str = ""
    """Name and address, as git writes them."""

    @property
    def is_merge(self) -> bool:
        return len(self.parents) > 1


_AFTER_FIELD = "\0"
"""Git lets none into a commit."""


class PackedCommits(Sequence[Commit]):
    """Commits in a sixth of their size: a plan holds those of every clone until it is made.

    They are unpacked for who reads them, and kept so until another clone's are read.
    """

    __slots__ = ("_packed",)

    def __init__(self, commits: Sequence[Commit]) -> None:
        fields = ((each.sha, " ".join(each.parents), *each[2:]) for each in commits)
        text = _AFTER_FIELD.join(chain.from_iterable(fields))
        self._packed = compress(text.encode("utf-8", "surrogatepass"), level=1)

    def __len__(self) -> int:
        return len(_unpack(self._packed))

    def __iter__(self) -> Iterator[Commit]:
        return iter(_unpack(self._packed))

    @overload
    def __getitem__(self, at: int) -> Commit: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Commit]: ...
    def __getitem__(self, at: int | slice) -> Commit | Sequence[Commit]:
        return _unpack(self._packed)[at]


@lru_cache(maxsize=1)
def _unpack(packed: bytes) -> tuple[Commit, ...]:
    fields = iter(decompress(packed).decode("utf-8", "surrogatepass").split(_AFTER_FIELD))
    return tuple(
        Commit(sha, tuple(parents.split()), *rest)
        for sha, parents, *rest in zip(*[fields] * len(Commit._fields), strict=False)
    )
