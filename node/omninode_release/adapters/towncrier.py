"""towncrier: collecting the fragments of a repository into its changelog."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from omninode_release.system.process import Runner

OLDEST = (22, 8)
"""The first version that reads ``[tool.towncrier.fragment.…]``."""


@dataclass(frozen=True)
class Towncrier:
    """The program as a repository configures it; it uses no network."""

    run: Runner
    seconds: float

    def build(self, tree: Path, version: str, date: dt.date, *, title: str | None) -> None:
        """Write the entry and remove the fragments, without asking.

        With a ``title`` the package, which need not be installed, is not imported for its name.
        """
        named = ("--name", title) if title else ()
        argv = (
            "towncrier",
            "build",
            "--yes",
            "--version",
            version,
            "--date",
            date.isoformat(),
            *named,
        )
        self.run(argv, cwd=tree, timeout=self.seconds)
