"""The files of a worktree are rewritten without loss, or not at all."""

from __future__ import annotations

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
