"""GitHub as a forge, through ``gh``: what it has of one repository."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from omninode_release.adapters.actions import ReadsActions
from omninode_release.adapters.github.about import ABOUT, about
from omninode_release.adapters.github.pulls import GitHubPulls
from omninode_release.adapters.github.releases import GitHubReleases
from omninode_release.adapters.github.repository_answers import About
from omninode_release.adapters.github.runs import GitHubRuns
from omninode_release.models.publish import Publish

if TYPE_CHECKING:
    from omninode_release.adapters.github.about import AboutRepository
    from omninode_release.adapters.github.api import GitHubApi


@dataclass(frozen=True)
class GitHubForge(ReadsActions):
    api: GitHubApi
    workflow: str
    """The publish workflow's file name."""
    repo: str = ""
    """Its name in the tier graph."""
    publish: Publish = field(default_factory=Publish)
    """What a dispatch is given."""
    runs_elsewhere: ClassVar[bool] = True

    @property
    def pulls(self) -> GitHubPulls:
        return GitHubPulls(self.api)

    @property
    def runs(self) -> GitHubRuns:
        return GitHubRuns(
            self.api, self.repo, self.publish.model_copy(update={"workflow": self.workflow})
        )

    @property
    def releases(self) -> GitHubReleases:
        return GitHubReleases(self.api)

    def compare_url(self, since: str | None, tip: str) -> str:
        """The page that compares a tag with a commit; before the first release the history."""
        page = f"compare/{quote(since)}...{tip}" if since else f"commits/{tip}"
        return f"https://{self.api.slug.host}/{self.api.slug.path}/{page}"

    def tag_url(self, tag: str) -> str:
        """The page on GitHub that shows the tag, and its Release where it has one."""
        return f"https://{self.api.slug.host}/{self.api.slug.path}/releases/tag/{quote(tag)}"

    def about(self, repo: str, base: str | None = None) -> AboutRepository:
        """Who asks, what they may do, and what is open; one call.

        ``repo`` is the name of the clone, which release branches end with. Whether there is a
        merge queue is asked of ``base``, without it of the default branch.
        """
        return about(self.api.ask(ABOUT, About, base=base), repo)
