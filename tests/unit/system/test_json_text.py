"""JSON from outside: whatever is wrong with it is a ValueError that says so."""

from __future__ import annotations

import pytest

from omninode_release.system.json_text import DEEPEST, is_nested_deeper, parse_json

WRONG: dict[str, tuple[str | bytes, str]] = {
    "torn": ('{"a": ', "line 1 column 7"),
    "not text": (b"\xff", "utf-8"),
    "nested beyond the reader": ("[" * 100_000, "nested too deeply"),
    "nested beyond any use": ("[" * 101 + "]" * 101, "more than 100 levels"),
    "a number of thousands of digits": ("1" * 5000, "digits"),
    "nothing": ("", "line 1"),
}


@pytest.mark.parametrize(("text", "says"), WRONG.values(), ids=WRONG)
def test_what_is_no_json_is_a_value_error(text: str | bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_json(text)


def test_bytes_are_read_as_utf_8() -> None:
    assert parse_json('{"a": ["ä"]}'.encode()) == {"a": ["ä"]}


def test_depth_is_counted_without_walking_into_it() -> None:
    value: list[object] = []
    for _ in range(50_000):
        value = [value]

    assert is_nested_deeper(value, DEEPEST)
    assert not is_nested_deeper({"a": [{"b": 1}]}, 3)
    assert is_nested_deeper({"a": [{"b": 1}]}, 2)
