"""What a commit means for a release, judged by its subject and its footers alone.

A squash body repeats the whole log of a branch, so nothing in it counts but `BREAKING CHANGE:`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.models.commit import Level
from omninode_release.text.commits.breaking_footers import has_breaking_footer
from omninode_release.text.commits.merges import give_title
from omninode_release.text.commits.subject import (
    REVERTS,
    is_bookkeeping,
    read_subject,
    strip_trailing_prs,
)

if TYPE_CHECKING:
    from omninode_release.models.commit import Commit

_PR = re.compile(r"\(#([0-9]{1,18})\)")
_LEVELS = {"feat": Level.MINOR, "fix": Level.PATCH}


class CommitMeaning(NamedTuple):
    commit: Commit
    """With the title of its pull request as subject, where the message is that of a merge."""
    type: str
    """Lower case; of several the one that decides; ``""`` when the subject has none."""
    scopes: tuple[str, ...]
    """As written, without tickets."""
    description: str
    """On one line, without type, scopes, leading groups and trailing pull request numbers."""
    level: Level
    breaking: bool
    bookkeeping: bool
    """True for what a release itself commits: it neither counts nor is listed."""
    pr: int | None
    tickets: tuple[str, ...] = ()
    """Tickets that stood as scope or before the type, and so are not in ``description``."""

    @property
    def is_explicit(self) -> bool:
        """True when the message names the level, which is not merely the default."""
        return self.breaking or self.type in _LEVELS


def classify(commit: Commit, *, default_bump: Level) -> CommitMeaning:
    """Read one commit; a type other than feat and fix, and none at all, is ``default_bump``."""
    commit = give_title(commit)
    title = " ".join(commit.subject.split())
    subject = read_subject(strip_trailing_prs(title))
    kind = _choose_type(subject.types, default_bump)
    breaking = subject.bang or has_breaking_footer(commit.body)
    # The number inside a quoted title is the pull request that was undone, not this one.
    own = title.rpartition('"')[2] if kind in REVERTS else title
    numbers = _PR.findall(own) if "(#" in own else []
    return CommitMeaning(
        commit=commit,
        type=kind,
        scopes=subject.scopes,
        description=subject.description,
        level=Level.MAJOR if breaking else _LEVELS.get(kind, default_bump),
        breaking=breaking,
        bookkeeping=not breaking and is_bookkeeping(kind, subject),
        pr=int(numbers[-1]) if numbers else None,
        tickets=subject.tickets,
    )


def _choose_type(types: tuple[str, ...], default_bump: Level) -> str:
    """Of several types the one that names the highest level."""
    if len(types) < 2:  # nearly always
        return "".join(types)
    return max(types, key=lambda each: _LEVELS.get(each, default_bump).rank)
