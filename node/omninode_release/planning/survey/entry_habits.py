"""Whether people write the entries of a changelog themselves, or commits make them.

What people have written under ``[Unreleased]`` would be one entry with the subjects of all commits
else, where they had left most of these out.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from omninode_release.text.changelogs.choice import find_changelog
from omninode_release.text.changelogs.markdown_changelog import list_entries
from omninode_release.text.commits.subject import read_subject, strip_prs
from omninode_release.text.versions.version import is_same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from omninode_release.models.commit import Commit
    from omninode_release.models.facts import RepoFacts
    from omninode_release.text.changelogs.announcements import Entry
    from omninode_release.text.versions.tag_formats import ReleaseTag

_NEWEST = 3
_EVIDENCE = 3
_SHORT = 8
"""Letters of a subject that may stand in any bullet by chance."""
_BULLET = re.compile(r" {0,3}[-+*] +(?P<words>.*)")
_LINK = re.compile(r"\[(?P<shown>[^\[\]]*)\]\([^()]*\)")
_COMMIT = re.compile(r"/commit/[0-9a-f]{7,}")
"""A program that links to commits has made the entry, and may have copied whole messages."""


def find_entries_by_hand(
    facts: RepoFacts,
    found: Sequence[ReleaseTag],
    ask_commits: Callable[[str, str | None], Iterable[Commit]],
) -> str | None:
    """Where the newest entries of a changelog in Markdown tell what no commit says; else None.

    ``found`` is highest first; ``ask_commits`` answers the commits up to the first of two and not
    up to the second. Three bullets and more have to be there, and most of them such.
    """
    chosen = find_changelog(facts.tree.paths, facts.tree.texts)
    text = facts.tree.texts.get(chosen.path, "") if chosen.kind == "markdown" else ""
    released = [*islice(_pair(list_entries(text), found), _NEWEST)]
    bullets = [words for entry, _ in released for words in _list_bullets(entry)]
    made = any(_COMMIT.search(line) for entry, _ in released for line in entry.body)
    if made or len(bullets) < _EVIDENCE:
        return None
    last, oldest = released[0][1], released[-1][1]
    before = next((tag for tag in found if tag.version < oldest.version), None)
    since = facts.tags[before.name] if before else None
    subjects = {*map(_read_words, ask_commits(facts.tags[last.name], since))}
    told = sum(any(_is_in(each, words) for each in subjects) for words in bullets)
    if 2 * told >= len(bullets):
        return None
    versions = ", ".join(entry.version for entry, _ in released)
    return (
        f"{facts.repo}/{chosen.path}: of {len(bullets)} bullets of {versions}"
        f" {told or 'none'} {'is' if told < 2 else 'are'} in the subject of a commit"
    )


def _pair(
    entries: Iterable[Entry], found: Sequence[ReleaseTag]
) -> Iterator[tuple[Entry, ReleaseTag]]:
    """The entries of versions that are tagged."""
    for entry in entries:
        tag = next((tag for tag in found if is_same(entry.version, str(tag.version))), None)
        if tag is not None:
            yield entry, tag


def _list_bullets(entry: Entry) -> Iterator[str]:
    for line in entry.body:
        if (bullet := _BULLET.fullmatch(line)) is not None:
            yield _keep_letters(_LINK.sub(r"\g<shown>", bullet["words"]))


def _read_words(commit: Commit) -> str:
    return _keep_letters(read_subject(strip_prs(commit.subject)).description)


def _is_in(subject: str, bullet: str) -> bool:
    """True where one says the other: a bullet has a number more, or a subject was shortened."""
    return min(len(subject), len(bullet)) > _SHORT and (subject in bullet or bullet in subject)


def _keep_letters(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
