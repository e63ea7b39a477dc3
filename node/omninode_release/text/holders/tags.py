"""No file: a build takes the version from git's tags.

Sources: setuptools-scm.readthedocs.io; github.com/ofek/hatch-vcs; github.com/ninoseki/
uv-dynamic-versioning; github.com/mtkennerly/poetry-dynamic-versioning; versioningit.readthedocs.io;
backend.pdm-project.org, "Dynamic project version".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.text.holders.ports import Held

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.text.holders.ports import Source

_HATCH_SOURCES = {
    "vcs": "hatch-vcs",
    "uv-dynamic-versioning": "uv-dynamic-versioning",
    "versioningit": "versioningit",
}
_SETUPTOOLS_PLUGINS = (
    "setuptools-scm",
    "versioningit",
    "setuptools-git-versioning",
    "vcs-versioning",
)


def find(source: Source) -> Held | None:
    """The tool; None where the manifest holds a literal that it does not fill in."""
    tool = next(_find_tools(source), None)
    return None if tool is None else Held("", f"the tags, by {tool}", tool=tool)


def _find_tools(source: Source) -> Iterator[str]:
    if source.at("project", "version") is not None:
        return
    if source.at("tool", "poetry-dynamic-versioning", "enable") is True:
        yield "poetry-dynamic-versioning"  # the literal of [tool.poetry] is its placeholder
    if source.at("tool", "poetry", "version") is not None:
        return
    hatch = source.at("tool", "hatch", "version", "source")
    if isinstance(hatch, str) and hatch in _HATCH_SOURCES:
        yield _HATCH_SOURCES[hatch]
    if source.at("tool", "pdm", "version", "source") == "scm":
        yield "pdm-backend"
    if source.at("tool", "pdm", "version", "use_scm") is True:
        yield "pdm-pep517"
    yield from _find_setuptools_plugins(source)


def _find_setuptools_plugins(source: Source) -> Iterator[str]:
    """Plugins of setuptools, which act where the build has them and nothing else is said.

    setuptools-scm acts by its table, or where the build requires it and [project] leaves the
    version open; ``version`` in [tool.setuptools.dynamic] goes before it.
    """
    if "setuptools" not in source.backend and source.backend:
        return
    if source.at("tool", "setuptools", "dynamic", "version") is not None:
        return
    for plugin in _SETUPTOOLS_PLUGINS:
        table = source.at("tool", plugin) or source.at("tool", plugin.replace("-", "_"))
        is_required = plugin in source.build_requirements
        if is_required and (source.is_dynamic or isinstance(table, dict) or _asks(source)):
            yield plugin


def _asks(source: Source) -> bool:
    """True where setup.py asks for setuptools-scm."""
    return "use_scm_version" in (source.read("setup.py") or "")
