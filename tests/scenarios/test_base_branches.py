"""A repository that is released from a branch of its own: ``base_branches``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode
from support.cli import run_cli
from support.endings import release
from support.failures import fails
from support.gitrepo import SOME_DAY, git
from support.repos import configure

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org


def branch_off(org: Org, repo: str, branch: str, subject: str) -> Path:
    """A colleague pushes a branch with one commit more than main has."""
    clone = org.clone(repo)
    git(clone, "checkout", "--quiet", "-b", branch)
    (clone / "news.txt").write_text("news\n", encoding="utf-8")
    git(clone, "add", "news.txt")
    git(clone, "commit", "--quiet", "--message", subject, when=SOME_DAY)
    git(clone, "push", "--quiet", "origin", branch)
    git(clone, "checkout", "--quiet", "main")
    return org.remote(repo)


def test_it_is_planned_merged_and_tagged_there(small_org: Org) -> None:
    remote = branch_off(small_org, "alpha", "develop", "feat!: only on develop")
    main = git(remote, "rev-parse", "main")
    configure(small_org, base_branches={"alpha": "develop"})

    dry = run_cli(small_org, "alpha", "--dry-run")
    ran = release(small_org, "alpha")

    assert ran.code == 0, ran.err
    assert "alpha" in dry.out
    assert "2.0.0" in dry.out
    assert git(remote, "rev-parse", "main") == main
    assert git(remote, "log", "-1", "--format=%s", "develop").startswith("release: alpha v2.0.0")
    tagged = git(remote, "rev-parse", "alpha/v2.0.0^{commit}")
    assert tagged == git(remote, "rev-parse", "develop")


def test_a_branch_that_is_not_there_is_refused_before_the_gate(small_org: Org) -> None:
    configure(small_org, base_branches={"alpha": "develop"})

    failure = fails(small_org, ErrorCode.SCAN_FAILED)

    failure.says("the branch develop of alpha, which base_branches names", "ls-remote --heads")
    assert failure.touched == set()


def test_the_clone_that_has_not_fetched_it_is_told_so(small_org: Org) -> None:
    configure(small_org, base_branches={"alpha": "develop"})

    dry = run_cli(small_org, "alpha", "--dry-run")

    assert "the branch develop of alpha, which base_branches names, found none" in dry.out


def test_names_that_are_no_branches_are_refused(small_org: Org) -> None:
    configure(small_org, base_branches={"alpha": "--force"})
    one = run_cli(small_org, "alpha", "--dry-run")
    configure(small_org, base_branches={"alpha": "develop", "nobody": "main"})
    other = run_cli(small_org, "alpha", "--dry-run")

    assert "base_branches" in one.err
    assert "base_branches names nobody, which stands in no tier" in other.err
