"""A repository that is released from a branch of its own: ``base_branches``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.cli import run_cli
from support.endings import release
from support.failures import fails
from support.gitrepo import SOME_DAY, git, land
from support.repos import configure

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")


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


# Release branches: their names say which releases they are for.


def _released_beyond(org: Org, subject: str) -> Path:
    """alpha has gone on to 2.0.0 on main, and ``subject`` has come to the branch 1.x."""
    remote = branch_off(org, "alpha", "1.x", subject)
    git(remote, "tag", "v1.1.0", "1.x~1")
    land(remote, "src/alpha/two.py", "TWO = 2\n", "feat!: two")
    git(remote, "tag", "v2.0.0", "main")
    configure(org, base_branches={"alpha": "1.x"})
    return remote


def test_a_release_branch_counts_from_its_own_releases(small_org: Org) -> None:
    remote = _released_beyond(small_org, "fix: only on 1.x")

    ran = release(small_org, "alpha")

    assert ran.code == 0, ran.err
    assert "1.1.0    1.1.1" in ran.out
    assert "tag v2.0.0: it comes after all that 1.x" in ran.out
    assert git(remote, "log", "-1", "--format=%s", "1.x").startswith("release: alpha v1.1.1")
    assert git(remote, "log", "-1", "--format=%s", "main") == "feat!: two"


def test_what_leaves_the_series_of_its_branch_is_refused(small_org: Org) -> None:
    _released_beyond(small_org, "feat!: only on 1.x")

    failure = fails(small_org, ErrorCode.VERSION_INVALID, "alpha")
    ran = release(small_org, "alpha", "--bump", "minor")

    failure.says("expected a version of 1.x on the branch 1.x", "omni-release alpha --bump minor")
    assert failure.touched == set()
    assert ran.code == 0, ran.err
    assert "1.1.0    1.2.0" in ran.out


def test_a_branch_of_a_minor_version_releases_patches_of_it(small_org: Org) -> None:
    remote = branch_off(small_org, "alpha", "stable/1.0.x", "fix: only there")
    git(remote, "tag", "v1.1.0", "main")
    configure(small_org, base_branches={"alpha": "stable/1.0.x"})

    ran = release(small_org, "alpha", "--bump", "patch")

    assert ran.code == 0, ran.err
    assert git(remote, "log", "-1", "--format=%s", "stable/1.0.x").startswith(
        "release: alpha v1.0.1"
    )


def test_a_default_branch_that_has_got_another_name_is_told_by_a_dry_run(small_org: Org) -> None:
    clone = small_org.clone("alpha")
    remote = branch_off(small_org, "alpha", "trunk", "feat!: only on trunk")
    git(remote, "symbolic-ref", "HEAD", "refs/heads/trunk")
    git(remote, "branch", "-D", "main")

    dry = run_cli(small_org, "alpha", "--dry-run")

    said = "alpha: the default branch of its remote is trunk and not main any more"
    assert f"{said}; a real run releases from that (git -C" in dry.out
    git(clone, "fetch", "--quiet", "origin")
    git(clone, "remote", "set-head", "origin", "--auto")
    again = run_cli(small_org, "alpha", "--dry-run")
    assert "1.0.0    2.0.0  major" in again.out
    assert said not in again.out


def test_a_branch_that_is_said_may_be_another_than_the_default(small_org: Org) -> None:
    branch_off(small_org, "alpha", "develop", "feat!: only on develop")
    configure(small_org, base_branches={"alpha": "develop"})

    assert "any more" not in run_cli(small_org, "alpha", "--dry-run").out
