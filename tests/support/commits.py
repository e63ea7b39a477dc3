"""Commits as a scan reads them, and histories of them."""

from __future__ import annotations

from hashlib import sha1

from omninode_release.models.commit import Commit, Level
from omninode_release.text.commits.meaning import CommitMeaning, classify


def commit(subject: str, body: str = "", *, sha: str | None = None, merge: bool = False) -> Commit:
    """A commit that hangs together with no other."""
    parents = ("1" * 40, "2" * 40) if merge else ("1" * 40,)
    return Commit(sha or subject.encode().hex()[:40].ljust(40, "0"), parents, subject, body)


def read(subject: str, body: str = "", *, default_bump: Level = Level.PATCH) -> CommitMeaning:
    return classify(commit(subject, body), default_bump=default_bump)


class History:
    """Commits that hang together, made oldest first."""

    def __init__(self) -> None:
        self.made: list[Commit] = []
        self.tip = "0" * 40

    @property
    def commits(self) -> list[Commit]:
        """Newest first, each before its parents."""
        return self.made[::-1]

    def __repr__(self) -> str:
        lines = (
            f"{each.sha[:6]} on {' '.join(parent[:6] for parent in each.parents)}:"
            f" {each.subject!r} {each.body!r}"
            for each in self.commits
        )
        return "\n".join(["", *lines])

    def add(self, message: str, *others: str, on: str | None = None) -> Commit:
        """A commit on the tip, which moves, or ``on`` another; ``others`` are merged in."""
        subject, _, body = message.partition("\n")
        # The same message twice makes two commits.
        sha = sha1(f"{len(self.made)} {message}".encode(), usedforsecurity=False).hexdigest()
        made = Commit(sha, (self.tip if on is None else on, *others), subject, body.strip("\n"))
        self.made.append(made)
        if on is None:
            self.tip = made.sha
        return made

    def merge(self, message: str, *below: str) -> Commit:
        """A merge of a branch that has a commit for each message of ``below``."""
        side = self.tip
        for each in below:
            side = self.add(each, on=side).sha
        return self.add(message, side)
