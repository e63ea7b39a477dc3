"""What a changelog and its fragments say of the next release, beside the commits.

Fragments ask for a level: they are written to be read by users, so the higher of theirs and that of
the commits counts. A heading that stands in the changelog for a version that no tag has reached
declares that version: it wins where it reaches what commits and fragments ask for. A person's word
goes before both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omninode_release.text.changelogs.announcements import find_announced
from omninode_release.text.changelogs.choice import find_changelog, find_strongest_fragment
from omninode_release.text.changelogs.forms import find_form

if TYPE_CHECKING:
    from packaging.version import Version

    from omninode_release.models.commit import Level
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.facts import RepoFacts
    from omninode_release.text.changelogs.announcements import Announced
    from omninode_release.text.changelogs.choice import Changelog
    from omninode_release.text.changelogs.news_fragments import Fragment


@dataclass(frozen=True)
class News:
    """A repository's changelog, and what it says of the next release."""

    changelog: Changelog
    fragment: Fragment | None
    """The first of the highest level; None where towncrier has nothing to collect."""
    announced: tuple[Announced, ...]
    """As they stand in the file."""

    def raise_level(self, level: Level | None) -> Level | None:
        """The level with what the fragments ask for."""
        asked = self.fragment.level if self.fragment else None
        return max((each for each in (level, asked) if each), key=lambda e: e.rank, default=None)

    def find_declared(self, needed: Version) -> Announced | None:
        """The lowest declared version that is not below ``needed``."""
        whole = (each for each in self.announced if not each.develops)
        reached = (each for each in whole if each.version >= needed)
        return min(reached, key=lambda each: each.version, default=None)

    def describe(self, declared: Announced) -> str:
        """Where a version is declared, and in which words."""
        return f"{self.changelog.path} line {declared.line} ({declared.words})"


def read_news(
    facts: RepoFacts, config: ReleaseConfig, tagged: Version | None, distribution: str
) -> News:
    """What the tree at the base says; ``tagged`` is the version of the last release tag."""
    paths, texts = facts.tree.paths, facts.tree.texts
    setting = config.changelog_for(facts.repo)
    found = find_changelog(paths, texts, setting)
    text = texts.get(found.path, "") if found.is_ours else ""
    form = find_form(found.kind, found.path)
    announced = find_announced(form.list_entries(text), tagged, (distribution, facts.repo))
    return News(
        changelog=found,
        fragment=find_strongest_fragment(paths, texts, setting),
        announced=tuple(announced),
    )
