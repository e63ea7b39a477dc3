"""Releases that are rehearsed, and what would not build or lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omninode_release.errors import ErrorCode
from support.cli import Ran, run_cli
from support.failures import Failure, fails
from support.gitrepo import land, tree_of, world
from support.repos import manifest

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org


def edit(org: Org, repo: str, old: str, new: str, path: str = "pyproject.toml") -> None:
    """Land a commit in which ``old``, which stands once in a file, is ``new``."""
    text = tree_of(org.remote(repo), "main")[path]
    assert text.count(old) == 1, text
    land(org.remote(repo), path, text.replace(old, new), "build: settings")


def add_settings(org: Org, repo: str, settings: str) -> None:
    """Land uv settings in a manifest that has none."""
    text = tree_of(org.remote(repo), "main")["pyproject.toml"]
    land(org.remote(repo), "pyproject.toml", f"{text}\n[tool.uv]\n{settings}", "build: settings")


def use_backend(org: Org, repo: str, source: str) -> None:
    """Land a build back end of the repository's own."""
    land(org.remote(repo), "backend.py", source.lstrip(), "build: a back end")
    text = manifest(repo).replace('["uv_build>=0.8,<1"]', "[]")
    text = text.replace('"uv_build"', '"backend"\nbackend-path = ["."]')
    land(org.remote(repo), "pyproject.toml", text, "build: our own back end")


def refused(org: Org, code: ErrorCode, *args: str, **settings: Any) -> Failure:
    """A run that ends before its gate, with nothing changed anywhere and no folder left."""
    failure = fails(org, code, *args, state="none", **settings)
    assert "Gate:" not in failure.ran.out
    assert not list(org.worktrees.rglob("*"))
    return failure


def rehearsed(org: Org, *args: str, **settings: Any) -> Ran:
    """A dry run with a rehearsal, which changes nothing either."""
    before = world(org)
    ran = run_cli(org, "--dry-run", "--rehearse", *args, **settings)
    assert world(org) == before
    assert not org.worktrees.exists()
    return ran
