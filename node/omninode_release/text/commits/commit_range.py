"""Decide the level of a range of commits, and what of it stands in the changelog.

The level is the highest of what counts. Release bookkeeping does not count, nor merges without a
title, nor a commit together with the revert of it.

A merge counts by the title of its pull request, beside the commits that it brought in, and no
change is told twice:

- of a title and a commit below it that say the same in other types, the higher level is told, and
  the title where both are equal;
- a commit with neither a type nor a pull request of its own is told by the title above it;
- a title goes when everything that it brought in was taken back.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.text.commits.meaning import classify
from omninode_release.text.commits.merges import (
    give_title,
    has_silent_subject,
    says_nothing,
    trace_merges,
)
from omninode_release.text.commits.reverts import find_undone
from omninode_release.text.commits.subject import REVERTS, read_subject, strip_prs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omninode_release.models.commit import Commit, Level
    from omninode_release.text.commits.meaning import CommitMeaning
    from omninode_release.text.commits.merges import Merges

_TAKEN_BACK = "taken back in the same range, or what takes it back"
_EMPTIED = "a merge of nothing but what was taken back"
_SILENT = "a merge that names no change: what it brought in is judged"
_BOOKKEEPING = "bookkeeping: what a release itself commits"
_TOLD_ELSEWHERE = "told by the merge that brought it in, or by what that merge brought in"


class Decision(NamedTuple):
    """The level of a range of commits, and why."""

    level: Level | None
    """None when nothing in the range is worth a release."""
    commit: Commit | None
    """The newest commit that names the highest level; where none does, one that has it by default.
    Its subject is the title of its pull request where it is a merge."""
    counted: tuple[CommitMeaning, ...]
    """What counts towards level and changelog, newest first."""
    passed_over: Mapping[str, str] = {}
    """Every other commit of the range, and why it does not count."""


def decide(commits: Sequence[Commit], *, default_bump: Level) -> Decision:
    """The level of ``tag..base``, given newest first; no level when nothing counts."""
    return _decide(tuple(commits), default_bump)


# A plan as data asks three times for the decision of each repository.
@lru_cache(maxsize=64)
def _decide(commits: tuple[Commit, ...], default_bump: Level) -> Decision:
    merges = trace_merges(commits)
    undone = find_undone(commits, merges)
    plain = [each.sha for each in commits if not each.is_merge]
    full = merges.find_all_above(sha for sha in plain if sha not in undone)
    gone = undone | (merges.find_all_above(plain) - full)
    titled = [give_title(each) for each in commits if each.sha not in gone]
    silent = {each.sha for each in titled if says_nothing(each)}
    read = [classify(each, default_bump=default_bump) for each in titled if each.sha not in silent]
    booked = {each.commit.sha for each in read if each.bookkeeping}
    counted = _tell_once([each for each in read if not each.bookkeeping], commits, merges)
    told = {each.commit.sha for each in counted}
    passed_over = {
        **{each.sha: _TOLD_ELSEWHERE for each in commits if each.sha not in told},
        **dict.fromkeys(booked, _BOOKKEEPING),
        **dict.fromkeys(silent, _SILENT),
        **dict.fromkeys(gone, _EMPTIED),
        **dict.fromkeys(undone, _TAKEN_BACK),
    }
    if not counted:
        return Decision(None, None, (), passed_over)
    reason = max(counted, key=lambda each: (each.level.rank, each.is_explicit))
    return Decision(reason.level, reason.commit, counted, passed_over)


def _tell_once(
    counted: Sequence[CommitMeaning], commits: Sequence[Commit], merges: Merges
) -> tuple[CommitMeaning, ...]:
    """Leave out what the title of a merge above it tells.

    Oldest first: an inner merge gathers what is below it before it is compared with an outer one.
    """
    titles = {each.commit.sha: each for each in counted if _is_titled(each)}
    if not titles:
        return tuple(counted)
    title_above = _find_titles_above(commits, merges, titles)
    told = dict(titles)
    kept: list[CommitMeaning] = []
    for each in reversed(counted):
        mine = told.get(each.commit.sha, each)
        above = title_above.get(each.commit.sha)
        if above is None:
            kept.append(mine)
        elif _say_the_same(each, titles[above]):
            if mine.level.rank > told[above].level.rank:
                told[above] = mine._replace(pr=titles[above].pr)
        elif each.type or each.pr or each.breaking:
            kept.append(mine)
    return tuple(reversed(kept))


def _is_titled(change: CommitMeaning) -> bool:
    """True for a merge that speaks of a change, and is not merely told because it breaks."""
    return change.commit.is_merge and not has_silent_subject(change.commit)


def _find_titles_above(
    commits: Sequence[Commit], merges: Merges, titles: dict[str, CommitMeaning]
) -> dict[str, str]:
    """The innermost merge with a title that brought a commit in."""
    found: dict[str, str] = {}
    for commit in commits:  # a merge is newer than what it brought in
        merge = merges.above.get(commit.sha)
        above = merge if merge in titles else found.get(merge or "")
        if above is not None:
            found[commit.sha] = above
    return found


def _say_the_same(one: CommitMeaning, other: CommitMeaning) -> bool:
    """True when the words are equal; scopes, emoji, numbers, a full stop, and types are no words.

    The type of a revert is: it says the opposite of what it names.
    """
    return _read_words(one) == _read_words(other) != ("", "")


def _read_words(change: CommitMeaning) -> tuple[str, str]:
    words = read_subject(strip_prs(change.commit.subject)).words
    return change.type if change.type in REVERTS else "", words.casefold().rstrip(". ")
