"""The embedded forge, for a machine without GitHub: what it has of one repository."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from omninode_release.adapters.actions import ReadsActions

if TYPE_CHECKING:
    from omninode_release.adapters.local.pulls import LocalPulls
    from omninode_release.adapters.local.runs import LocalRuns


@dataclass(frozen=True)
class LocalForge(ReadsActions):
    """The Forge of one repository; its workflow's triggers are read as GitHub reads them."""

    workflow: str
    """The publish workflow's file name."""
    pulls: LocalPulls
    runs: LocalRuns
    runs_elsewhere: ClassVar[bool] = False
    releases: ClassVar[None] = None
    """Tags have no Releases here."""

    def compare_url(self, since: str | None, tip: str) -> None:
        """Nothing on this machine shows a comparison."""

    def tag_url(self, tag: str) -> None:
        """Nothing on this machine shows a tag."""
