"""Which commits change a package, as git is asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.adapters.git import Git
from omninode_release.models.place import Place
from support.gitrepo import commit_file, git
from support.orgs import programs

if TYPE_CHECKING:
    from pathlib import Path

CORE = Place("packages/core")
ROOT = Place("", ("packages/core", "packages/tools"))


def _made(path: Path) -> Git:
    git(path, "init", "--quiet", "-b", "main")
    commit_file(path, "packages/core/a.py", "", "first")
    commit_file(path, "packages/core-more/a.py", "", "nearly")
    commit_file(path, "packages/tools/\x01 é\n.py", "", "odd")
    commit_file(path, "README.md", "", "outside")
    return Git(path, programs())


def _subjects(clone: Git, place: Place) -> list[str]:
    return [each.subject for each in clone.inside(place).commits_inside("main", None)]


def test_a_commit_counts_for_the_folder_that_it_changes(tmp_path: Path) -> None:
    clone = _made(tmp_path)

    assert _subjects(clone, CORE) == ["first"]
    assert _subjects(clone, Place("packages/tools")) == ["odd"]
    assert _subjects(clone, ROOT) == ["outside", "nearly"]
    assert len(_subjects(clone, Place())) == 4


def test_a_file_that_moves_between_packages_counts_for_both(tmp_path: Path) -> None:
    clone = _made(tmp_path)
    git(tmp_path, "mv", "packages/core/a.py", "packages/tools/a.py")
    git(tmp_path, "commit", "--quiet", "--message", "moved")

    assert _subjects(clone, CORE)[0] == "moved"
    assert _subjects(clone, Place("packages/tools"))[0] == "moved"


def _name(path: Path, folder: str, name: str, message: str) -> None:
    commit_file(path, f"{folder}pyproject.toml", f'[project]\nname = "{name}"\n', message)


def _since_release(clone: Git, place: Place) -> list[str]:
    return [each.subject for each in clone.inside(place).commits_inside("main", None, "v1")]


def test_what_came_before_a_package_moved_counts_for_it(tmp_path: Path) -> None:
    clone = _made(tmp_path)
    _name(tmp_path, "", "core", "named")
    _name(tmp_path, "packages/tools/", "tools", "tools named")
    git(tmp_path, "tag", "v1")
    commit_file(tmp_path, "a.py", "", "at the root")
    commit_file(tmp_path, "packages/tools/b.py", "", "of the other")
    git(tmp_path, "checkout", "--quiet", "-b", "side")
    commit_file(tmp_path, "c.py", "", "at the root, on a branch")
    git(tmp_path, "checkout", "--quiet", "main")
    (tmp_path / "python").mkdir()
    git(tmp_path, "mv", "a.py", "pyproject.toml", "python")
    git(tmp_path, "commit", "--quiet", "--message", "moved")
    git(tmp_path, "merge", "--quiet", "--no-ff", "--message", "merged", "side")
    commit_file(tmp_path, "Makefile", "", "around it")
    commit_file(tmp_path, "python/pyproject.toml", '[project]\nname = "core"\n\n', "again")
    moved = ["again", "moved", "at the root"]

    found = _since_release(clone, Place("python"))

    assert [each for each in found if each not in {"merged", "at the root, on a branch"}] == moved
    assert "at the root, on a branch" in found
    assert _since_release(clone, Place("packages/tools")) == ["of the other"]


def test_a_package_that_moved_twice_has_all_of_it(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "-b", "main")
    _name(tmp_path, "one/", "core", "begin")
    git(tmp_path, "tag", "v1")
    for before, folder in (("one", "two"), ("two", "three")):
        commit_file(tmp_path, f"{before}/a.py", folder, f"in {before}")
        git(tmp_path, "mv", before, folder)
        git(tmp_path, "commit", "--quiet", "--message", f"to {folder}")

    found = _since_release(Git(tmp_path, programs()), Place("three"))

    assert found == ["to three", "in two", "to two", "in one"]


def _swallow(path: Path) -> None:
    """Another repository's history, in which tools stood at the root, comes into a folder."""
    git(path, "checkout", "--quiet", "--orphan", "other")
    git(path, "rm", "-r", "--quiet", "--force", ".")
    _name(path, "", "tools", "begin tools")
    git(path, "tag", "tools-1")
    commit_file(path, "t.py", "", "of tools, before")
    git(path, "checkout", "--quiet", "main")
    git(path, "merge", "--no-commit", "-s", "ours", "--allow-unrelated-histories", "other")
    git(path, "read-tree", "--prefix=in/tools/", "-u", "other")
    git(path, "commit", "--quiet", "--message", "swallowed")
    commit_file(path, "in/tools/t.py", "T = 1\n", "of tools, since")


