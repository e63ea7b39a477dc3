"""uv: resolving a lock and building a distribution."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name, parse_wheel_filename

from omninode_release.system.presence import is_folder, is_there
from omninode_release.text.formats.toml_document import value_at
from omninode_release.text.manifests.manifest import MANIFEST, parse_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from omninode_release.system.process import Runner


@dataclass(frozen=True)
class Links:
    """A folder of distributions to resolve from, beside the user's index."""

    folder: Path
    only: bool = False
    """True where the folder is all there is to resolve from."""


@dataclass(frozen=True)
class Unpublished:
    """What a rehearsal built and no index has; locks made with it are thrown away."""

    folder: Path
    inherited: str = ""
    """The user's own UV_FIND_LINKS, which stays."""
    offline: bool = False
    """Whether uv makes do with what it has."""

    def list_names(self) -> set[str]:
        """Normalised names of the distributions in it."""
        return {str(parse_wheel_filename(path.name)[0]) for path in self.folder.glob("*.whl")}


@dataclass(frozen=True)
class Uv:
    """uv in the environment a release runs it in."""

    run: Runner
    seconds: float
    links: Links | None = None
    unpublished: Unpublished | None = None

    def lock(self, tree: Path, *, refresh: Sequence[str]) -> None:
        """Bring ``uv.lock`` into agreement with pyproject.toml; never upgrades what still fits.

        ``refresh`` names distributions whose cached index page is too old to know a version that
        was published minutes ago (uv, Caching, "--refresh-package"); a folder has no cache.
        """
        refreshed = [word for name in refresh for word in ("--refresh-package", name)]
        unpublished = self.unpublished.list_names() if self.unpublished else set()
        ignored = _ignore_sources(tree, unpublished)
        options = (*(self.without_index or self.offline_option or refreshed), *ignored)
        argv = ("uv", "lock", *options)
        self.run(argv, cwd=tree, timeout=self.seconds, env=self.find_links_of(tree))

    def build(self, tree: Path, out: Path) -> list[Path]:
        """Build the sdist and, from it, the wheel; answer the files made."""
        # As an address: in a path uv takes a comma for its end, and a build commits nothing.
        links = self.find_links(Path.as_uri)
        options = self.without_index or self.offline_option
        command = ("uv", "build", *options, "--out-dir", str(out))
        self.run(command, cwd=tree, timeout=self.seconds, env=links)
        return sorted(p for p in out.iterdir() if p.suffix == ".whl" or p.name.endswith(".tar.gz"))

    @property
    def without_index(self) -> tuple[str, ...]:
        """Uv has no environment variable for it: only the option keeps it off the network."""
        return ("--no-index",) if self.links and self.links.only else ()

    @property
    def offline_option(self) -> tuple[str, ...]:
        return ("--offline",) if self.unpublished and self.unpublished.offline else ()

    def find_links_of(self, tree: Path) -> dict[str, str]:
        """The environment that names the folders to ``uv lock`` in a tree.

        uv writes a folder into the lock as it was given: an absolute path would be committed.
        """
        return self.find_links(lambda folder: os.path.relpath(folder, tree.resolve()))

    def find_links(self, written: Callable[[Path], str]) -> dict[str, str]:
        """The environment that names the folders, which uv wants to be there.

        A rehearsal makes none: it changes nothing.
        """
        places = []
        if self.links is not None and self.unpublished is None:
            self.links.folder.mkdir(parents=True, exist_ok=True)
        if self.links is not None and is_folder(self.links.folder):
            places.append(written(self.links.folder.resolve()))
        if self.unpublished is not None:
            inherited = "" if self.links else self.unpublished.inherited
            places += [*filter(None, [inherited]), self.unpublished.folder.as_uri()]
        return {"UV_FIND_LINKS": ",".join(places)} if places else {}


def _ignore_sources(tree: Path, names: set[str]) -> Iterator[str]:
    """Options for those of ``names`` that the project takes from one index, named in its sources.

    uv looks for them nowhere else, so not in the folder of a rehearsal either.
    """
    path = tree / MANIFEST
    if not names or not is_there(path):
        return
    manifest = parse_manifest(path.read_text(encoding="utf-8"), where=str(path))
    sources = value_at(manifest, ("tool", "uv", "sources"))
    for name, source in sources.items() if isinstance(sources, dict) else ():
        listed = source if isinstance(source, list) else [source]
        if (
            any(isinstance(each, dict) and "index" in each for each in listed)
            and canonicalize_name(name) in names
        ):
            yield f"--no-sources-package={name}"
