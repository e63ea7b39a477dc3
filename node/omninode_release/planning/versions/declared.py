"""What a repository's base declares of version and requirements, and where that stands there."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from omninode_release.errors import ReleaseError
from omninode_release.planning.versions.next_version import last_version
from omninode_release.text.manifests.manifest import MANIFEST, read_manifest, read_requirements

if TYPE_CHECKING:
    from packaging.version import Version

    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.facts import RepoFacts
    from omninode_release.text.holders.ports import Read
    from omninode_release.text.manifests.manifest import Manifest
    from omninode_release.text.requirements.declared import DeclaredRequirement


def read_base(facts: RepoFacts, config: ReleaseConfig) -> Manifest:
    """The manifest at the base; raises as ``read_manifest`` does.

    Where git's tags decide, the base's version is what they say.
    """
    beside = tuple(facts.beside.items())
    return _read(facts.manifest or "", facts.repo, beside, last_version(facts, config))


def base_reader(facts: RepoFacts | None) -> Read:
    """What reads the files at the base that tell of the package."""
    if facts is None:
        return dict[str, str]().get
    return lambda path: facts.manifest if path == MANIFEST else facts.beside.get(path)


def published_reader(facts: RepoFacts) -> Read:
    """The same at the last release, which its users have; at the base before the first."""
    if facts.published is None and not facts.published_beside:
        return base_reader(facts)
    return lambda path: facts.published if path == MANIFEST else facts.published_beside.get(path)


def read_needs(read: Read, where: str) -> tuple[DeclaredRequirement, ...]:
    """The requirements; none where there is no manifest or it cannot be read."""
    try:
        return read_requirements(read(MANIFEST) or "", where=where, read=read)
    except ReleaseError:
        return ()


@lru_cache(maxsize=2048)  # a plan asks three times for each, and keeps them
def _read(
    text: str, repo: str, beside: tuple[tuple[str, str], ...], tagged: Version | None
) -> Manifest:
    where, read = f"{repo}/{MANIFEST}", dict(beside).get
    return read_manifest(text, where=where, read=read, tagged=tagged)
