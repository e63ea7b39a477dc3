"""The version that a repository's base declares, and where it stands there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.planning.next_version import last_version
from omninode_release.text.manifest import MANIFEST, read_manifest

if TYPE_CHECKING:
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.facts import RepoFacts
    from omninode_release.text.manifest import Manifest


def read_base(facts: RepoFacts, config: ReleaseConfig) -> Manifest:
    """The manifest at the base; raises as ``read_manifest`` does.

    Where git's tags decide, the base's version is what they say.
    """
    return read_manifest(
        facts.manifest or "",
        where=f"{facts.repo}/{MANIFEST}",
        read=facts.beside.get,
        tagged=last_version(facts, config),
    )
