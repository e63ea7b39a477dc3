"""``omni-release demo`` and what the README shows of it."""

from __future__ import annotations

import io
import os
import re
import runpy
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.commands.main import main
from omninode_release.console.render import Console, render_summary
from omninode_release.events import Subscribers
from omninode_release.models.result import ModelSkillResult
from omninode_release.release import session
from omninode_release.system.clock import FixedClock
from support.cli import MOMENT
from support.terminal import Shown, on_terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syrupy.assertion import SnapshotAssertion

    from omninode_release.release.environment import Environment

ROOT = Path(__file__).resolve().parents[2]
PICTURE = runpy.run_path(str(ROOT / "bench" / "picture.py"))
README = (ROOT / "README.md").read_text(encoding="utf-8")


def demo(*args: str) -> int:
    return main(["demo", *args], environ=os.environ, clock=FixedClock(MOMENT))


def record(patch: pytest.MonkeyPatch, camera: Any) -> Mapping[int, io.StringIO]:
    """Terminals of 80 and of 120 columns that are shown what the command shows, and a camera."""
    screens = {80: io.StringIO(), 120: io.StringIO()}

    def open_console(environment: Environment, *, verbose: bool = False) -> Subscribers:
        terminals = (Console(out, verbose, width) for width, out in screens.items())
        return Subscribers(Console(environment.stdout), camera, *terminals)

    patch.setattr(session, "open_console", open_console)
    return screens


# What a run measures, and where it lies.
_OURS = re.compile(r"(?<=\(Python )[\d.]+|  \(\d+ (?:m|s)[^)]*\)$", re.MULTILINE)


def test_the_demo_releases_six_packages_and_installs_them(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    snapshot: SnapshotAssertion,
) -> None:
    kept, camera = tmp_path / "kept", PICTURE["Camera"]()
    screens = record(monkeypatch, camera)

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
    result = (kept / "state/skill-results/demo/release.json").read_text("utf-8")
    for columns, screen in screens.items():
        end = render_summary(ModelSkillResult.model_validate_json(result), width=columns)
        text = _OURS.sub("", screen.getvalue() + "\n".join(end)).split("\n\n")
        shown = "\n\n".join(each for each in text if str(tmp_path)[:12] not in each)
        assert [line for line in shown.splitlines() if len(line) > columns] == []
        assert shown == snapshot(name=f"demo-{columns}")
    for name, drawn in {"demo": PICTURE["draw_demo"](out), "demo-run": camera.end(out)}.items():
        shown = (ROOT / "docs" / f"{name}.svg").read_text(encoding="utf-8")
        assert drawn == shown, f"{name}.svg is another: run `make picture`"
        assert str(tmp_path) not in drawn
        assert len(drawn) <= 300_000


def test_what_is_prepared_can_be_planned_failed_and_resumed_by_hand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo("--prepare", str(tmp_path / "six")) == 0
    printed = capsys.readouterr().out.partition("In a shell:")[2].splitlines()
    exports = [line for line in printed if line.startswith("export ")]
    assert len(exports) == 3
    assert not [line for line in printed if " #" in line]  # zsh takes no comment that is typed
    environ = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

    def type_in(line: str) -> Shown:
        argv = ("bash", "-ec", "\n".join([*exports, line]))
        return on_terminal(argv, environ)

    plan = type_in(next(line for line in printed if "--dry-run" in line))
    failing = printed[printed.index("To see it fail at omnibase_infra and go on, before it is"
                                    " released:") + 1 :]  # fmt: skip
    typed = [type_in(line) for line in failing if line]
    status = type_in(next(line for line in printed if "status" in line))

    assert (plan.code, plan.text.count("  release\n")) == (0, 6)
    *broken, failed, mended, resumed = typed
    assert {each.code for each in (*broken, mended)} == {0}
    assert failed.code == 3
    assert "omnibase_infra    2.0.0 →" in failed.text.partition("PUSH_FAILED")[2]
    assert "remote: not today" in failed.text
    assert (resumed.code, "SUCCESS demo: 6 released" in resumed.text) == (0, True)
    assert "Run demo: completed" in status.text


def test_the_demo_refuses_a_folder_with_files_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").touch()

    assert demo("--keep", str(tmp_path)) == 2
    assert f"found files in {tmp_path}" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("option", ["--keep", "--prepare"])
def test_the_demo_refuses_a_file_as_its_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    (tmp_path / "mine").touch()

    assert demo(option, str(tmp_path / "mine")) == 2
    assert f"found a file at {tmp_path / 'mine'}" in capsys.readouterr().err


def test_the_demo_takes_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo("--fast") == 2
    assert "demo: No such option '--fast'" in capsys.readouterr().err
