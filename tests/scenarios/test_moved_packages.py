"""A package that moves into a folder of its repository between two releases."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from support.cli import run_cli
from support.endings import release
from support.gitrepo import git, land, push_main
from support.repos import configure

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")


def _move_alpha(org: Org) -> None:
    """A breaking change, the move, a fix in the folder, and a word at the root."""
    clone, remote = org.clone("alpha"), org.remote("alpha")
    land(remote, "src/alpha/more.py", "MORE = True\n", "feat!: another greeting")
    git(clone, "pull", "--quiet", "origin", "main")
    (clone / "python").mkdir()
    parts = git(clone, "ls-tree", "--name-only", "HEAD").split()
    git(clone, "mv", *(each for each in parts if each != ".gitignore"), "python")
    git(clone, "commit", "--quiet", "--message", "refactor: into a folder")
    push_main(clone)
    land(remote, "python/src/alpha/less.py", "LESS = True\n", "fix: less of it")
    land(remote, "README.md", "# What stands where\n", "docs: a word at the root")
    git(clone, "fetch", "--quiet", "origin")


def _name_the_folder(org: Org) -> None:
    configure(org, packages={"alpha": {"path": "python"}}, pins="override", local={"checks": []})


def test_a_release_tells_what_came_before_the_move(small_org: Org) -> None:
    _move_alpha(small_org)
    _name_the_folder(small_org)

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert ran.result is not None
    [alpha, _] = ran.result["details"]
    assert alpha["new_version"] == "2.0.0"
    told = git(small_org.remote("alpha"), "show", "main:python/CHANGELOG.md")
    entry = told.partition("## [2.0.0]")[2].partition("\n## ")[0]
    for words in ("**BREAKING** another greeting", "into a folder", "less of it"):
        assert entry.count(words) == 1
    assert "a word at the root" not in entry
    [seen] = [each for each in ran.result["seen"] if "counts for no package" in each["why"]]
    assert "'docs: a word at the root'" in seen["what"]
    assert "more" not in seen["what"]


def test_a_version_is_explained_by_what_came_before_the_move(small_org: Org) -> None:
    _move_alpha(small_org)
    _name_the_folder(small_org)
    assert release(small_org).code == 0

    ran = run_cli(small_org, "explain", "alpha", "--version", "2.0.0")
    before = run_cli(small_org, "explain", "alpha", "--version", "1.0.0")

    assert ran.code == 0, ran.err
    assert "feat!: another greeting" in ran.out
    assert "Commits of all its history, up to" in before.out
    assert ": 0\n" not in before.out


def test_a_clone_that_may_not_know_of_a_move_is_told_how_it_would(small_org: Org) -> None:
    _move_alpha(small_org)
    shutil.rmtree(small_org.clone("beta"))
    configure(small_org, graph="auto")

    ran = run_cli(small_org, "--dry-run")

    assert ran.code == 2
    assert "found none; alpha has one in python" in ran.err
    assert f"git -C {small_org.clone('alpha')} fetch origin lets the clone know" in ran.err
