"""uv: resolving a lock and building a distribution."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from omninode_release.system.process import Runner


@dataclass(frozen=True)
class Uv:
    """uv in the environment a release runs it in."""

    run: Runner
    seconds: float
    find_links: Path | None = None
    """A folder of distributions to resolve from, beside or instead of the user's index."""
    only_links: bool = False
    """True where that folder is all there is to resolve from."""

    def lock(self, tree: Path, *, refresh: Sequence[str]) -> None:
        """Bring ``uv.lock`` into agreement with pyproject.toml; never upgrades what still fits.

        ``refresh`` names distributions whose cached index page is too old to know a version that
        was published minutes ago (uv, Caching, "--refresh-package"); a folder has no cache.
        """
        options = [word for name in refresh for word in ("--refresh-package", name)]
        options = ["--no-index"] if self.only_links else options
        self.run(("uv", "lock", *options), cwd=tree, timeout=self.seconds, env=self._env(tree))

    def build(self, tree: Path, out: Path) -> list[Path]:
        """Build the sdist and, from it, the wheel; answer the files made."""
        # uv has no environment variable for --no-index: only the option keeps it off the network.
        only = ("--no-index",) if self.only_links else ()
        self.run(
            ("uv", "build", *only, "--out-dir", str(out)),
            cwd=tree,
            timeout=self.seconds,
            # As an address: in a path uv takes a comma for its end, and a build commits nothing.
            env={"UV_FIND_LINKS": self.find_links.resolve().as_uri()} if self.find_links else {},
        )
        return sorted(p for p in out.iterdir() if p.suffix == ".whl" or p.name.endswith(".tar.gz"))

    def _env(self, tree: Path) -> dict[str, str]:
        if self.find_links is None:
            return {}
        # uv writes the folder into the lock as it was given: an absolute path would be committed.
        relative = os.path.relpath(self.find_links.resolve(), tree.resolve())
        return {"UV_FIND_LINKS": relative}
