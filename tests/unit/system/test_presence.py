"""What cannot be looked at is not taken for what is not there, whatever Python runs this."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from omninode_release.system.presence import is_file, is_folder, is_there

PACKAGE = Path(__file__).resolve().parents[3] / "node" / "omninode_release"


def test_what_is_there_is_told_by_its_kind(tmp_path: Path) -> None:
    file, link, lost, circle = (tmp_path / name for name in ("file", "link", "lost", "circle"))
    absent = [lost, circle, file / "below", tmp_path / "none\0"]
    file.touch()
    link.symlink_to(tmp_path)
    lost.symlink_to("nowhere")
    circle.symlink_to(circle)

    assert [is_there(path) for path in (file, link, *absent)] == [True, True, *[False] * 4]
    assert [is_file(path) for path in (file, link, *absent)] == [True, *[False] * 5]
    assert [is_folder(path) for path in (file, link, *absent)] == [False, True, *[False] * 4]


@pytest.mark.parametrize("question", [is_there, is_file, is_folder])
def test_what_cannot_be_looked_at_is_an_error(question: object) -> None:
    assert callable(question)
    with pytest.raises(OSError, match="File name too long"):
        question(Path("x" * 4000))


def test_nothing_asks_pathlib() -> None:
    asked = [
        f"{path.relative_to(PACKAGE)}:{call.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] != "contract" and "demo" not in path.name
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        if call.func.attr in {"exists", "is_dir", "is_file"} and not call.args
    ]

    assert asked == []
