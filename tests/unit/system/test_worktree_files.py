"""The files of a worktree are rewritten without loss, or not at all."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ReleaseError
from omninode_release.system.worktree_files import Tree

if TYPE_CHECKING:
    from pathlib import Path


def test_a_tree_keeps_line_ends_and_permissions(tmp_path: Path) -> None:
    script = tmp_path / "run.sh"
    script.write_bytes(b"one\r\ntwo\n")
    script.chmod(0o755)
    tree = Tree(tmp_path)

    tree.write("run.sh", f"{tree.read('run.sh')}three\n")

    assert script.read_bytes() == b"one\r\ntwo\nthree\n"
    assert stat.S_IMODE(script.stat().st_mode) == 0o755
    assert tree.read("none") is None
    assert not tree.exists("none")


@pytest.mark.parametrize("path", ["../beside", "/etc/hosts", "link", "binary"])
def test_a_tree_refuses_what_it_could_not_rewrite(tmp_path: Path, path: str) -> None:
    (tmp_path / "link").symlink_to("binary")
    (tmp_path / "binary").write_bytes(b"\xff")

    with pytest.raises(ReleaseError):
        Tree(tmp_path).read(path)


def test_a_tree_makes_the_folders_that_are_missing(tmp_path: Path) -> None:
    Tree(tmp_path).write("docs/new/notes.md", "text")

    assert (tmp_path / "docs" / "new" / "notes.md").read_text(encoding="utf-8") == "text"
    assert [each.name for each in (tmp_path / "docs" / "new").iterdir()] == ["notes.md"]


@pytest.mark.parametrize("path", ["docs/notes.md", "docs/below/notes.md", "file"])
def test_a_tree_neither_reads_nor_writes_through_a_link(tmp_path: Path, path: str) -> None:
    outside, root = tmp_path / "outside", tmp_path / "tree"
    (outside / "below").mkdir(parents=True)
    for name in ("notes.md", "below/notes.md"):
        (outside / name).write_text("mine", encoding="utf-8")
    root.mkdir()
    (root / "docs").symlink_to(outside)
    (root / "file").symlink_to(outside / "notes.md")
    tree = Tree(root)

    for act in (tree.read, tree.exists, lambda name: tree.write(name, "theirs")):
        with pytest.raises(ReleaseError, match="symbolic link") as caught:
            act(path)
        assert str(root / path) in caught.value.message

    assert {file.read_text("utf-8") for file in outside.rglob("*.md")} == {"mine"}


def test_a_link_that_stays_inside_is_not_followed_either(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "docs").symlink_to("real")

    with pytest.raises(ReleaseError, match="symbolic link"):
        Tree(tmp_path).write("docs/notes.md", "text")


def test_what_is_no_file_is_named_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    tree = Tree(tmp_path)

    for name, kind in (("pipe", "a named pipe"), ("folder", "a folder")):
        assert not tree.exists(name)
        with pytest.raises(ReleaseError, match=f"it is {kind}, not a file"):
            tree.read(name)
        with pytest.raises(ReleaseError, match="no regular file"):
            tree.write(name, "text")


def test_a_file_where_a_folder_is_looked_for_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "alpha").write_text("#!/bin/sh", encoding="utf-8")
    tree = Tree(tmp_path)

    assert tree.read("alpha/__init__.py") is None
    assert not tree.exists("alpha/__init__.py")
    with pytest.raises(ReleaseError, match="Not a directory"):
        tree.write("alpha/__init__.py", "text")


def test_a_link_planted_for_the_temporary_file_is_not_followed(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text("mine", encoding="utf-8")
    (tmp_path / ".notes.md.tmp").symlink_to(mine)

    Tree(tmp_path).write("notes.md", "text")

    assert mine.read_text(encoding="utf-8") == "mine"
