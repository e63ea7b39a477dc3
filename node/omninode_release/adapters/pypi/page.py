"""A project's page of a package index, as far as it concerns us."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from packaging.version import Version

from omninode_release.adapters.built_files import read_built_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pypi_simple import DistributionPackage, ProjectPage

    from omninode_release.models.publish import Kind

_CLOSED = frozenset({"archived", "quarantined"})
"""Project statuses in which an index takes no files (PEP 792)."""


class PageFile(NamedTuple):
    """One distribution file on a project's page."""

    filename: str
    version: Version
    kind: Kind
    yanked: bool
    sha256: str | None = None
    provenance: str | None = None


class Page(NamedTuple):
    files: tuple[PageFile, ...]
    versions: frozenset[str]
    """Every version there ever was a release of, where the index tells (PEP 700)."""
    closed: str = ""
    """Why nothing of the project can be uploaded, where the index says so (PEP 792)."""

    def of(self, version: Version) -> tuple[PageFile, ...]:
        return tuple(file for file in self.files if file.version == version)

    def list_others(self, version: Version) -> list[Version]:
        """Every other version that can be installed, the oldest first."""
        return sorted({f.version for f in self.files if f.version != version and not f.yanked})

    def remembers(self, version: Version) -> bool:
        """True for a version that had a release, even where its files are gone."""
        return any(_is_version(each, version) for each in self.versions)

    def expected(self, version: Version) -> frozenset[Kind]:
        """What a release of this project consists of: what the newest other one does.

        A first release is complete with its wheel: an sdist may come along, or there is none.
        """
        return frozenset(file.kind for file in self._last_release(version)) or frozenset({"wheel"})

    def compare_wheels(self, version: Version) -> str:
        """What tells that more wheels may come, one for each platform; empty where nothing does."""
        wheels = [f for f in self.of(version) if f.kind == "wheel" and not f.yanked]
        now, last = len(wheels), self._last_release(version)
        if not last and not all(file.filename.endswith("-any.whl") for file in wheels):
            return "a first release, with wheels for single platforms"
        before = sum(file.kind == "wheel" for file in last)
        return f"{now} of the {before} wheels that {last[0].version} has" if now < before else ""

    def _last_release(self, version: Version) -> list[PageFile]:
        """The files of the newest other version."""
        others = [file for file in self.files if file.version != version and not file.yanked]
        newest = max((file.version for file in others), default=None)
        return [file for file in others if file.version == newest]


def find_files(name: str, listed: Iterable[DistributionPackage]) -> Iterator[PageFile]:
    """The wheels and source distributions of ``name``; pages list eggs and oddities, too."""
    for each in listed:
        filename = each.filename
        found = read_built_name(filename)
        if found is not None and found[0] == name:
            kind: Kind = "wheel" if filename.endswith(".whl") else "sdist"
            sha256 = each.digests.get("sha256")
            yield PageFile(filename, found[1], kind, each.is_yanked, sha256, each.provenance_url)


def find_closure(page: ProjectPage) -> str:
    """Why the project takes no files; empty where it takes some."""
    if page.status not in _CLOSED:
        return ""
    reason = f" ({page.status_reason})" if page.status_reason else ""
    return f"the project is {page.status}{reason}"


def _is_version(text: str, version: Version) -> bool:
    try:
        return Version(text) == version
    except ValueError:  # also of a number that is too long
        return False
