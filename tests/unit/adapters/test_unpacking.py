"""A commit's files in a folder of their own: as a worktree has them, and the clone as it was."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import shutil
import stat
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import omninode_release
from omninode_release.adapters.git import Git
from omninode_release.errors import ReleaseError
from omninode_release.release.rehearsal.row import require_own_content
from support.gitrepo import all_refs, files_of, git, land, tree_of
from support.orgs import programs
from support.repos import hook

if TYPE_CHECKING:
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
    assert git(tmp_path / "tree", "describe", "--tags", "--abbrev=0") == "v1.0.0"
    assert git(tmp_path / "tree", "diff", "--stat", "origin/main") == ""


def test_what_git_does_not_know_is_removed_but_for_what_is_kept(
    small_org: Org, tmp_path: Path
) -> None:
    remote, tree = small_org.remote("alpha"), tmp_path / "tree"
    sha = land(remote, ".gitignore", "*.log\n", "chore: logs")
    at = Git(remote, programs())
    at.unpack(sha, tree)
    for name in ("a.log", "CHANGELOG [1].md", "report.xml"):
        (tree / name).touch()

    at.clean_unpacked(tree, ["CHANGELOG [1].md"])

    assert {path.name for path in tree.iterdir()} >= {"README.md", "CHANGELOG [1].md"}
    assert not list(tree.glob("*.log")) + list(tree.glob("*.xml"))


def test_what_the_clone_alone_ignores_is_ignored_there(small_org: Org, tmp_path: Path) -> None:
    clone, tree = small_org.clone("alpha"), tmp_path / "tree"
    (clone / ".git" / "info").mkdir(exist_ok=True)
    (clone / ".git" / "info" / "exclude").write_text("left\n", encoding="utf-8")

    Git(clone, programs()).unpack(git(clone, "rev-parse", "HEAD"), tree)
    (tree / "left").touch()

    assert git(tree, "status", "--porcelain") == ""


def test_a_bare_repository_has_a_tree_too(small_org: Org, tmp_path: Path) -> None:
    remote = small_org.remote("alpha")
    refs = all_refs(remote)

    Git(remote, programs()).unpack(refs["refs/heads/main"], tmp_path / "tree")

    assert (tmp_path / "tree" / "pyproject.toml").is_file()
    assert all_refs(remote) == refs


@pytest.mark.skipif(sys.platform == "darwin", reason="its names are UTF-8")
def test_a_clone_below_a_name_that_is_not_utf_8_has_a_tree_too(
    small_org: Org, tmp_path: Path
) -> None:
    clone = tmp_path / os.fsdecode(b"caf\xe9") / "alpha"
    shutil.copytree(small_org.clone("alpha"), clone)

    Git(clone, programs()).unpack(git(clone, "rev-parse", "HEAD"), tmp_path / "tree")

    assert git(tmp_path / "tree", "status", "--porcelain") == ""


def test_what_an_archive_would_leave_out_is_there(small_org: Org, tmp_path: Path) -> None:
    remote = small_org.remote("alpha")
    sha = land(remote, ".gitattributes", "README.md export-ignore\n", "chore: archives")

    Git(remote, programs()).unpack(sha, tmp_path / "tree")

    assert (tmp_path / "tree" / "README.md").is_file()


def test_what_a_release_would_leave_is_tagged_there_whatever_its_line_ends(
    small_org: Org, tmp_path: Path
) -> None:
    at, folder = Git(small_org.clone("alpha"), programs()), tmp_path / "tree"
    at.unpack(git(at.path, "rev-parse", "HEAD"), folder)
    for key, value in {"core.autocrlf": "input", "core.safecrlf": "true"}.items():
        git(folder, "config", key, value)
    (folder / "notes.md").write_bytes(b"one\r\ntwo\r\n")

    (folder / "left.txt").write_text("by a program\n", encoding="utf-8")
    (folder / "README.md").unlink()

    at.tag_unpacked(folder, ["v9.0.0"], ["notes.md", "never.md"])

    files = git(folder, "ls-tree", "--name-only", "v9.0.0").split()
    assert "notes.md" in files
    assert not {"left.txt", "README.md"} & {*files}
    assert git(folder, "show", "v9.0.0:notes.md").splitlines() == ["one", "two"]
    assert git(folder, "rev-parse", "HEAD") == git(folder, "rev-parse", "v9.0.0^{commit}")


@pytest.mark.parametrize("by", ["folder", "setting"])
def test_no_hook_of_the_user_is_run_where_a_tree_is_tagged(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    clone, mark = small_org.clone("alpha"), tmp_path / "mark"
    settings, text = tmp_path / "gitconfig", f"[core]\n\thooksPath = {tmp_path}/hooked/hooks\n"
    for name in ("reference-transaction", "post-index-change", "post-checkout"):
        if by == "folder":
            hook(tmp_path / "hooked", name, f"touch {mark}")
        else:  # of git 2.54 and later
            text += f'[hook "at-{name}"]\n\tevent = {name}\n\tcommand = touch {mark}; true\n'
    settings.write_text(text, encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    at = Git(clone, programs())

    at.unpack(at.ask("rev-parse", "HEAD").line, tmp_path / "tree")
    at.tag_unpacked(tmp_path / "tree", ["v9.0.0"])

    assert not mark.exists()


# What comes from outside, and must not come out of its folder.

_EXTRACTS = frozenset({"extractall", "extract", "unpack_archive"})
_KINDS = {
    "symlink": tarfile.SYMTYPE,
    "hard link": tarfile.LNKTYPE,
    "device": tarfile.CHRTYPE,
    "fifo": tarfile.FIFOTYPE,
}


def _write_object(clone: Path, kind: str, data: bytes) -> str:
    """An object as a hostile server sends it: git itself would not write such a tree."""
    file = clone / ".git" / "object"
    file.write_bytes(data)
    return git(clone, "hash-object", "-w", "-t", kind, "--literally", str(file))


def _write_tree(clone: Path, *entries: tuple[str, str, str]) -> str:
    lines = [f"{mode} {name}\0".encode() + bytes.fromhex(sha) for mode, name, sha in entries]
    return _write_object(clone, "tree", b"".join(lines))


def _write_hostile_tree(clone: Path, how: str, outside: Path) -> str:
    """A tree with a file that would be written outside of the folder it is unpacked in."""
    script = _write_object(clone, "blob", b"#!/bin/sh\ntouch hooked\n")
    inner = _write_tree(clone, ("100755", "escaped", script))
    link = _write_object(clone, "blob", str(outside).encode())
    entries = {
        "the folder above": [("40000", "..", inner)],
        "a path upwards": [("100755", "../escaped", script)],
        "a path from the root": [("100755", f"{outside}/escaped", script)],
        "git's own folder": [("40000", ".git", _write_tree(clone, ("40000", "hooks", inner)))],
        "through a link": [("120000", "out", link), ("40000", "out", inner)],
        "by another user": [("104755", "escaped", script)],
    }
    return _write_tree(clone, *entries[how])


@pytest.mark.parametrize(
    "how",
    [
        "the folder above",
        "a path upwards",
        "a path from the root",
        "git's own folder",
        "through a link",
        "by another user",
    ],
)
def test_no_file_of_a_hostile_tree_comes_out_of_its_folder(
    small_org: Org, tmp_path: Path, how: str
) -> None:
    clone, outside = small_org.clone("alpha"), tmp_path / "outside"
    folder = tmp_path / "within" / "tree"
    outside.mkdir()
    folder.parent.mkdir()
    tree = _write_hostile_tree(clone, how, outside)
    sha = git(clone, "commit-tree", "-m", "a tree", tree)

    with contextlib.suppress(ReleaseError):
        Git(clone, programs()).unpack(sha, folder)

    assert list(outside.iterdir()) == []
    assert list(folder.parent.iterdir()) in ([folder], [])
    assert not (folder / ".git" / "hooks" / "escaped").exists()
    modes = [path.lstat().st_mode for path in folder.rglob("*")]
    assert [mode for mode in modes if mode & (stat.S_ISUID | stat.S_ISGID)] == []
    assert all(stat.S_ISREG(m) or stat.S_ISDIR(m) or stat.S_ISLNK(m) for m in modes)


@pytest.mark.parametrize("kind", [*_KINDS, "a path upwards", "a path from the root"])
def test_a_hostile_source_distribution_is_read_and_not_unpacked(tmp_path: Path, kind: str) -> None:
    tree, sdist = tmp_path / "tree", tmp_path / "dist" / "alpha-1.0.0.tar.gz"
    tree.mkdir()
    sdist.parent.mkdir()
    (tree / "link").symlink_to("/etc")
    (tmp_path / "kept").write_text("kept", encoding="utf-8")
    names = {"a path upwards": "../escaped", "a path from the root": f"{tmp_path}/escaped"}
    member = tarfile.TarInfo(names.get(kind, "alpha-1.0.0/escaped"))
    member.type, member.linkname = _KINDS.get(kind, tarfile.REGTYPE), f"{tmp_path}/kept"
    member.mode = 0o6755
    with tarfile.open(sdist, "w:gz") as archive:
        archive.addfile(member, io.BytesIO())
    before = sorted(os.walk(tmp_path))

    require_own_content([tree / "alpha-1.0.0-py3-none-any.whl", sdist], tree, ["link"])

    assert sorted(os.walk(tmp_path)) == before
    assert (tmp_path / "kept").read_text(encoding="utf-8") == "kept"


def test_nothing_of_ours_unpacks_an_archive() -> None:
    """git writes trees, and uv what it builds; a filter for archives came with Python 3.11.4."""
    package = Path(omninode_release.__file__).parent
    calls = [
        f"{path.relative_to(package)}:{node.lineno}"
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute | ast.Name)
        if (node.attr if isinstance(node, ast.Attribute) else node.id) in _EXTRACTS
    ]
    assert calls == []
