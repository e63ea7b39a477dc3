"""The settings that PDM is given so that it resolves from a folder."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.adapters.lockers.pdm import Pdm, find_settings, make_environment
from omninode_release.adapters.uv import Links, Unpublished
from omninode_release.system.process import Completed
from omninode_release.system.scratch import list_temporary_folders

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = '\n[[tool.pdm.source]]\nname = "pypi"\nurl = "https://packages.example/simple"\n'
MANIFEST = '[project]\nname = "beta"\nversion = "1.0.0"\n'


class _Run:
    """What PDM was run with; its settings are read while they are there."""

    def __init__(self) -> None:
        self.env: Mapping[str, str] = {}
        self.pypi: dict[str, Any] = {}
        self.mode = 0
        self.is_free = True

    def __call__(
        self, argv: tuple[str, ...], *, env: Mapping[str, str], **_more: object
    ) -> Completed:
        self.env = env
        if "PDM_CONFIG_FILE" in env:
            path = Path(env["PDM_CONFIG_FILE"])
            self.mode = path.stat().st_mode & 0o777
            self.is_free = path.parent in list_temporary_folders()
            self.pypi = tomllib.loads(path.read_text(encoding="utf-8"))["pypi"]
        return Completed(argv, 0, b"", "", 0.0)


def _lock(tree: Path, manifest: str, **settings: Any) -> _Run:
    run = _Run()
    (tree / "pyproject.toml").write_text(manifest, encoding="utf-8")
    Pdm(run, 60, **settings).lock(tree, ["pdm.lock"], {})  # type: ignore[arg-type]
    return run


def test_without_folders_the_users_settings_are_used_as_they_are(tmp_path: Path) -> None:
    run = _lock(tmp_path, MANIFEST)

    assert "PDM_CONFIG_FILE" not in run.env
    assert run.env == make_environment(None)


def test_folders_are_added_to_the_users_settings(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[pypi]\nurl = "https://mine.example"\n', encoding="utf-8")

    run = _lock(
        tmp_path,
        MANIFEST,
        links=Links(tmp_path),
        unpublished=Unpublished(tmp_path),
        environ={"PDM_CONFIG_FILE": str(own)},
    )

    folder = {"url": tmp_path.as_uri(), "type": "find_links"}
    assert run.pypi == {
        "url": "https://mine.example",
        "omni-release": folder,
        "omni-rehearsal": folder,
    }
    assert run.mode == 0o600
    assert not run.is_free  # or `omni-release clean` would remove it meanwhile


@pytest.mark.parametrize(
    ("manifest", "name"), [(MANIFEST, "pypi"), (MANIFEST + SOURCE, "omni-release")]
)
def test_a_folder_that_holds_everything_takes_the_place_of_the_public_index(
    tmp_path: Path, manifest: str, name: str
) -> None:
    run = _lock(tmp_path, manifest, links=Links(tmp_path, only=True))

    assert run.pypi == {name: {"url": tmp_path.as_uri(), "type": "find_links"}}


def test_the_users_settings_stand_where_pdm_looks_for_them() -> None:
    assert str(find_settings({"PDM_CONFIG_FILE": "/x.toml", "HOME": "/h"})) == "/x.toml"
    assert str(find_settings({"XDG_CONFIG_HOME": "/c"})) == "/c/pdm/config.toml"
    assert find_settings({"HOME": "/h"}).name == "config.toml"
