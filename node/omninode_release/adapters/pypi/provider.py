"""An index such as PyPI, as a configuration names it: ``index: pypi``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.adapters.pypi.index import pypi_index
from omninode_release.adapters.pypi.network import Network
from omninode_release.models.check import ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.adapters.ports import IndexSite
    from omninode_release.adapters.pypi.index import PyPIIndex
    from omninode_release.models.check import Check


def open_index(site: IndexSite) -> PyPIIndex:
    return pypi_index(site.url, site.clock, Network(site.environ, site.run), seconds=site.seconds)


def links(site: IndexSite) -> None:  # noqa: ARG001 - uv knows the user's own index
    return None


def readiness(site: IndexSite) -> Iterator[Check]:
    """The address; the question about each version tells if the index answers."""
    yield ask("index", "address", lambda: open_index(site).url)
