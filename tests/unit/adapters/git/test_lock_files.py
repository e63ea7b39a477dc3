"""Which lock files are found where a killed git may have left them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from omninode_release.adapters.git import Git
from support.orgs import programs

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org


def test_those_of_a_worktree_whose_refs_are_a_reftable_are_found(
    small_org: Org, tmp_path: Path
) -> None:
    """Of a clone with reftable, each worktree keeps one of its own (gitrepository-layout)."""
    git = Git(small_org.clone("alpha"), programs())
    ours, theirs = tmp_path / "worktrees", tmp_path / "theirs"
    for tree in (ours, theirs):
        git.add_worktree(tree / "alpha", f"release/{tree.name}", start="HEAD")
        kept = git.path / ".git" / "worktrees" / ("alpha" if tree == ours else "alpha1")
        (kept / "reftable").mkdir(exist_ok=True)
        (kept / "reftable" / "tables.list.lock").touch()

    assert git.lock_files(ours) == [
        git.path / ".git" / "worktrees" / "alpha" / "reftable" / "tables.list.lock"
    ]


def test_a_worktree_is_found_however_its_place_is_written(small_org: Org, tmp_path: Path) -> None:
    git = Git(small_org.clone("alpha"), programs())
    tree = tmp_path / "worktrees" / "alpha"
    git.add_worktree(tree, "release/ours", start="HEAD")
    (tmp_path / "link").symlink_to(tmp_path / "worktrees")
    kept = git.path / ".git" / "worktrees" / "alpha"
    lock = kept / "index.lock"
    lock.touch()

    by_link = git.lock_files(tmp_path / "link")
    # As worktree.useRelativePaths has git 2.48 and later write it.
    (kept / "gitdir").write_text(f"{os.path.relpath(tree / '.git', kept)}\n", encoding="utf-8")

    assert by_link == git.lock_files(tree.parent) == [lock]


def test_a_worktree_elsewhere_may_have_any_name(small_org: Org, tmp_path: Path) -> None:
    git = Git(small_org.clone("alpha"), programs())
    git.add_worktree(tmp_path / "theirs", "theirs", start="HEAD")
    kept = git.path / ".git" / "worktrees" / "theirs"

    for odd in (b"/home/caf\xe9/.git\n", b"/home/a\0b/.git\n"):
        (kept / "gitdir").write_bytes(odd)
        assert git.lock_files(tmp_path / "worktrees") == []
