"""Releases of a GitHub repository: a tag with notes, over the REST API.

A published Release is never edited: where releases are immutable it cannot be, and elsewhere a
person may have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from omninode_release.adapters.github.rest_answers import ReleaseAnswer, ReleaseList
from omninode_release.errors import ErrorCode, ReleaseError, typed
from omninode_release.text.forge_text import cut_middle

if TYPE_CHECKING:
    from omninode_release.adapters.github.api import GitHubApi

_LONGEST = 120_000
"""Characters of notes; GitHub takes 125,000."""
_CUT = "\n\n(cut here: the changelog has the rest)"


@dataclass(frozen=True)
class GitHubReleases:
    api: GitHubApi

    def find(self, tag: str) -> str | None:
        """The address of the Release of ``tag``. Raises PUBLISH_FAILED for a draft of one."""
        found = self.find_published(tag)
        if found is None:
            self.require_no_draft(tag)
        return found

    def find_published(self, tag: str) -> str | None:
        """The address of the published Release of ``tag``."""
        found = self.api.find(f"releases/tags/{quote(tag, safe='')}", ReleaseAnswer)
        return found.html_url if found else None

    def find_draft(self, tag: str) -> str | None:
        """The address of a draft for ``tag``, among the hundred newest Releases."""
        listed = self.api.get("releases?per_page=100", ReleaseList).root
        drafts = (each.html_url for each in listed if each.draft and each.tag_name == tag)
        return next(drafts, None)

    def require_no_draft(self, tag: str) -> None:
        """Raise PUBLISH_FAILED for a draft: whose notes count is for a person to say."""
        draft = self.find_draft(tag)
        if draft is not None:
            raise ReleaseError(
                ErrorCode.PUBLISH_FAILED,
                f"expected no Release of {tag} in {self.api.slug.path}, found the draft {draft}.",
                hint=typed(("gh", "release", "delete", tag, "--repo", self.api.slug.typed)),
            )

    def create(
        self, tag: str, *, sha: str, title: str, notes: str, early: bool, below: bool
    ) -> str:
        """Publish a Release, once. The commit is named, or GitHub would tag whatever is newest.

        What is published last is the latest for GitHub, which programs ask for, unless it is told.
        """
        fields = {
            "tag_name": tag,
            "target_commitish": sha,
            "name": title,
            "body": cut_middle(notes, _LONGEST, end=0, note=_CUT),
            "draft": False,
            "prerelease": early,
            **({"make_latest": "false"} if below else {}),
        }

        def send() -> str:
            return self.api.make("releases", fields, ReleaseAnswer).html_url

        return self.api.change(send, landed=lambda: self.find_published(tag))
