"""Whether towncrier is there, where a repository's changelog is put together by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.models.check import ask
from omninode_release.text.changelog_files import find_changelog
from omninode_release.text.manifest import MANIFEST
from omninode_release.text.news_fragments import TOWNCRIER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from omninode_release.adapters.git import Git
    from omninode_release.models.check import Check
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.plan import RepoPlan


def check_towncrier(
    git: Git, row: RepoPlan, config: ReleaseConfig, find_version: Callable[[], str]
) -> Iterator[Check]:
    """The check of a repository that needs it; of others there is none."""
    base = row.base_sha or ""
    files = git.files([(base, MANIFEST), (base, TOWNCRIER)])
    texts = {path: data.decode("utf-8", errors="replace") for (_, path), data in files.items()}
    found = find_changelog((), texts, config.changelog_for(row.repo))
    if found.kind == "towncrier":
        yield ask(row.repo, "towncrier", find_version)
