"""Changelogs that CHANGELOG does not write, and pieces of an entry that it does not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from omninode_release.models.facts import RepoFacts
from omninode_release.models.plan import RepoPlan
from omninode_release.models.seen import Seen, SeenKind
from omninode_release.text.changelog_files import find_all_changelogs, find_changelog
from omninode_release.text.news_fragments import Fragment, find_fragments


def find_unwritten_changelogs(row: RepoPlan, facts: RepoFacts) -> Iterator[Seen]:
    """The changelog where it is not ours to write, and others that tell of the last version."""
    paths, texts = facts.tree.paths, facts.tree.texts
    chosen = find_changelog(paths, texts)
    by_hand = f"write the entry for {row.new} by hand"
    if not chosen.is_ours:
        yield _make_seen(row, SeenKind.CHANGELOG, chosen.path, f"{chosen.why}; {by_hand}")
    for path in find_all_changelogs(paths):
        if path != chosen.path and row.current and row.current in texts.get(path, ""):
            what = f"{path}, which tells of {row.current}"
            why = f"of two changelogs only {chosen.path} is written; {by_hand}"
            yield _make_seen(row, SeenKind.CHANGELOG, what, why if chosen.is_ours else by_hand)


def find_fragments_left(row: RepoPlan, facts: RepoFacts) -> Iterator[Seen]:
    """The fragments of each folder, and by name those that look like a level above the row's."""
    found = [*find_fragments(facts.tree.paths, facts.tree.texts)]
    for folder in dict.fromkeys(each.folder for each in found):
        yield _count(row, folder, [each for each in found if each.folder == folder])
    for each in found:
        if row.bump is None or each.level.rank > row.bump.rank:
            why = f"a fragment has no level; --bump {each.level} releases it as such"
            yield _make_seen(row, SeenKind.FRAGMENT, f"{each.path} looks {each.level}", why)


def _count(row: RepoPlan, folder: str, found: list[Fragment]) -> Seen:
    kinds = Counter(each.type for each in found if each.type)
    types = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    number = "1 fragment" if len(found) == 1 else f"{len(found)} fragments"
    what = f"{folder}: {number}{f' ({types})' if types else ''}"
    why = "the entry is made of commits; fragments are neither read nor removed"
    return _make_seen(row, SeenKind.FRAGMENT, what, why)


def _make_seen(row: RepoPlan, kind: SeenKind, what: str, why: str) -> Seen:
    return Seen(repo=row.repo, kind=kind, what=what, why=why)
