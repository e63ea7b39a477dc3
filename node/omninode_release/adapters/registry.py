"""Which forges and indexes a configuration can name; each is imported when it is used.

mypy holds every provider against its Protocol here; ``omni-release validate`` says what one has
left unimplemented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a configuration is checked before there is anything to open
    from collections.abc import Callable, Mapping

    from omninode_release.adapters.ports import ForgeProvider, IndexProvider


def _github() -> ForgeProvider:
    import omninode_release.adapters.github.provider as github

    return github


def _local_forge() -> ForgeProvider:
    import omninode_release.adapters.local.forge_provider as local

    return local


FORGES: Mapping[str, Callable[[], ForgeProvider]] = {
    "github": _github,
    "local": _local_forge,
}


def _pypi() -> IndexProvider:
    import omninode_release.adapters.pypi.provider as pypi

    return pypi


def _local_index() -> IndexProvider:
    import omninode_release.adapters.local.index_provider as local

    return local


INDEXES: Mapping[str, Callable[[], IndexProvider]] = {
    "pypi": _pypi,
    "local": _local_index,
}

CHOICES: Mapping[str, Mapping[str, object]] = {"forge": FORGES, "index": INDEXES}
"""What each key of a configuration that names an adapter may be."""
