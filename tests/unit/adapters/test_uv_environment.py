"""An environment of its own, as uv makes it."""

from __future__ import annotations

import sys
import tempfile
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from packaging.specifiers import SpecifierSet

from omninode_release.adapters.uv import Links
from omninode_release.adapters.uv_environment import UvEnvironment
from omninode_release.errors import CommandFailed
from omninode_release.system.scratch import temporary_folder
from support.orgs import programs

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_installed_may_speak_when_python_starts(tmp_path: Path) -> None:
    environment = UvEnvironment(tmp_path / "venv", programs(), 60)
    environment.make(SpecifierSet())
    place = environment.run_python("import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    site = tmp_path / place
    (site / "loud.pth").write_text("import sys; print('welcome')\n", encoding="utf-8")
    (site / "Loud.Thing-1.2.dist-info").mkdir()
    (site / "Loud.Thing-1.2.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: Loud.Thing\nVersion: 1.2\n", encoding="utf-8"
    )

    assert environment.read_versions() == {"loud-thing": "1.2"}


def _add_wheel(folder: Path, name: str, *needs: str) -> None:
    info = f"{name}-1.2.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n"
    metadata += "".join(f"Requires-Dist: {need}\n" for need in needs)
    with ZipFile(folder / f"{name}-1.2-py3-none-any.whl", "w") as wheel:
        wheel.writestr(
            f"{info}/METADATA", metadata + "".join(f"Requires-Dist: {n}\n" for n in needs)
        )
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def test_what_a_user_asks_of_other_installations_has_no_part_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "index"
    index.mkdir()
    _add_wheel(index, "alpha")
    _add_wheel(index, "beta", "alpha<1")
    (tmp_path / "user.txt").write_text("alpha==1.1\n", encoding="utf-8")
    monkeypatch.setenv("UV_REQUIRE_HASHES", "1")
    monkeypatch.setenv("UV_CONSTRAINT", str(tmp_path / "user.txt"))
    environment = UvEnvironment(tmp_path / "venv", programs(), 60, Links(index, only=True))
    environment.make(SpecifierSet())

    environment.install({"alpha": "1.2"})

    assert environment.read_versions() == {"alpha": "1.2"}
    (tmp_path / "user.txt").write_text("alpha==1.2\n", encoding="utf-8")
    monkeypatch.setenv("UV_OVERRIDE", str(tmp_path / "user.txt"))
    with pytest.raises(CommandFailed, match="alpha"):
        environment.install({"alpha": "1.2", "beta": "1.2"})


@pytest.mark.parametrize("said", ["UV_EXCLUDE", "[pip]\nno-deps = true\n"])
def test_no_setting_of_the_user_hides_what_does_not_go_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    index, file = tmp_path / "index", tmp_path / "user"
    index.mkdir()
    _add_wheel(index, "alpha")
    _add_wheel(index, "beta", "alpha<1")
    file.write_text("alpha\n" if said == "UV_EXCLUDE" else said, encoding="utf-8")
    monkeypatch.setenv(said if said == "UV_EXCLUDE" else "UV_CONFIG_FILE", str(file))
    environment = UvEnvironment(tmp_path / "venv", programs(), 60, Links(index, only=True))
    environment.make(SpecifierSet())

    environment.install({"alpha": "1.2"})
    environment.resolve({"alpha": "1.2"}, index, ())

    assert environment.read_versions() == {"alpha": "1.2"}
    with pytest.raises(CommandFailed, match="unsatisfiable"):
        environment.install({"alpha": "1.2", "beta": "1.2"})
    with pytest.raises(CommandFailed, match="unsatisfiable"):
        environment.resolve({"alpha": "1.2", "beta": "1.2"}, index, ())


@pytest.mark.parametrize("name", ["uv.toml", "pyproject.toml", ".python-version"])
def test_what_others_put_into_the_temporary_folder_of_the_system_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    index, mark, python = tmp_path / "index", tmp_path / "mark", tmp_path / "python"
    index.mkdir()
    _add_wheel(index, "alpha")
    python.write_text(f'#!/bin/sh\ntouch {mark}\nexec {sys.executable} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    refuses = 'required-version = ">=99"\n'
    theirs = {
        "uv.toml": refuses,
        "pyproject.toml": f'[project]\nname = "x"\nversion = "1"\n[tool.uv]\n{refuses}',
        ".python-version": f"{python}\n",
    }
    (tmp_path / name).write_text(theirs[name], encoding="utf-8")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.delenv("UV_PYTHON", raising=False)

    with temporary_folder() as folder:
        environment = UvEnvironment(folder / "venv", programs(), 60, Links(index, only=True))
        environment.make(SpecifierSet())
        environment.install({"alpha": "1.2"})
        assert environment.read_versions() == {"alpha": "1.2"}

    assert not mark.exists()
