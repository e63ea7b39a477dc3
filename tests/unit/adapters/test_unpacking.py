"""A commit's files in a folder of their own: as a worktree has them, and the clone as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.adapters.git import Git
from support.gitrepo import all_refs, files_of, git, land, tree_of
from support.orgs import programs
from support.repos import hook

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

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


def test_what_a_release_would_leave_is_tagged_there_whatever_its_line_ends(
    small_org: Org, tmp_path: Path
) -> None:
    at, folder = Git(small_org.clone("alpha"), programs()), tmp_path / "tree"
    at.unpack(git(at.path, "rev-parse", "HEAD"), folder)
    for key, value in {"core.autocrlf": "input", "core.safecrlf": "true"}.items():
        git(folder, "config", key, value)
    (folder / "notes.md").write_bytes(b"one\r\ntwo\r\n")

    at.tag_unpacked(folder, ["v9.0.0"])

    assert git(folder, "show", "v9.0.0:notes.md").splitlines() == ["one", "two"]
    assert git(folder, "rev-parse", "HEAD") == git(folder, "rev-parse", "v9.0.0^{commit}")


def test_no_hook_of_the_user_is_run_where_a_tree_is_tagged(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone, mark = small_org.clone("alpha"), tmp_path / "mark"
    for name in ("reference-transaction", "post-index-change", "post-checkout"):
        hook(tmp_path / "hooked", name, f"touch {mark}")
    settings = tmp_path / "gitconfig"
    settings.write_text(f"[core]\n\thooksPath = {tmp_path}/hooked/hooks\n", encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    at = Git(clone, programs())

    at.unpack(at.ask("rev-parse", "HEAD").line, tmp_path / "tree")
    at.copy_tag(tmp_path / "tree", "v1.0.0")
    at.tag_unpacked(tmp_path / "tree", ["v9.0.0"])

    assert not mark.exists()
