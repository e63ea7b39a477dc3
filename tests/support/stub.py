"""A forge and an index that someone has only begun to write: every method is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from omninode_release.adapters.ports import (
    Claims,
    Forge,
    Index,
    IndexSite,
    Minimum,
    PlannedRelease,
    RepositorySite,
    Workflows,
)
from omninode_release.adapters.registry import FORGES, INDEXES
from omninode_release.adapters.uv import Links
from omninode_release.models.check import Check
from omninode_release.models.publish import Publish
from omninode_release.system.process import Runner

NAME = "stub"


class StubForge:
    """What ``ForgeProvider`` asks for, unwritten."""

    PROGRAMS: Mapping[str, Minimum | None] = {}

    def open_forge(self, site: RepositorySite, run: Runner) -> Forge:
        raise NotImplementedError

    def workflows(self, publish: Publish) -> Workflows:
        raise NotImplementedError

    def open_claims(self, site: RepositorySite, *, run_id: str, instance: str) -> Claims:
        raise NotImplementedError

    def readiness(self, site: RepositorySite, release: PlannedRelease) -> Iterable[Check]:
        raise NotImplementedError


class SilentForge(StubForge):
    """One that says nothing of itself."""

    def readiness(self, *_site_and_release: object) -> Iterable[Check]:
        return ()


class StubIndex:
    """What ``IndexProvider`` asks for, unwritten."""

    def open_index(self, site: IndexSite) -> Index:
        raise NotImplementedError

    def links(self, site: IndexSite) -> Links | None:
        raise NotImplementedError

    def readiness(self, site: IndexSite) -> Iterable[Check]:
        raise NotImplementedError


class HastyIndex(StubIndex):
    """One that says it is ready and cannot be opened."""

    def readiness(self, site: IndexSite) -> Iterable[Check]:  # noqa: ARG002
        yield Check("index", "address", "ok", "somewhere")


def register(
    patch: pytest.MonkeyPatch, *, forge: StubForge | None = None, index: StubIndex | None = None
) -> None:
    """Let a configuration name them ``stub``."""
    if forge is not None:
        patch.setitem(FORGES, NAME, lambda: forge)
    if index is not None:
        patch.setitem(INDEXES, NAME, lambda: index)
