"""The questions of a scan: answered by libgit2 inside this process, or by few programs.

Starting git costs more than most of its answers, loading the library costs as much as some forty
starts: so it is used where there are many repositories. What it cannot answer (a partial clone,
SHA-256, reftable, replaced commits, other encodings, a folder of another user, a broken object) the
program answers, and so each error is the program's. This is the one module that knows of the two;
docs/performance.md has the measurements.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self, TypeVar

from omninode_release.adapters.git import Git
from omninode_release.system.presence import is_file, is_folder, is_there

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from omninode_release.adapters.git.contents import TreeFile
    from omninode_release.adapters.git.libgit2 import Library
    from omninode_release.adapters.git.refs import Ref
    from omninode_release.models.commit import Commit
    from omninode_release.models.place import Place

MANY = 8
"""From so many repositories on, loading the library is worth it."""
_T = TypeVar("_T")


@dataclass(frozen=True)
class ScanGit(Git):
    """A clone, with shorter ways to the answers that every scan needs."""

    by_library: bool = True

    def close(self) -> None:
        """Give back what is held of the clone, by the library and here."""
        self.__dict__.pop("_listed", None)
        library = self.__dict__.pop("_library", None)
        if library is not None:
            library.close()

    def inside(self, place: Place) -> Self:
        """By the program: another library would not be closed."""
        return replace(self, place=place, by_library=False)

    def is_shallow(self) -> bool:
        beside = self.path / ".git"
        if is_file(beside):  # of a linked worktree: the file is elsewhere
            return super().is_shallow()
        return is_there((beside if is_folder(beside) else self.path) / "shallow")

    def refs(
        self, *prefixes: str, merged: str | None = None, contains: Iterable[str] = ()
    ) -> list[Ref]:
        wanted, ask = tuple(contains), super().refs
        if wanted:
            return ask(*prefixes, merged=merged, contains=wanted)
        return self._ask(
            lambda library: [*library.refs(prefixes, merged)],
            lambda: ask(*prefixes, merged=merged),
        )

    def commits(self, base: str, since: str | None, *without: str) -> list[Commit]:
        """As ever, but without their authors: no plan asks who."""
        ask, hidden = super().commits, (*([since] if since else []), *without)
        return self._ask(
            lambda library: library.commits(base, hidden),
            lambda: [each._replace(author="") for each in ask(base, since, *without)],
        )

    def blobs(self, ids: Mapping[str, str]) -> dict[str, bytes]:
        ask = super().blobs
        return self._ask(lambda library: dict(library.blobs(ids)), lambda: ask(ids))

    def _read(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
        ask, pairs = super()._read, [*wanted]
        return self._ask(lambda library: dict(library.files(pairs)), lambda: ask(pairs))

    def list_files(self, revision: str) -> list[TreeFile]:
        ask = super().list_files
        if revision not in self._listed:  # looked up once
            self._listed[revision] = self._ask(
                lambda library: [*library.tree(revision)], lambda: ask(revision)
            )
        return self._listed[revision]

    @cached_property
    def _listed(self) -> dict[str, list[TreeFile]]:
        return {}

    def _ask(self, by_library: Callable[[Library], _T], by_program: Callable[[], _T]) -> _T:
        if self._library is None:
            return by_program()
        try:
            return by_library(self._library)
        except Exception:  # noqa: BLE001 - of any kind: the program answers, or says what is wrong
            return by_program()

    @cached_property
    def _library(self) -> Library | None:
        if not self.by_library:
            return None
        from omninode_release.adapters.git.libgit2 import Library  # noqa: PLC0415 - see MANY

        return Library.open(self.path)
