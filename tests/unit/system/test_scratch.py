"""A folder for one piece of work: private, alone, gone."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from typing import TYPE_CHECKING

import pytest

from omninode_release.system.files import measure
from omninode_release.system.scratch import (
    clear,
    list_scratch_folders,
    list_temporary_folders,
    scratch_folder,
    temporary_folder,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_nothing_is_left_of_it_not_even_the_folders_above(tmp_path: Path) -> None:
    place = tmp_path / "worktrees" / "rehearsal"

    def work() -> None:
        with scratch_folder(place, "run") as folder:
            assert folder.parent == place
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            (folder / "deep").mkdir()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()

    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_goes_and_what_is_in_use_stays(tmp_path: Path) -> None:
    left, mine = tmp_path / "run.killed", tmp_path / "mine"
    for folder in (left, mine):
        (folder / "tree").mkdir(parents=True)
    left.with_name("run.killed.lock").touch()

    with scratch_folder(tmp_path, "run") as first, scratch_folder(tmp_path, "run") as second:
        assert first != second
        assert (first.is_dir(), second.is_dir()) == (True, True)

    assert list(tmp_path.iterdir()) == [mine]


def test_what_a_program_may_not_be_written_to_goes_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside, remove = tmp_path / "outside", shutil.rmtree
    outside.mkdir(mode=0o555)

    def remove_as_no_root(folder: Path, *, ignore_errors: bool) -> None:
        if all(each.lstat().st_mode & 0o200 for each in folder.rglob("*")):
            remove(folder, ignore_errors=ignore_errors)

    monkeypatch.setattr(shutil, "rmtree", remove_as_no_root)
    with scratch_folder(tmp_path / "place", "run") as folder:
        (folder / "tree" / "made").mkdir(parents=True, mode=0o555)
        (folder / "tree" / "link").symlink_to(outside)

    assert list(tmp_path.iterdir()) == [outside]
    assert stat.S_IMODE(outside.stat().st_mode) == 0o555


def _dig(folder: Path) -> None:
    """As deep as git lets a path in a repository be, and something in every folder."""
    for _ in range(1_500):
        folder /= "d"
        folder.mkdir()
        (folder / "e").mkdir()
        (folder / "f").touch()


def test_folders_deeper_than_python_calls_itself_go_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    with scratch_folder(tmp_path / "place", "run") as folder:
        _dig(folder)
        assert measure(folder) == 0
    with temporary_folder() as temporary:
        _dig(temporary)

    assert list(tmp_path.iterdir()) == []


def test_a_link_in_place_of_a_folder_and_where_it_leads_are_left(tmp_path: Path) -> None:
    kept = tmp_path / "kept" / "deep" / "deeper"
    kept.mkdir(parents=True)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "kept")

    clear(link)

    assert kept.is_dir()
    assert link.is_symlink()


def _refuse(*_: object, **__: object) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


def test_what_cannot_be_removed_is_left_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in ("unlink", "rmdir", "chmod"):
        monkeypatch.setattr(os, name, _refuse)

    with scratch_folder(tmp_path, "run") as scratch:
        (scratch / "tree" / "made").mkdir(parents=True)
    with scratch_folder(tmp_path, "run") as second:
        assert second != scratch
    with temporary_folder() as temporary:
        (temporary / "made").mkdir()

    assert temporary in list_temporary_folders()
    assert {scratch, second} == {*list_scratch_folders(tmp_path)}


def test_a_folder_that_goes_while_they_are_listed_is_none_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, gone = tmp_path / "omni-release-left", tmp_path / "omni-release-gone"
    left.mkdir()
    monkeypatch.setattr(type(tmp_path), "glob", lambda _, __: iter([left, gone]))

    assert list_temporary_folders() == [left]
