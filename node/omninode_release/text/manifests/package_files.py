"""Which files of a repository are its package, and which of all may hold its version."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from omninode_release.text.holders.version_files import guess_init_paths

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

INIT = "__init__.py"
# Sets, not patterns: to compile those took 4 ms of a dry run.
# Folders that build back ends take for no package (setuptools, "Automatic discovery").
_ASIDE = frozenset(
    {
        *("test", "tests", "testing", "doc", "docs", "documentation", "example"),
        *("examples", "script", "scripts", "tool", "tools", "util", "utils", "bin"),
        *("build", "dist", "bench", "benchmark", "benchmarks", "exercises", "task"),
        *("tasks", "fabfile", "site_scons", "news", "changelog", "vendor", "vendors"),
        *("node_modules",),
    }
)
# Modules in which people keep the version, at most two folders below that of the package.
_MODULES = frozenset(
    {
        *("version", "about", "meta", "metadata", "release", "pkginfo", "package_info"),
        *("info", "const", "consts", "constants"),
    }
)
_SUFFIXES = frozenset({"", "py", "txt", "json"})
# What other tools read, at the root or one folder below it.
_TOOL_FILES = frozenset(
    {
        *("setup.py", "setup.cfg", "cargo.toml", "package.json", "citation.cff"),
        *("codemeta.json", "meson.build", ".bumpversion.cfg", ".bumpversion.toml"),
        *("bumpver.toml", "tbump.toml", "cz.toml", ".cz.toml", "cz.json", ".cz.json"),
        *("cz.yaml", ".cz.yaml", "meta.yaml", "meta.yml", "recipe.yaml", "recipe.yml"),
        *("pixi.toml", "package.xml", "chart.yaml", "snapcraft.yaml", "plugin.json"),
        *("manifest.json", "server.json", "galaxy.yml", ".zenodo.json"),
        *("sonar-project.properties", "version", "version.txt", ".version"),
        ".release-please-manifest.json",
    }
)
_SPHINX = re.compile(r"(?:docs?|documentation)/(?:\w+/)?conf\.py")
_SINGLE_MODULE = re.compile(r"(?:src/)?[^/]+\.py")
_NO_MODULE = re.compile(r"(?:setup|conftest|noxfile|tasks|fabfile|build|test_.*|.*_test)\.py")


def find_import_packages(paths: Iterable[str]) -> list[str]:
    """Folders of packages that are part of no other package, and of no test or tool."""
    folders = {path.rpartition("/")[0] for path in paths if path.endswith(f"/{INIT}")}
    return sorted(
        folder
        for folder in folders
        if folder.rpartition("/")[0] not in folders
        and folder.partition("/")[0].lower() not in _ASIDE
    )


def find_released_folders(manifest: str, repo: str, paths: Collection[str]) -> list[str]:
    """Folders whose files a wheel will hold, as far as names tell.

    Those that the manifest or the package's name leads to, and all of a ``src`` with Python in it;
    else every import package.
    """
    guessed = [path.rpartition("/")[0] for path in guess_init_paths(manifest, repo)]
    found = [each for each in guessed if any(path.startswith(f"{each}/") for path in paths)]
    if any(path.startswith("src/") and path.endswith(".py") for path in paths):
        found.append("src")
    return found or find_import_packages(paths)


def is_in_package(path: str, folders: Collection[str]) -> bool:
    """True for a file in one of the released folders, or for a module where there are none."""
    if folders:
        return any(path.startswith(f"{folder}/") for folder in folders)
    return _is_single_module(path)


@lru_cache(maxsize=16)  # a plan asks several times; 7 ms for 12,000 files
def find_likely_holders(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The files in which a version is usually kept."""
    return tuple(_find_likely(paths))


def _find_likely(paths: tuple[str, ...]) -> Iterator[str]:
    packages = dict.fromkeys(find_import_packages(paths))
    # How deep a module may be; a package without __init__.py may be under src.
    near = {"src": 3} | {each: each.count("/") + 2 for each in packages}
    deepest = max(near.values())
    for path in paths:
        folder, _, name = path.rpartition("/")
        depth = path.count("/")
        if name == INIT:
            likely = folder in packages
        elif depth > deepest:
            continue
        elif depth < 2 and name.lower() in _TOOL_FILES:
            likely = True
        elif _is_version_module(name):
            likely = any(path.startswith(f"{at}/") and depth <= end for at, end in near.items())
        else:
            likely = bool(_SPHINX.fullmatch(path)) or (not packages and _is_single_module(path))
        if likely:
            yield path


def _is_version_module(name: str) -> bool:
    stem, _, suffix = name.lower().partition(".")
    return suffix in _SUFFIXES and (stem.strip("_") in _MODULES or stem.endswith("_version"))


def _is_single_module(path: str) -> bool:
    return bool(_SINGLE_MODULE.fullmatch(path)) and not _NO_MODULE.fullmatch(path)
