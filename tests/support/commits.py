"""Commits as a scan reads them."""

from __future__ import annotations

from omninode_release.models.commit import Commit, Level
from omninode_release.text.commit_meaning import CommitMeaning, classify


def commit(subject: str, body: str = "", *, sha: str | None = None, merge: bool = False) -> Commit:
    """A commit that hangs together with no other."""
    parents = ("1" * 40, "2" * 40) if merge else ("1" * 40,)
    return Commit(sha or subject.encode().hex()[:40].ljust(40, "0"), parents, subject, body)


def read(subject: str, body: str = "", *, default_bump: Level = Level.PATCH) -> CommitMeaning:
    return classify(commit(subject, body), default_bump=default_bump)
