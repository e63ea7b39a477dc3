"""No file: a build takes the version from git's tags.

Sources: setuptools-scm.readthedocs.io; github.com/ofek/hatch-vcs; github.com/WillDaSilva/flit_scm;
github.com/ninoseki/uv-dynamic-versioning; github.com/mtkennerly/poetry-dynamic-versioning;
versioningit.readthedocs.io; backend.pdm-project.org, "Dynamic project version";
github.com/python-versioneer/python-versioneer; docs.openstack.org/pbr.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omninode_release.text.formats.toml_document import list_at
from omninode_release.text.holders.expressions import read_argument
from omninode_release.text.holders.ports import Held
from omninode_release.text.holders.setuptools import has_literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.text.holders.ports import Source

_BY_SCM = "scikit_build_core.metadata.setuptools_scm"
_FIELD = ("version", _BY_SCM)
_SETTINGS = (
    (("tool", "hatch", "version", "source"), "vcs", "hatch-vcs"),
    (("tool", "hatch", "version", "source"), "uv-dynamic-versioning", "uv-dynamic-versioning"),
    (("tool", "hatch", "version", "source"), "versioningit", "versioningit"),
    (("tool", "pdm", "version", "source"), "scm", "pdm-backend"),
    (("tool", "pdm", "version", "use_scm"), True, "pdm-pep517"),
    (("tool", "scikit-build", "metadata", "version", "provider"), _BY_SCM, "setuptools-scm"),
    (("build-system", "build-backend"), "flit_scm:buildapi", "flit-scm"),
)
"""Where a manifest says it, the value that does, and the tool."""
_SETUPTOOLS_PLUGINS = ("versioningit", "setuptools-git-versioning", "vcs-versioning")
_SCM = re.compile(r"""(?:["']|^[ \t]*)setuptools[-_.]scm\b""", re.MULTILINE)
"""A requirement, which may stand in setup.cfg or setup.py."""
_PDM_SCM = "get_version_from_scm"
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
    if source.poetry_version is not None:
        return
    yield from (tool for path, value, tool in _SETTINGS if source.at(*path) == value)
    if _calls_scm(source):
        yield "pdm-backend"
    for table in list_at(source.parsed, ("tool", "dynamic-metadata")):  # of scikit-build-core 1
        if isinstance(table, dict) and (table.get("field"), table.get("provider")) == _FIELD:
            yield "setuptools-scm"
    yield from _find_setuptools_plugins(source)


def _calls_scm(source: Source) -> bool:
    """True where PDM calls a function of the repository that asks PDM for the tags' version."""
    if source.at("tool", "pdm", "version", "source") != "call":
        return False
    getter = source.at("tool", "pdm", "version", "getter")
    module = str(getter or "").partition(":")[0].replace(".", "/")
    return any(
        _PDM_SCM in (source.read(path) or "") for path in (f"{module}.py", f"{module}/__init__.py")
    )


def _find_setuptools_plugins(source: Source) -> Iterator[str]:
    """Plugins of setuptools, which act where the build has them and nothing else is said.

    setuptools-scm acts by its table, where the build requires it and [project] leaves the version
    open, or where setup.py asks for it. Any literal goes before it: it then says that the version
    is set already.
    """
    if not source.may_be_setuptools and source.backend not in _BESIDE_SETUPTOOLS:
        return
    if source.at("tool", "setuptools", "dynamic", "version") is not None:
        return
    if not has_literal(source) and (_is_asked(source, "setuptools-scm") or _asks_scm(source)):
        yield "setuptools-scm"
    yield from (plugin for plugin in _SETUPTOOLS_PLUGINS if _is_asked(source, plugin))
    setup_cfg, setup_py = source.read("setup.cfg"), source.read("setup.py")
    has_section = "\n[versioneer]" in f"\n{setup_cfg}"
    if read_argument(setup_py, "setuptools_git_versioning") not in {"", "False", "None"}:
        yield "setuptools-git-versioning"
    by_call = read_argument(setup_py, "version") == "versioneer.get_version()"
    if source.at("tool", "versioneer") is not None or has_section or by_call:
        yield "versioneer"
    is_required = "pbr" in source.build_requirements or source.backend == "pbr.build"
    if is_required or read_argument(setup_py, "pbr") == "True":
        yield "pbr"


def _is_asked(source: Source, plugin: str) -> bool:
    """True where the build has the plugin, and its table or an open version asks for it."""
    table = source.at("tool", plugin) or source.at("tool", plugin.replace("-", "_"))
    return plugin in source.build_requirements and (source.is_dynamic or isinstance(table, dict))


def _asks_scm(source: Source) -> bool:
    """True where setup.py asks for setuptools-scm, which it or setup.cfg may require as well."""
    setup_cfg, setup_py = source.read("setup.cfg"), source.read("setup.py")
    required = (*source.build_requirements, setup_cfg, setup_py)
    is_used = read_argument(setup_py, "use_scm_version") not in {"", "False", "None"}
    return is_used and any(_SCM.search(each or "") for each in required)
