"""Two Poetry packages of one repository: the users of one read a range, its developers a path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.backends import pack_backends
from support.endings import release
from support.gitrepo import git, land, tree_of
from support.repos import add_repo, configure

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("no_hooks")

PACKAGE = """\
[tool.poetry]
name = "{name}"
version = "1.0.0"
description = "{name}"
authors = ["Ann <ann@tests.example>"]
packages = [{{include = "{name}", from = "src"}}]

[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"

[tool.poetry.dependencies]
python = "^3.11"
"""
NEED = 'core = "^1.0"\n\n[tool.poetry.group.dev.dependencies]\n'
LOCAL = 'core = {path = "../core", develop = true}\n'


def test_a_path_for_those_who_develop_stays(small_org: Org) -> None:
    pack_backends(small_org.index, "poetry-core")
    files = {f"{name}/src/{name}/__init__.py": "" for name in ("core", "tools")}
    files["core/pyproject.toml"] = PACKAGE.format(name="core")
    files["tools/pyproject.toml"] = PACKAGE.format(name="tools") + NEED + LOCAL
    clone = add_repo(small_org, "duo", files)
    for tag in ("core-v1.0.0", "tools-v1.0.0"):
        git(clone, "tag", tag)
        git(clone, "push", "--quiet", "origin", tag)
    for name in ("core", "tools"):
        land(small_org.remote("duo"), f"{name}/src/{name}/more.py", "", "feat: more")
    configure(
        small_org,
        graph={"tiers": [{"core": []}, {"tools": ["core"]}], "ignore": ["alpha", "beta"]},
        packages={name: {"repository": "duo", "path": name} for name in ("core", "tools")},
        tag_formats=["{name}-v{version}"],
        local={"checks": []},
    )

    ran = release(small_org)

    assert ran.code == 0, ran.err
    tree = tree_of(small_org.remote("duo"), "tools-v1.1.0")
    assert tree["tools/pyproject.toml"].endswith(NEED.replace("^1.0", "==1.1.0") + LOCAL)
