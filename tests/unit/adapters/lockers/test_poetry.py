"""What Poetry is run with, and what it finds in the throw-away tree of a rehearsal."""

from __future__ import annotations

import os
import tomllib
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from omninode_release.adapters.lockers.poetry import Poetry, find_needed
from omninode_release.adapters.uv import Unpublished
from omninode_release.system.process import Programs

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = '[project]\nname = "beta"\nversion = "1.0.0"\ndependencies = ["alpha==1.1.0"]\n'
PROGRAM = """#!/bin/sh
case "$1" in --version) echo "Poetry (version {version})"; exit ;; esac
echo "$*" > argv
echo "$POETRY_VIRTUALENVS_PATH" > venvs
cp pyproject.toml seen.toml
"""


def _install(folder: Path, version: str) -> Programs:
    """A program of that name that writes down how it was run."""
    program = folder / "bin" / "poetry"
    program.parent.mkdir()
    program.write_text(PROGRAM.replace("{version}", version), encoding="utf-8")
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    return Programs({**os.environ, "PATH": path})


def _add_wheel(folder: Path, name: str, *needs: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-1.1.0-py3-none-any.whl"
    required = "".join(f"Requires-Dist: {each}\n" for each in needs)
    with ZipFile(path, "w") as wheel:
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.1.0\n{required}"
        wheel.writestr(f"{name}-1.1.0.dist-info/METADATA", metadata)
    return path


@pytest.mark.parametrize(
    ("version", "argv"),
    [
        ("2.5.1", "lock --no-interaction --no-cache"),
        ("1.8.5", "lock --no-interaction --no-cache --no-update"),
    ],
)
def test_no_version_of_it_updates_what_it_need_not(tmp_path: Path, version: str, argv: str) -> None:
    run = _install(tmp_path, version)
    (tmp_path / "pyproject.toml").write_text(MANIFEST, encoding="utf-8")

    Poetry(run, 60).lock(tmp_path, ["poetry.lock"], {"alpha": "1.1.0"})

    assert (tmp_path / "argv").read_text(encoding="utf-8").strip() == argv
    assert (tmp_path / "seen.toml").read_text(encoding="utf-8") == MANIFEST
    assert not os.path.exists((tmp_path / "venvs").read_text(encoding="utf-8").strip())  # noqa: PTH110


def test_in_a_rehearsal_it_finds_what_was_built_and_the_manifest_is_put_back(
    tmp_path: Path,
) -> None:
    run = _install(tmp_path, "2.5.1")
    wheel = _add_wheel(tmp_path / "wheels", "alpha")
    (tmp_path / "pyproject.toml").write_text(MANIFEST, encoding="utf-8")

    unpublished = Unpublished(tmp_path / "wheels")
    Poetry(run, 60, unpublished).lock(tmp_path, ["poetry.lock"], {"alpha": "1.1.0"})

    seen = tomllib.loads((tmp_path / "seen.toml").read_text(encoding="utf-8"))
    [group] = seen["tool"]["poetry"]["group"].values()
    assert group == {"optional": True, "dependencies": {"alpha": {"path": str(wheel)}}}
    assert (tmp_path / "pyproject.toml").read_text(encoding="utf-8") == MANIFEST


def test_what_has_nothing_to_do_with_the_project_is_left_out(tmp_path: Path) -> None:
    needs = ('Gamma.x[y]>=1; python_version > "3"', "far-off", "other (^1 || ^2)")
    alpha = _add_wheel(tmp_path, "alpha", *needs)
    gamma = _add_wheel(tmp_path, "gamma_x", "alpha")
    _add_wheel(tmp_path, "other", "alpha")

    assert find_needed(tmp_path, ["alpha"]) == [alpha, gamma]
    assert find_needed(tmp_path, ["nowhere"]) == []
