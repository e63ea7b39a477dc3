"""The version that a repository's base declares, and where it stands there."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from omninode_release.planning.next_version import last_version
from omninode_release.text.manifest import MANIFEST, read_manifest

if TYPE_CHECKING:
    from packaging.version import Version

    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.facts import RepoFacts
    from omninode_release.text.manifest import Manifest


def read_base(facts: RepoFacts, config: ReleaseConfig) -> Manifest:
    """The manifest at the base; raises as ``read_manifest`` does.

    Where git's tags decide, the base's version is what they say.
    """
    beside = tuple(facts.beside.items())
    return _read(facts.manifest or "", facts.repo, beside, last_version(facts, config))


@lru_cache(maxsize=2048)  # a plan asks three times for each, and keeps them
def _read(
    text: str, repo: str, beside: tuple[tuple[str, str], ...], tagged: Version | None
) -> Manifest:
    where, read = f"{repo}/{MANIFEST}", dict(beside).get
    return read_manifest(text, where=where, read=read, tagged=tagged)
