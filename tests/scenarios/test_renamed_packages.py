"""A package that gets another name between two releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.cli import run_cli
from support.gitrepo import git, land
from support.repos import manifest

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")


def _plan(org: Org) -> str:
    for repo in org.repos:
        git(org.clone(repo), "fetch", "--quiet", "origin")
    ran = run_cli(org, "--dry-run")
    assert ran.code == 0, ran.err
    return ran.out


def test_what_requires_it_by_its_former_name_is_told(small_org: Org) -> None:
    renamed = manifest("alpha-core", "1.0.0")
    land(small_org.remote("alpha"), "pyproject.toml", renamed, "feat!: alpha-core")

    said = "beta requires 'alpha>=1.0.0,<2.0.0' (beta/pyproject.toml, project.dependencies), and"
    left = f"{said} alpha-core was called so at v1.0.0: it is neither pinned nor checked"
    assert left in _plan(small_org)

    needing = manifest("beta", "0.3.0", "alpha-core>=1.0.0")
    land(small_org.remote("beta"), "pyproject.toml", needing, "fix: alpha-core")

    assert "was called so" not in _plan(small_org)
