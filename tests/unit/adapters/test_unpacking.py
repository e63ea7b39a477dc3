"""A commit's files in a folder of their own: as a worktree has them, and the clone as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.adapters.git import Git
from support.gitrepo import all_refs, files_of, git, land, tree_of
from support.orgs import programs
from support.repos import hook

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org


def test_a_tree_is_whole_and_the_clone_stays_as_it_is(small_org: Org, tmp_path: Path) -> None:
    clone = small_org.clone("alpha")
    git(clone, "sparse-checkout", "set", "docs")
    hook(clone, "post-checkout", "touch $GIT_DIR/hooked")
    before, sha = files_of(clone), git(clone, "rev-parse", "HEAD")

    Git(clone, programs()).unpack(sha, tmp_path / "tree")

    assert files_of(clone) == before
    assert files_of(tmp_path / "tree", without=(".git",)).keys() == tree_of(clone, sha).keys()
    assert git(tmp_path / "tree", "status", "--porcelain") == ""
    assert git(tmp_path / "tree", "rev-parse", "HEAD") == sha


def test_a_bare_repository_has_a_tree_too(small_org: Org, tmp_path: Path) -> None:
    remote = small_org.remote("alpha")
    refs = all_refs(remote)

    Git(remote, programs()).unpack(refs["refs/heads/main"], tmp_path / "tree")

    assert (tmp_path / "tree" / "pyproject.toml").is_file()
    assert all_refs(remote) == refs


def test_what_an_archive_would_leave_out_is_there(small_org: Org, tmp_path: Path) -> None:
    remote = small_org.remote("alpha")
    sha = land(remote, ".gitattributes", "README.md export-ignore\n", "chore: archives")

    Git(remote, programs()).unpack(sha, tmp_path / "tree")

    assert (tmp_path / "tree" / "README.md").is_file()
