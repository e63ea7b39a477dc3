"""An environment of its own, as uv makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

from omninode_release.adapters.uv_environment import UvEnvironment
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
