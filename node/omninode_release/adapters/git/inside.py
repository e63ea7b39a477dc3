"""The part of a history that is one package's, as if nothing else had happened."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from omninode_release.models.commit import Commit
    from omninode_release.models.place import Place


class Move(NamedTuple):
    """How a package came to where it stands."""

    before: Place
    """Where its last release had it."""
    older: Collection[str]
    """The commits that have it there still."""

    def tells(self, sha: str, paths: Iterable[str]) -> bool:
        """True where a commit of before the move changed the package."""
        return sha in self.older and any(self.before.inner(path) is not None for path in paths)


class PackageHistory(NamedTuple):
    """The commits that changed a package, and what became of those that did not."""

    commits: tuple[Commit, ...]
    """Newest first; the parents of each are those that it has without the others."""
    stand_in: Mapping[str, str] = MappingProxyType({})
    """Each other commit to the newest before it that changed the package, or to one before all."""

    def find_stand_ins(self, shas: Iterable[str]) -> dict[str, str]:
        """Those of ``shas`` that are other commits: of all, a thousand packages would hold much."""
        return {sha: self.stand_in[sha] for sha in shas if sha in self.stand_in}


def leave_out(commits: Sequence[Commit], others: Collection[str]) -> PackageHistory:
    """The history of ``commits``, newest first, without ``others``."""
    before: dict[str, str] = {}
    for each in reversed(commits):
        if each.sha in others:
            first = each.parents[0] if each.parents else ""
            before[each.sha] = before.get(first, first)
    kept = (each for each in commits if each.sha not in others)
    return PackageHistory(
        tuple(
            each._replace(parents=tuple(before.get(parent, parent) for parent in each.parents))
            for each in kept
        ),
        before,
    )


def list_older(commits: Sequence[Commit], sha: str) -> frozenset[str]:
    """Those of ``commits``, newest first, whose history does not have the commit ``sha``."""
    newer = {sha}
    for each in reversed(commits):
        if not newer.isdisjoint(each.parents):
            newer.add(each.sha)
    return frozenset(each.sha for each in commits if each.sha not in newer)
