"""PDM: pdm.lock, which names no index, so that a folder of wheels leaves no trace in it."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omninode_release.system.presence import is_folder
from omninode_release.system.scratch import temporary_folder
from omninode_release.text.formats.toml_document import parse_toml, value_at
from omninode_release.text.manifests.manifest import MANIFEST, parse_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omninode_release.adapters.uv import Links, Unpublished
    from omninode_release.system.process import Runner

OLDEST = (2, 17)
"""The first version that asks nothing, and that writes the lock format of today."""
_INDEX = "pypi"
_ELSEWHERE = ("PDM_PROJECT", "PDM_LOCKFILE", "PDM_FROZEN_LOCKFILE", "PDM_OVERRIDE")
"""Variables under which it would lock something else than the tree says."""


@dataclass(frozen=True)
class Pdm:
    """PDM in the environment a release runs it in."""

    run: Runner
    seconds: float
    links: Links | None = None
    unpublished: Unpublished | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    litter: Sequence[str] = (".pdm-python",)

    def lock(self, tree: Path, files: Sequence[str], pins: Mapping[str, str]) -> None:  # noqa: ARG002
        with temporary_folder() as folder:
            env = make_environment(self._write_settings(tree, folder))
            self.run(("pdm", "lock", "--update-reuse"), cwd=tree, timeout=self.seconds, env=env)

    def _write_settings(self, tree: Path, folder: Path) -> Path | None:
        """The user's settings and the folders to resolve from; None where there are no folders.

        PDM takes a folder from nowhere else.
        """
        places: dict[str, dict[str, str]] = {}
        if self.links is not None and is_folder(self.links.folder):
            # A source of this name takes the place of the public index; one of the project's own
            # would be mixed with it.
            alone = self.links.only and _INDEX not in _list_sources(tree)
            places[_INDEX if alone else "omni-release"] = _find_links(self.links.folder)
        if self.unpublished is not None:
            places["omni-rehearsal"] = _find_links(self.unpublished.folder)
        if not places:
            return None
        import tomlkit  # noqa: PLC0415 - a dry run may load the adapters; tomlkit costs 18 ms

        settings = _read_settings(find_settings(self.environ))
        settings["pypi"] = {**settings.get("pypi", {}), **places}
        path = folder / "config.toml"
        path.touch(mode=0o600)  # it holds what theirs does
        path.write_text(tomlkit.dumps(settings), encoding="utf-8")
        return path


def make_environment(settings: Path | None) -> dict[str, str]:
    """Any Python will do for a lock: none is asked for, and no environment made.

    Without its cache, for a page of minutes ago does not know what was published since.
    """
    own = {"PDM_CONFIG_FILE": str(settings)} if settings else {}
    return (
        dict.fromkeys(_ELSEWHERE, "")
        | {
            "PDM_LOCK_FORMAT": "pdm",
            "PDM_CHECK_UPDATE": "false",
            "PDM_NON_INTERACTIVE": "1",
            "PDM_USE_VENV": "false",
            "PDM_IGNORE_SAVED_PYTHON": "1",
            "PDM_NO_CACHE": "1",
        }
        | own
    )


def find_settings(environ: Mapping[str, str]) -> Path:
    """Where PDM reads the user's settings (PDM, "Configure the project")."""
    if environ.get("PDM_CONFIG_FILE"):
        return Path(environ["PDM_CONFIG_FILE"])
    home = Path(environ.get("HOME", "/"))
    usual = home / ("Library/Application Support" if sys.platform == "darwin" else ".config")
    base = Path(environ["XDG_CONFIG_HOME"]) if environ.get("XDG_CONFIG_HOME") else usual
    return base / "pdm" / "config.toml"


def _read_settings(path: Path) -> dict[str, Any]:
    """Empty where there are none, or none that can be read: PDM says so of its own accord."""
    try:
        return dict(parse_toml(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}


def _list_sources(tree: Path) -> list[object]:
    """The names of the sources that the project has itself."""
    path = tree / MANIFEST
    parsed = parse_manifest(path.read_text(encoding="utf-8"), where=str(path))
    sources = value_at(parsed, ("tool", "pdm", "source"))
    return [value_at(each, ("name",)) for each in sources] if isinstance(sources, list) else []


def _find_links(folder: Path) -> dict[str, str]:
    return {"url": folder.resolve().as_uri(), "type": "find_links"}
