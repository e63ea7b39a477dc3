"""What a push of ours may never do to a remote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.git import Git
from omninode_release.errors import CommandFailed
from support.gitrepo import commit_file, git
from support.orgs import programs

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

BRANCH = "release/pair/alpha"


def test_a_branch_that_went_another_way_is_not_overwritten(small_org: Org) -> None:
    clone, remote = small_org.clone("alpha"), small_org.remote("alpha")
    git(clone, "branch", BRANCH)
    theirs = commit_file(clone, "theirs.md", "Theirs.\n", "docs: theirs")
    git(clone, "push", "--quiet", "origin", f"{theirs}:refs/heads/{BRANCH}")
    git(clone, "reset", "--quiet", "--hard", BRANCH)
    git(clone, "branch", "--force", BRANCH, commit_file(clone, "o.md", "Ours.\n", "docs: ours"))

    with pytest.raises(CommandFailed):
        Git(clone, programs()).push(f"refs/heads/{BRANCH}:refs/heads/{BRANCH}")

    assert git(remote, "rev-parse", BRANCH) == theirs


@pytest.mark.parametrize("spec", ["+refs/heads/a:refs/heads/a", ":refs/heads/a"])
def test_no_refspec_forces_or_deletes(small_org: Org, spec: str) -> None:
    with pytest.raises(ValueError, match="never forces or deletes"):
        Git(small_org.clone("alpha"), programs()).push(spec)
