"""The embedded index: whether its folder is there or can be made."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from omninode_release.adapters.local import index_provider
from omninode_release.adapters.uv import Links
from omninode_release.errors import ErrorCode
from omninode_release.models.check import Check
from support.sites import index_site


def test_a_folder_that_can_be_made_is_ready_and_is_not_made(tmp_path: Path) -> None:
    site = index_site(tmp_path, local={"index_dir": "../deep/index"})

    assert list(index_provider.readiness(site)) == [
        Check("index", "folder", "ok", str(tmp_path / "deep" / "index"))
    ]
    assert not (tmp_path / "deep").exists()


def test_a_file_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("", encoding="utf-8")

    (check,) = index_provider.readiness(index_site(tmp_path))

    assert (check.state, check.code) == ("failed", ErrorCode.CONFIG_INVALID)
    assert f"found {tmp_path / 'index'}, which is a file" in check.text
    assert "local.index_dir" in check.hint


def test_a_folder_that_cannot_be_written_to_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, _mode: path != tmp_path)

    (check,) = index_provider.readiness(index_site(tmp_path))

    assert f"found {tmp_path}, which cannot be written to" in check.text


def test_uv_is_told_of_the_folder(tmp_path: Path) -> None:
    site = index_site(tmp_path, local={"index_only": True})

    assert index_provider.links(site) == Links(tmp_path / "index", only=True)
