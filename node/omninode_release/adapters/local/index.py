"""The embedded package index: a flat folder of wheels and source distributions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import Version

from omninode_release.adapters.built_files import read_built_name
from omninode_release.models.forge import Availability, IndexFile, VersionUse
from omninode_release.system.files import atomic_write, read_file
from omninode_release.system.presence import is_folder, is_there

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.forge import AvailabilityState
    from omninode_release.models.publish import Kind
    from omninode_release.system.paths import Places


def index_folder(config: ReleaseConfig, places: Places) -> Path:
    return (places.omni_home / config.local.index_dir).resolve()


@dataclass(frozen=True)
class LocalIndex:
    """Answers from the folder; without ``expect`` a version has a wheel and an sdist."""

    folder: Path

    def look(
        self, distribution: str, version: str, *, expect: Iterable[Kind] | None = None
    ) -> Availability:
        wanted = (canonicalize_name(distribution), Version(version))
        files = tuple(name for name, key in self._files() if key == wanted)
        kinds = {"wheel" if name.endswith(".whl") else "sdist" for name in files}
        is_whole = kinds >= set(expect or ("wheel", "sdist"))
        state: AvailabilityState = "available" if is_whole else "pending" if files else "absent"
        return Availability(state, files)

    def find_use(self, distribution: str, version: str) -> VersionUse:
        """The version's files: none is ever replaced."""
        known, wanted = [*self._files()], (canonicalize_name(distribution), Version(version))
        files = [name for name, key in known if key == wanted]
        there = {found for _, (project, found) in known if project == wanted[0]}
        others = tuple(map(str, sorted(there - {wanted[1]})))
        # An empty folder is an index that begins: that no name is there yet tells nothing.
        return VersionUse(bool(files), ", ".join(files), others=others if known else None)

    def list_files(self, distribution: str, version: str) -> tuple[IndexFile, ...]:
        """The version's files, each with the digest of what is there."""
        return tuple(
            IndexFile(
                name,
                "wheel" if name.endswith(".whl") else "sdist",
                hashlib.sha256(read_file(self.folder / name)).hexdigest(),
            )
            for name in self.look(distribution, version).files
        )

    def page_url(self, distribution: str, version: str) -> None:
        """A folder has no pages."""

    def publish(self, files: list[Path]) -> None:
        """Add files; one that is already there is never replaced, as on a real index."""
        for file in sorted(files):
            target = self.folder / file.name
            if not is_there(target):
                atomic_write(target, file.read_bytes())

    def _files(self) -> Iterator[tuple[str, tuple[str, Version]]]:
        if not is_folder(self.folder):
            return
        for path in sorted(self.folder.iterdir()):
            found = read_built_name(path.name)
            if found is not None:
                yield path.name, found
