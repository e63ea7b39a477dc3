"""The part of a history that is one package's, as if nothing else had happened."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from omninode_release.models.commit import Commit


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


def find_foreign(commits: Sequence[Commit]) -> set[str]:
    """Those of ``commits``, newest first, whose whole history was merged in from elsewhere.

    None where the base branch itself begins among them: its history is a new one, into which that
    of the releases may have been merged.
    """
    found: set[str] = set()
    of_base = commits[0].sha if commits else ""
    for each in commits:
        if each.sha == of_base:
            if not each.parents:
                return set()
            of_base = each.parents[0]
    for each in reversed(commits):
        if found.issuperset(each.parents):
            found.add(each.sha)
    return found


def list_brought(
    commits: Iterable[Commit], foreign: set[str], changed: Mapping[str, Sequence[str]]
) -> set[str]:
    """The files, as they are called now, that merges brought in from such a history."""
    merges = (
        each.sha
        for each in commits
        if each.sha not in foreign and not foreign.isdisjoint(each.parents)
    )
    return {path for sha in merges for path in changed.get(sha, ())}
