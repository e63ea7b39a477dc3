"""What the person who starts a run says of versions: it goes before what commits say."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from omninode_release.models.commit import Level

PreKind = Literal["a", "b", "rc"]
"""An alpha, a beta or a candidate for release (PEP 440)."""


class Word(NamedTuple):
    """What was said of one repository's next version."""

    said: str
    """How it was said, such as ``--bump core=minor``."""
    level: Level | None = None
    version: str | None = None


class VersionWords(NamedTuple):
    """All that was said when a run was started."""

    bump: Level | None = None
    """The level of every repository that has something to release."""
    bumps: Mapping[str, Level] = MappingProxyType({})
    """The level of one repository."""
    versions: Mapping[str, str] = MappingProxyType({})
    """The version of one repository, to be released even where no commit asks for it."""
    pre: PreKind | None = None
    """What every repository of the run gets instead of its final release."""

    def find(self, repo: str) -> Word | None:
        """What was said of ``repo``, the most exact word first."""
        if repo in self.versions:
            version = self.versions[repo]
            return Word(f"--version {repo}={version}", version=version)
        if repo in self.bumps:
            return Word(f"--bump {repo}={self.bumps[repo]}", level=self.bumps[repo])
        return Word(f"--bump {self.bump}", level=self.bump) if self.bump else None

    @property
    def repos(self) -> frozenset[str]:
        """The repositories that are named."""
        return frozenset({*self.bumps, *self.versions})


NO_WORDS = VersionWords()
