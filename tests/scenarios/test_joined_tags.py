"""Release tags such as rel_2_0_31: read, counted from, and made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.models.phase import Phase
from support.cli import run_cli
from support.endings import RUN, resume
from support.gitrepo import git, tree_of
from support.repos import add_repo, manifest
from support.trains import change, make_bare, publish, set_out, stop_before, tag

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org


@pytest.fixture
def bare(tmp_path: Path) -> Org:
    """``core`` 2.0.30 and ``tool`` 1.14 that requires it; a fix of the one, a feature of both."""
    org = make_bare(tmp_path / "org")
    for name, version, *needs in (("core", "2.0.30"), ("tool", "1.14", "core>=2.0.30")):
        files = {
            "pyproject.toml": manifest(name, version, *needs),
            f"src/{name}/__init__.py": f'"""{name}."""\n',
        }
        add_repo(org, name, files)
        tag(org, name, f"rel_{version.replace('.', '_')}")
        publish(org, name)
    change(org, "core", "fix: the core", **{"src/core/more.py": "MORE = True\n"})
    change(org, "tool", "feat: a tool", **{"src/tool/more.py": "MORE = True\n"})
    return org


def _tags(org: Org, repo: str) -> set[str]:
    return set(git(org.remote(repo), "tag", "--list").splitlines())


def test_they_are_made_as_the_ones_before(bare: Org) -> None:
    ran, _ = set_out(bare)

    assert ran.result is not None
    assert [each["new_version"] for each in ran.result["details"]] == ["2.0.31", "1.15"]
    assert _tags(bare, "core") == {"rel_2_0_30", "rel_2_0_31"}
    assert _tags(bare, "tool") == {"rel_1_14", "rel_1_15"}
    assert 'version = "1.15"' in tree_of(bare.remote("tool"), "rel_1_15")["pyproject.toml"]
    again = run_cli(bare, "--dry-run")
    assert again.result is not None
    assert {each["error_code"] for each in again.result["details"]} == {"NOTHING_TO_RELEASE"}


def test_a_run_that_stopped_before_them_makes_them(bare: Org) -> None:
    stop_before(bare, "core", Phase.TAG)
    assert _tags(bare, "core") == {"rel_2_0_30"}

    assert resume(bare).code == 0

    tip = git(bare.remote("core"), "rev-parse", "main")
    assert git(bare.remote("core"), "rev-parse", "rel_2_0_31^{commit}") == tip
    assert f"Release-Run: {RUN}" in git(bare.remote("core"), "cat-file", "-p", "rel_2_0_31")
