"""uv: resolving a lock and building a distribution."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from omninode_release.system.process import Runner


@dataclass(frozen=True)
class Links:
    """A folder of distributions to resolve from, beside the user's index."""

    folder: Path
    only: bool = False
    """True where the folder is all there is to resolve from."""


@dataclass(frozen=True)
class Uv:
    """uv in the environment a release runs it in."""

    run: Runner
    seconds: float
    links: Links | None = None

    def lock(self, tree: Path, *, refresh: Sequence[str]) -> None:
        """Bring ``uv.lock`` into agreement with pyproject.toml; never upgrades what still fits.

        ``refresh`` names distributions whose cached index page is too old to know a version that
        was published minutes ago (uv, Caching, "--refresh-package"); a folder has no cache.
        """
        options = [word for name in refresh for word in ("--refresh-package", name)]
        options = list(self._no_index) or options
        # uv writes the folder into the lock as it was given: an absolute path would be committed.
        links = self._find_links(lambda folder: os.path.relpath(folder, tree.resolve()))
        self.run(("uv", "lock", *options), cwd=tree, timeout=self.seconds, env=links)

    def build(self, tree: Path, out: Path) -> list[Path]:
        """Build the sdist and, from it, the wheel; answer the files made."""
        # As an address: in a path uv takes a comma for its end, and a build commits nothing.
        links = self._find_links(Path.as_uri)
        command = ("uv", "build", *self._no_index, "--out-dir", str(out))
        self.run(command, cwd=tree, timeout=self.seconds, env=links)
        return sorted(p for p in out.iterdir() if p.suffix == ".whl" or p.name.endswith(".tar.gz"))

    @property
    def _no_index(self) -> tuple[str, ...]:
        """Uv has no environment variable for it: only the option keeps it off the network."""
        return ("--no-index",) if self.links and self.links.only else ()

    def _find_links(self, written: Callable[[Path], str]) -> dict[str, str]:
        """The environment that names the folder, which uv wants to be there."""
        if self.links is None:
            return {}
        self.links.folder.mkdir(parents=True, exist_ok=True)
        return {"UV_FIND_LINKS": written(self.links.folder.resolve())}