def test_a_history_that_is_merged_in_counts_for_the_package_that_came_with_it(
    tmp_path: Path,
) -> None:
    git(tmp_path, "init", "--quiet", "-b", "main")
    _name(tmp_path, "", "core", "begin core")
    git(tmp_path, "tag", "v1")
    commit_file(tmp_path, "a.py", "", "of core")
    clone = Git(tmp_path, programs())
    _swallow(tmp_path)

    tools = clone.inside(Place("in/tools"))

    assert _since_release(clone, Place("", ("in/tools",))) == ["of core"]
    found = [each.subject for each in tools.commits_inside("main", None, "tools-1")]
    assert sorted(found) == ["of tools, before", "of tools, since", "swallowed"]


def test_a_history_that_is_merged_into_a_package_counts_for_it(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "-b", "main")
    _name(tmp_path, "", "core", "begin core")
    git(tmp_path, "tag", "v1")
    git(tmp_path, "checkout", "--quiet", "--orphan", "other")
    git(tmp_path, "rm", "-r", "--quiet", "--force", ".")
    commit_file(tmp_path, "plugin.py", "", "feat: another's plugin")
    git(tmp_path, "checkout", "--quiet", "main")
    git(tmp_path, "merge", "--quiet", "--allow-unrelated-histories", "-m", "merged", "other")
    clone = Git(tmp_path, programs())

    assert set(_since_release(clone, Place("", ("in/tools",)))) == {
        "merged",
        "feat: another's plugin",
    }


def test_a_base_branch_that_was_rewritten_keeps_what_changed_since(tmp_path: Path) -> None:
    """The history of the releases was merged into the new one, so that it keeps the tags."""
    git(tmp_path, "init", "--quiet", "-b", "old")
    _name(tmp_path, "tools/", "tools", "begin")
    git(tmp_path, "tag", "v1")
    git(tmp_path, "checkout", "--quiet", "--orphan", "main")
    git(tmp_path, "commit", "--quiet", "--message", "rewritten")
    commit_file(tmp_path, "tools/a.py", "", "feat: since")
    git(tmp_path, "merge", "--quiet", "-s", "ours", "--allow-unrelated-histories", "old")
    commit_file(tmp_path, "tools/b.py", "", "fix: after")
    clone = Git(tmp_path, programs())

    found = _since_release(clone, Place("tools"))

    assert found == ["fix: after", "feat: since", "rewritten"]


def test_a_package_that_was_not_released_elsewhere_has_what_is_in_its_folder(
    tmp_path: Path,
) -> None:
    clone = _made(tmp_path)
    _name(tmp_path, "", "core", "named")
    git(tmp_path, "tag", "v1")
    commit_file(tmp_path, "a.py", "", "at the root")
    _name(tmp_path, "python/", "other", "new")

    assert _since_release(clone, Place("python")) == ["new"]


def test_a_merge_counts_by_what_it_brings_in(tmp_path: Path) -> None:
    clone = _made(tmp_path)
    git(tmp_path, "checkout", "--quiet", "-b", "side", "main~1")
    commit_file(tmp_path, "packages/core/b.py", "", "side")
    git(tmp_path, "checkout", "--quiet", "main")
    git(tmp_path, "merge", "--quiet", "--no-ff", "--message", "merged", "side")

    assert _subjects(clone, CORE) == ["merged", "side", "first"]
    assert _subjects(clone, Place("packages/tools")) == ["odd"]
    assert _subjects(clone, ROOT) == ["outside", "nearly"]


def test_files_are_named_as_the_package_has_them(tmp_path: Path) -> None:
    clone = _made(tmp_path)
    commit_file(tmp_path, "packages/core/pyproject.toml", "x", "manifest")

    assert clone.inside(CORE).paths("main") == ("a.py", "pyproject.toml")
    assert clone.inside(CORE).file("main", "pyproject.toml") == b"x"
    assert clone.file("main", "pyproject.toml") is None
    assert clone.inside(CORE).tracked("pyproject.toml")
    assert not clone.tracked("pyproject.toml")
    assert clone.inside(ROOT).paths("main") == ("README.md", "packages/core-more/a.py")
