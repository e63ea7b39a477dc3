"""The registries: what they name, and that a name costs nothing before it is used."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from support.orgs import programs

HEAVY = {"httpx", "omninode_release.adapters.github.api", "omninode_release.adapters.local.forge"}


def loaded_by(code: str, tmp_path: Path) -> set[str]:
    """The heavy modules that a process of its own has loaded after ``code``."""
    run = (sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)")
    return HEAVY & set(programs()(run, cwd=tmp_path, timeout=60).stdout.split())


def test_a_configuration_is_checked_without_loading_an_adapter(tmp_path: Path) -> None:
    assert loaded_by("import omninode_release.contract.load", tmp_path) == set()
    assert loaded_by("import omninode_release.release.world", tmp_path) == set()


@pytest.mark.parametrize(
    "choice", ["FORGES['github']", "FORGES['local']", "INDEXES['pypi']", "INDEXES['local']"]
)
def test_a_choice_loads_nothing_before_it_is_opened(choice: str, tmp_path: Path) -> None:
    code = f"from omninode_release.adapters.registry import FORGES, INDEXES\n{choice}()"

    assert loaded_by(code, tmp_path) == set()
