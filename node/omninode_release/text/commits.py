"""Decide the level of a range of commits, and what of it stands in the changelog."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.text.commit_meaning import CommitMeaning, classify
from omninode_release.text.commit_subject import read_subject, strip_prs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omninode_release.models.commit import Commit, Level

_REVERTED_SHA = re.compile(r"^This reverts commit ([0-9a-f]{7,64})\b", re.MULTILINE)


class Decision(NamedTuple):
    """The level of a range of commits, and why."""

    level: Level | None
    """None when nothing in the range is worth a release."""
    commit: Commit | None
    """The newest commit of the highest level: the one a plan names as the reason."""
    counted: tuple[CommitMeaning, ...]
    """What counts towards level and changelog, newest first."""


def decide(commits: Sequence[Commit], *, default_bump: Level) -> Decision:
    """The level of ``tag..base``, given newest first: the highest of what counts.

    Merges and release bookkeeping do not count, and neither does a commit together with the
    revert of it. Level and commit are None when nothing else is there.
    """
    own = [commit for commit in commits if not commit.is_merge]
    undone = _find_undone(own)
    read = (classify(each, default_bump=default_bump) for each in own if each.sha not in undone)
    counted = tuple(each for each in read if not each.bookkeeping)
    if not counted:
        return Decision(None, None, ())
    reason = max(counted, key=lambda each: each.level.rank)
    return Decision(reason.level, reason.commit, counted)


def _find_undone(commits: Sequence[Commit]) -> set[str]:
    """Commits that reverts in the same range took back, and those reverts, newest first.

    Newest first is what makes a revert of a revert come out right: it removes the younger revert
    before that one can remove anything.
    """
    undone: set[str] = set()
    for at, commit in enumerate(commits):
        wanted = _read_reverted_subject(commit.subject)
        if wanted is None or commit.sha in undone:
            continue
        standing = [each for each in commits[at + 1 :] if each.sha not in undone]
        named, targets = _find_targets(commit, wanted, standing)
        undone.update(target.sha for target in targets)
        if len(targets) == named:
            undone.add(commit.sha)
    return undone


def _find_targets(commit: Commit, wanted: str, older: Sequence[Commit]) -> tuple[int, list[Commit]]:
    """How many commits a revert names, and those of them that are in the range.

    By id where the body has one; by subject where it does not, because a squash rewrites the body.
    """
    if shas := set(_REVERTED_SHA.findall(commit.body)):
        return len(shas), [each for each in older if any(each.sha.startswith(s) for s in shas)]
    return 1, [each for each in older if _is_same_subject(each.subject, wanted)][:1]


def _read_reverted_subject(subject: str) -> str | None:
    """The subject that a revert names, or None for a commit that is no revert."""
    found = read_subject(strip_prs(subject))
    if found.types == ("reapply",):
        return f'Revert "{found.description}"'
    return found.description if found.types == ("revert",) else None


def _is_same_subject(subject: str, wanted: str) -> bool:
    """Equal but for pull request numbers; a forge cuts long titles and ends them in "…"."""
    subject, wanted = strip_prs(subject), strip_prs(wanted)
    if wanted.endswith("…"):
        return subject.startswith(wanted[:-1])
    return subject == wanted
