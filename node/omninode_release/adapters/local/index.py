"""The embedded package index: a flat folder of wheels and source distributions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from omninode_release.models.config import ReleaseConfig
from omninode_release.models.forge import Availability, AvailabilityState, VersionUse
from omninode_release.system.files import atomic_write
from omninode_release.system.paths import Places


def index_folder(config: ReleaseConfig, places: Places) -> Path:
    return (places.omni_home / config.local.index_dir).resolve()


@dataclass(frozen=True)
class LocalIndex:
    """Answers from the folder; a version is available once its wheel and its sdist are there."""

    folder: Path

    def look(self, distribution: str, version: str) -> Availability:
        wanted = (canonicalize_name(distribution), Version(version))
        files = tuple(name for name, key in self._files() if key == wanted)
        kinds = {name.endswith(".whl") for name in files}
        state: AvailabilityState = (
            "available" if len(kinds) == 2 else "pending" if files else "absent"
        )
        return Availability(state, files)

    def find_use(self, distribution: str, version: str) -> VersionUse:
        """The version's files: none is ever replaced."""
        files = self.look(distribution, version).files
        return VersionUse(bool(files), ", ".join(files))

    def page_url(self, distribution: str, version: str) -> None:
        """A folder has no pages."""

    def publish(self, files: list[Path]) -> None:
        """Add files; one that is already there is never replaced, as on a real index."""
        for file in sorted(files):
            target = self.folder / file.name
            if not target.exists():
                atomic_write(target, file.read_bytes())

    def _files(self) -> Iterator[tuple[str, tuple[str, Version]]]:
        if not self.folder.is_dir():
            return
        for path in sorted(self.folder.iterdir()):
            try:
                if path.suffix == ".whl":
                    name, version, *_ = parse_wheel_filename(path.name)
                else:
                    name, version = parse_sdist_filename(path.name)
            except (InvalidWheelFilename, InvalidSdistFilename):
                continue
            yield path.name, (name, version)
