"""Changelogs that CHANGELOG does not write, and pieces of an entry that it does not read."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from omninode_release.models.seen import SeenKind, make_seen
from omninode_release.planning.versions.news import read_news
from omninode_release.planning.versions.next_version import last_version, read_formats
from omninode_release.text.changelogs.choice import (
    NO_SETTING,
    find_all_changelogs,
    find_changelog,
    find_deeper,
    list_collected,
)
from omninode_release.text.changelogs.news_fragments import find_fragments
from omninode_release.text.versions.tag_formats import read_tags
from omninode_release.text.versions.version import is_below, is_same, tells_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.models.facts import RepoFacts
    from omninode_release.models.plan import RepoPlan
    from omninode_release.models.seen import Seen
    from omninode_release.planning.organisation import Organisation
    from omninode_release.text.changelogs.choice import Changelog
    from omninode_release.text.changelogs.news_fragments import Fragment

_MANY = 3
"""Releases without a changelog that make a habit."""


def find_unwritten_changelogs(row: RepoPlan, facts: RepoFacts, org: Organisation) -> Iterator[Seen]:
    """The changelog where it is not ours to write, and others that tell of the last version."""
    paths, texts = facts.tree.paths, facts.tree.texts
    chosen = find_changelog(paths, texts, org.config.changelog_for(row.repo))
    if row.pre_release_of:
        if chosen.is_ours:
            why = f"a pre-release leaves it as it is: its entry comes with {row.pre_release_of}"
            yield make_seen(row.repo, SeenKind.CHANGELOG, chosen.path, why)
        return
    by_hand = f"write the entry for {row.new} by hand"
    if not chosen.is_ours:
        is_text = chosen.path not in facts.tree.unreadable
        why = chosen.why if is_text else "its bytes are not UTF-8 text"
        yield make_seen(row.repo, SeenKind.CHANGELOG, chosen.path, f"{why}; {by_hand}")
    if chosen.is_ours and chosen.path not in paths:
        yield from _find_in_place_of_new(row, facts, org, chosen.path)
    for path in find_all_changelogs(paths):
        if path != chosen.path and row.current and tells_of(texts.get(path, ""), row.current):
            what = f"{path}, which tells of {row.current}"
            why = f"of two changelogs only {chosen.path} is written; {by_hand}"
            yield make_seen(row.repo, SeenKind.CHANGELOG, what, why if chosen.is_ours else by_hand)
    yield from _find_around(row, facts, org, chosen)


def _find_in_place_of_new(
    row: RepoPlan, facts: RepoFacts, org: Organisation, new: str
) -> Iterator[Seen]:
    """Changelogs further down, or the want of any, where a new one is made."""
    deeper = find_deeper(facts.tree.paths)
    for path in deeper:
        setting = f"changelog_of: {{{row.repo}: {{path: {path}}}}}"
        yield make_seen(
            row.repo, SeenKind.CHANGELOG, path, f"{new} is made; {setting} writes this one"
        )
    released = read_tags(facts.tags, read_formats(facts, org.config))
    is_said = org.config.changelog_for(row.repo) != NO_SETTING
    if len(released) >= _MANY and not deeper and not is_said:
        why = f"there is none yet, and it is made; changelog_of: {{{row.repo}: {{kind: none}}}}"
        yield make_seen(row.repo, SeenKind.CHANGELOG, new, f"{why} makes none")


def _find_around(
    row: RepoPlan, facts: RepoFacts, org: Organisation, own: Changelog
) -> Iterator[Seen]:
    """A changelog at the root of the repository that tells of this package, and of no one there."""
    if not all(org.config.place_of(each).folder for each in org.config.list_beside(row.repo)):
        return
    for path in find_all_changelogs(facts.around.paths):
        if row.current and tells_of(facts.around.texts.get(path, ""), row.current):
            what = f"{path} of the repository, which tells of {row.current}"
            path_of_own = org.config.place_of(row.repo).outer(own.path)
            written = f"what is written is {path_of_own}; " if own.is_ours else ""
            why = f"{written}write the entry for {row.new} by hand"
            yield make_seen(row.repo, SeenKind.CHANGELOG, what, why)


def find_announcements_left(row: RepoPlan, facts: RepoFacts, org: Organisation) -> Iterator[Seen]:
    """Headings for versions that no tag has reached and that this release does not have either."""
    if row.new is None:
        return
    name = row.package
    news = read_news(facts, org.config, last_version(facts, org.config), name)
    final = row.pre_release_of or row.new
    for each in news.announced:
        version = str(each.version)
        if each.develops and not row.pre_release_of and not is_below(final, version):
            why = (
                f"the entry for {final} is made anew above it; rename it to {final}, and it is that"
            )
            yield make_seen(row.repo, SeenKind.CHANGELOG, news.describe(each), why)
        elif not is_same(version, row.new) and not is_same(version, final):
            below = is_below(version, row.new)
            if below and each.is_dated:  # a release that was given up
                continue
            why = (
                f"{row.bump} releases {row.new}, which is above it; rename it, or release it by"
                f" --version {row.repo}={version}"
            )
            later = f"it is for a later release; --version {row.repo}={version} releases it now"
            what = f"{news.describe(each)}"
            yield make_seen(row.repo, SeenKind.CHANGELOG, what, why if below else later)


def find_fragments_left(row: RepoPlan, facts: RepoFacts, org: Organisation) -> Iterator[Seen]:
    """The fragments of each folder, and by name those that look like a level above the row's."""
    paths, texts = facts.tree.paths, facts.tree.texts
    chosen = find_changelog(paths, texts, org.config.changelog_for(row.repo))
    used = list_collected(chosen, paths, texts)
    found = [each for each in find_fragments(paths, texts) if each not in used]
    for folder in dict.fromkeys(each.folder for each in found):
        there = [each for each in found if each.folder == folder]
        yield _count(row, folder, there, chosen)
    for each in (*found, *(used if row.forced else ())):
        if row.bump is None or each.level.rank > row.bump.rank:
            why = f"a fragment has no level; --bump {row.repo}={each.level} releases it as such"
            if each in used:
                why = f"{row.word} goes before it"
            yield make_seen(row.repo, SeenKind.FRAGMENT, f"{each.path} looks {each.level}", why)


def _count(row: RepoPlan, folder: str, found: list[Fragment], chosen: Changelog) -> Seen:
    kinds = Counter(each.type for each in found if each.type)
    types = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    number = "1 fragment" if len(found) == 1 else f"{len(found)} fragments"
    place = folder if folder != "/" else found[0].path
    what = f"{place}: {number}{f' ({types})' if types else ''}"
    made = "the entry is made of commits; " if chosen.is_ours else ""
    why = f"{made}fragments are neither read nor removed"
    return make_seen(row.repo, SeenKind.FRAGMENT, what, why)
