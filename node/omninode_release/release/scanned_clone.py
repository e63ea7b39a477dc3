"""A clone as a scan has left it: its tags may be under either name, and most of it is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omninode_release.adapters.git import REMOTE_TAGS, Git

if TYPE_CHECKING:
    from omninode_release.models.commit import Commit
    from omninode_release.models.facts import RepoFacts
    from omninode_release.models.place import Place


class ScannedClone(Git):
    """A clone as a dry run scanned it, which may not have fetched the remote's tags."""

    def commits(self, base: str, since: str | None, *without: str) -> list[Commit]:
        here = [self._find_here(each) for each in (since, *without) if each]
        return super().commits(base, None, *here)

    def changed_paths(self, base: str, since: str | None, *without: str) -> dict[str, list[str]]:
        here = [self._find_here(each) for each in (since, *without) if each]
        return super().changed_paths(base, None, *here)

    def _find_here(self, revision: str) -> str:
        if revision.startswith(REMOTE_TAGS) and self.commit_of(revision) is None:
            return f"refs/tags/{revision.removeprefix(REMOTE_TAGS)}"
        return revision


@dataclass(frozen=True)
class SeenClone(ScannedClone):
    """The same, where what the scan has read is not read again; git answers the rest."""

    seen: RepoFacts = field(kw_only=True)
    """Of the package of ``place``."""

    def inside(self, place: Place) -> ScannedClone:  # type: ignore[override] # of another package
        if place == self.place:
            return self
        return ScannedClone(self.path, self.run, self.seconds, place=place)

    def commits_inside(self, base: str, since: str | None, *without: str) -> list[Commit]:
        released = [tag for tag in (self.seen.last_tag, self.seen.merged_tag) if tag]
        asked = [each.removeprefix(REMOTE_TAGS) for each in without]
        if base == self.seen.base_sha and since is None and asked == released:
            return [*self.seen.commits]
        return super().commits_inside(base, since, *without)

    def paths(self, revision: str) -> tuple[str, ...]:
        return self.seen.tree.paths if self._is_seen(revision) else super().paths(revision)

    def file(self, revision: str, path: str) -> bytes | None:
        if self._is_seen(revision):
            if path not in self.seen.tree.paths:
                return None
            text = self.seen.tree.texts.get(path, self.seen.workflows.get(path))
            if text is not None:
                return text.encode("utf-8")
        return super().file(revision, path)

    def _is_seen(self, revision: str) -> bool:
        return revision == self.seen.base_sha and bool(self.seen.tree.paths)
