"""Programs that work in a worktree, as the phases see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class Resolver(Protocol):
    """What brings the lock file into agreement with the manifest."""

    def lock(self, tree: Path, *, refresh: Sequence[str]) -> None: ...


class Locker(Protocol):
    """What brings the locks of one kind into agreement with the manifest."""

    @property
    def litter(self) -> Sequence[str]:
        """Files that it leaves beside them and that are not wanted."""

    def lock(self, tree: Path, files: Sequence[str], pins: Mapping[str, str]) -> None:
        """Rewrite ``files``; of what they hold, ``pins`` (name to version) is to move alone.

        Raises CommandFailed.
        """


class Collector(Protocol):
    """What puts a changelog entry together from fragments."""

    def build(self, tree: Path, version: str, date: dt.date, *, title: str | None) -> None: ...


class HookRun(NamedTuple):
    """How the hooks ended."""

    passed: bool
    failed: tuple[str, ...]
    """Ids of the hooks that failed; empty also when what runs them could not run."""
    output: str


class Hooks(Protocol):
    """What the repository's developers let look over all of its files."""

    @property
    def name(self) -> str:
        """What runs them, for a person; empty where nothing does."""

    @property
    def configurations(self) -> Sequence[str]:
        """The files of which one must be there for it to have hooks; empty: it needs none."""

    def run_all(self, tree: Path) -> HookRun: ...


class Commands(Protocol):
    """Commands of the configuration, run without tokens."""

    def run_in(self, tree: Path, argv: Sequence[str]) -> None:
        """Run one in a worktree. Raises CommandFailed."""
