"""No file: a build takes the version from git's tags.

Sources: setuptools-scm.readthedocs.io; github.com/ofek/hatch-vcs; github.com/ninoseki/
uv-dynamic-versioning; github.com/mtkennerly/poetry-dynamic-versioning; versioningit.readthedocs.io;
backend.pdm-project.org, "Dynamic project version"; github.com/python-versioneer/python-versioneer;
docs.openstack.org/pbr.
"""

from __future__ import annotations

import re
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
_SCIKIT_BUILD = ("tool", "scikit-build", "metadata", "version", "provider")
_SETUPTOOLS_PLUGINS = (
    "setuptools-scm",
    "versioningit",
    "setuptools-git-versioning",
    "vcs-versioning",
)


_BESIDE_SETUPTOOLS = frozenset({"mesonpy", "pbr.build"})
"""Back ends that ask a plugin of setuptools, or are one."""


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
    if source.at(*_SCIKIT_BUILD) == "scikit_build_core.metadata.setuptools_scm":
        yield "setuptools-scm"
    yield from _find_setuptools_plugins(source)


def _find_setuptools_plugins(source: Source) -> Iterator[str]:
    """Plugins of setuptools, which act where the build has them and nothing else is said.

    setuptools-scm acts by its table, or where the build requires it and [project] leaves the
    version open; ``version`` in [tool.setuptools.dynamic] goes before it.
    """
    if not source.may_be_setuptools and source.backend not in _BESIDE_SETUPTOOLS:
        return
    if source.at("tool", "setuptools", "dynamic", "version") is not None:
        return
    for plugin in _SETUPTOOLS_PLUGINS:
        table = source.at("tool", plugin) or source.at("tool", plugin.replace("-", "_"))
        is_required = plugin in source.build_requirements
        if is_required and (source.is_dynamic or isinstance(table, dict) or _asks(source)):
            yield plugin
    setup_cfg, setup_py = source.read("setup.cfg") or "", source.read("setup.py") or ""
    if source.at("tool", "versioneer") is not None or "\n[versioneer]" in f"\n{setup_cfg}":
        yield "versioneer"
    if "pbr" in source.build_requirements or re.search(r"\bpbr[ \t]*=[ \t]*True\b", setup_py):
        yield "pbr"


def _asks(source: Source) -> bool:
    """True where setup.py asks for setuptools-scm."""
    return "use_scm_version" in (source.read("setup.py") or "")
