"""A TOML text as tomllib reads it, and the lines on which its strings stand."""

from __future__ import annotations

import tomllib

import pytest

from omninode_release.text.formats.toml_document import KeyPath, find_line, parse_toml


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        pytest.param('a = "x"', ("a",), 1, id="basic"),
        pytest.param("\r\n# a = 'x'\r\na = 'x'\r\n", ("a",), 3, id="not-the-comment"),
        pytest.param('a = ["x",\n"x",\n"x"]', ("a", 2), 3, id="the-third-of-three"),
        pytest.param('"a" = "a"\nb = "a"', ("b",), 2, id="not-the-key"),
        pytest.param('a = "xx"\nb = "x"', ("b",), 2, id="not-a-part-of-another"),
        pytest.param('[[t]]\n[[t]]\na = "x"', ("t", 1, "a"), 3, id="array-of-tables"),
        pytest.param('a = """\\\n\n  x"""', ("a",), 3, id="inside-a-longer-string"),
        pytest.param(r'a = "\"#\\"', ("a",), 1, id="escaped-quotes"),
        pytest.param(r'a = "\u0078"', ("a",), None, id="spelt-in-escapes"),
        pytest.param('a = ""', ("a",), None, id="empty"),
        pytest.param("a = 1", ("a",), None, id="not-a-string"),
        pytest.param('b = "x"', ("a", 0), None, id="missing"),
    ],
)
def test_a_string_is_found_on_its_line(text: str, path: KeyPath, line: int | None) -> None:
    assert find_line(text, path) == line


@pytest.mark.parametrize("text", ['a = "x', "a = x", '\ufeffa = "x"', "a = 1\na = 2"])
def test_what_is_not_toml_is_reported_by_tomllib(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        parse_toml(text)


def test_a_document_with_nan_is_equal_to_itself() -> None:
    assert parse_toml("a = nan") == parse_toml("a  =  nan")


UNREADABLE: dict[str, tuple[str, str]] = {
    "nested brackets": ("a = 1\nb = " + "[" * 2000, "nested too deeply .at line 2."),
    "nested tables": ("a = 1\n\nb = " + "{x = " * 2000, "nested too deeply .at line 3."),
    "dotted keys": ("a." * 500 + "a = 1", "more than 100 levels"),
    "a number of thousands of digits": ("a = 1\nb = " + "1" * 5000, r"digits.*at line 2."),
    "a hexadecimal one": ("a = 1\nb = [{c = 0x" + "f_" * 4000 + "f}]", r"digits .at line 2."),
}


@pytest.mark.parametrize(("text", "says"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_tomllib_stumbles_over_is_told_as_it_tells_everything_else(
    text: str, says: str
) -> None:
    with pytest.raises(tomllib.TOMLDecodeError, match=says):
        parse_toml(text)


def test_a_long_text_of_digits_is_no_number() -> None:
    assert parse_toml(f"a = '0x{'f' * 5000}'\nb = 0xff") == {"a": f"0x{'f' * 5000}", "b": 255}
