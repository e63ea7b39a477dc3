"""What cannot be looked at is not taken for what is not there, whatever Python runs this.

Two names may be of one place.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from omninode_release.system.presence import find_inside, is_file, is_folder, is_same, is_there
from support.any_case import take_any_case

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


def test_a_place_is_the_same_under_each_of_its_names(tmp_path: Path) -> None:
    there, link = tmp_path / "there", tmp_path / "link"
    there.mkdir()
    link.symlink_to(there)

    assert is_same(link, there)
    assert is_same(link / "gone" / "below", there / "gone" / "below")
    assert not is_same(link, tmp_path)
    assert not is_same(there / "gone", there / "lost")
    assert not is_same(there / "gone", Path("/"))


@pytest.mark.parametrize("odd", ["circle", "circle/below", "a\0b"])
def test_a_path_that_leads_nowhere_is_no_other_place(tmp_path: Path, odd: str) -> None:
    (tmp_path / "circle").symlink_to(tmp_path / "circle")

    assert not is_same(tmp_path / odd, tmp_path)
    assert not is_same(tmp_path, tmp_path / odd)
    assert find_inside(tmp_path / odd, tmp_path / "other") is None


def test_a_place_is_the_same_in_either_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "Code" / "omni_home"
    home.mkdir(parents=True)
    typed = tmp_path / "code" / "OMNI_HOME"
    assert not is_same(typed, home)

    take_any_case(monkeypatch)

    assert is_same(typed, home)
    assert is_same(typed / "gone", home / "gone")
    assert find_inside(home / "a" / "b", typed.parent) == Path("omni_home/a/b")
    assert find_inside(typed / "a", home / "other") is None


def test_nothing_asks_pathlib() -> None:
    asked = [
        where
        for where, name, arguments in _list_calls()
        if name in {"exists", "is_dir", "is_file"} and not arguments
    ]

    assert asked == []


def test_no_place_is_known_by_its_name() -> None:
    compared = {
        where.partition(":")[0]
        for where, name, _ in _list_calls()
        if name in {"is_relative_to", "samefile"}
    }

    # A link that leads out of a tree that was just made under that name.
    assert compared == {"system/presence.py", "release/rehearsal/row.py"}


def _list_calls() -> list[tuple[str, str, int]]:
    """The calls of methods: where one stands, its name, and how many arguments it is given."""
    return [
        (f"{path.relative_to(PACKAGE)}:{call.lineno}", call.func.attr, len(call.args))
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] != "contract" and "demo" not in path.name
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
    ]
