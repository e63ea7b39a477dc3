"""Clones that no configuration is written for yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from support.cli import run_cli
from support.gitrepo import commit_file, git, push_main

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org


PUBLISH = """\
on:
  push:
    tags: ["v*"]
jobs:
  publish:
    steps:
      # uv publish is what the next line does
      - uses: pypa/gh-action-pypi-publish@release/v1
"""


def written(org: Org) -> dict[str, Any]:
    text = (org.omni_home / "release.yaml").read_text(encoding="utf-8")
    value: dict[str, Any] = yaml.safe_load(text)
    return value


def plan(org: Org) -> tuple[dict[str, str | None], str]:
    """``init`` and a dry run: each package's next version, and what a person sees."""
    made = run_cli(org, "init")
    assert made.code == 0, made.err
    assert run_cli(org, "init", "--check").code == 0
    ran = run_cli(org, "--dry-run")
    assert ran.result is not None, ran.err
    rows = ran.result["details"]
    assert [
        row["error"] for row in rows if row["error_code"] not in {None, "NOTHING_TO_RELEASE"}
    ] == []
    return {row["repo"]: None if row["error_code"] else row["new_version"] for row in rows}, ran.out


def on_github(org: Org, *repos: str, at: str = "git@github.com:acme/") -> None:
    for repo in repos:
        git(org.clone(repo), "remote", "set-url", "origin", f"{at}{repo}.git")


def refs_of(org: Org, repo: str, path: str, text: str) -> None:
    """Land a file by way of the clone, which then knows it."""
    commit_file(org.clone(repo), path, text, f"chore: {path}")
    push_main(org.clone(repo))


def publishes_by(org: Org, repo: str, workflow: str | None) -> None:
    """Its one workflow is called so, in the clone and as the clone last saw the remote."""
    clone, folder = org.clone(repo), ".github/workflows"
    if git(clone, "ls-tree", "HEAD", f"{folder}/"):
        git(clone, "rm", "--quiet", "-r", folder)
    if workflow is not None:
        (clone / folder).mkdir(parents=True)
        (clone / folder / workflow).write_text(PUBLISH, encoding="utf-8")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--allow-empty", "--message", "ci: publish")
    git(clone, "update-ref", "refs/remotes/origin/main", "HEAD")
