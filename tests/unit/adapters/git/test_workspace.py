"""What a run makes in a clone and takes away again."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.git import Git
from omninode_release.errors import CommandFailed
from support.orgs import programs

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org


def test_a_worktree_that_cannot_be_removed_says_why(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git, tree, asked = Git(small_org.clone("alpha"), programs()), tmp_path / "tree", list[object]()

    def refuse(_: Git, *words: str, **__: object) -> None:
        asked.append(words)
        why = "failed to delete 'tree': Operation not permitted" if len(asked) == 1 else "no tree"
        raise CommandFailed(words, cwd="/", returncode=1, stdout="", stderr=why, seconds=0.0)

    git.add_worktree(tree, "release/pair/alpha", start="HEAD")
    monkeypatch.setattr(Git, "__call__", refuse)
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)

    with pytest.raises(CommandFailed, match="Operation not permitted"):
        git.remove_worktree(tree)
