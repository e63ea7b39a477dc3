"""``omni-release demo`` and what the README shows of it."""

from __future__ import annotations

import os
import re
import runpy
from pathlib import Path
from typing import TYPE_CHECKING

from omninode_release.commands.main import main
from omninode_release.system.clock import FixedClock
from support.cli import MOMENT

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def demo(*args: str) -> int:
    return main(["demo", *args], environ=os.environ, clock=FixedClock(MOMENT))


def test_the_demo_releases_six_packages_and_installs_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept"

    code = demo("--keep", str(kept))

    out = capsys.readouterr().out
    assert code == 0, out
    assert "SUCCESS demo: 6 released, 0 failed, 0 blocked, 0 skipped" in out
    assert "omninode-memory        0.3.1   omnibase-core==1.5.0" in out
    assert (kept / "state/skill-results/demo/release.json").is_file()
    looked = re.search(r"^ONEX_STATE_DIR=(\S+) omni-release (status .*)$", out, re.MULTILINE)
    assert looked is not None
    assert main(looked[2].split(), environ={**os.environ, "ONEX_STATE_DIR": looked[1]}) == 0
    assert "Run demo: completed" in capsys.readouterr().out
    for shown in re.findall(r"```text\n(.*?)```", README, re.DOTALL)[:2]:
        assert shown in out, "the README shows something else than the demo prints"
    picture = runpy.run_path(str(ROOT / "bench" / "picture.py"))
    drawn = (ROOT / "docs" / "demo.svg").read_text(encoding="utf-8")
    assert picture["draw"](out) == drawn, "the picture is another: run `make picture`"
    assert str(tmp_path) not in drawn


def test_the_demo_refuses_a_folder_with_files_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").touch()

    assert demo("--keep", str(tmp_path)) == 2
    assert f"found files in {tmp_path}" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_the_demo_takes_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo("--fast") == 2
    assert "demo: No such option '--fast'" in capsys.readouterr().err
