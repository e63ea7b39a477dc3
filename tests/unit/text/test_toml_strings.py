"""Strings of a TOML text are found where they stand and replaced in place."""

from __future__ import annotations

import tomllib

import pytest

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.toml_strings import KeyPath, document, replace_strings, string_values


@pytest.mark.parametrize(
    ("text", "path", "token"),
    [
        pytest.param('a = "x"', ("a",), '"x"', id="basic"),
        pytest.param("a = 'x'", ("a",), "'x'", id="literal"),
        pytest.param('a = """x"""', ("a",), '"""x"""', id="multi-line-basic"),
        pytest.param("a = '''x'''", ("a",), "'''x'''", id="multi-line-literal"),
        pytest.param('a = """"x"""""', ("a",), '""""x"""""', id="quotes-at-both-ends"),
        pytest.param("a = ''''x'''''", ("a",), "''''x'''''", id="apostrophes-at-both-ends"),
        pytest.param('a = ""', ("a",), '""', id="empty"),
        pytest.param('a = """"""', ("a",), '""""""', id="empty-multi-line"),
        pytest.param(r'a = "\"#\\" # "b"', ("a",), r'"\"#\\"', id="escapes-and-a-comment"),
        pytest.param('# a = "no"\na = "x"', ("a",), '"x"', id="commented-line-before"),
        pytest.param("# don't\na = 'x'", ("a",), "'x'", id="apostrophe-in-a-comment"),
        pytest.param('"a b" = "x"', ("a b",), '"x"', id="quoted-key"),
        pytest.param("a.'b.c'.d = 'x'", ("a", "b.c", "d"), "'x'", id="quoted-key-in-a-dotted-one"),
        pytest.param('["t"]\na = "x"', ("t", "a"), '"x"', id="quoted-header"),
        pytest.param('[ "t" . "u" ]\na = "x"', ("t", "u", "a"), '"x"', id="spaced-header"),
        pytest.param('"\\u0061" = "x"', ("a",), '"x"', id="escaped-key"),
        pytest.param('a = [["x"]]', ("a", 0, 0), '"x"', id="looks-like-a-header"),
        pytest.param('a = [\n["y"],\n["x"]\n]', ("a", 1, 0), '"x"', id="header-like-lines"),
        pytest.param('a = [1, "y", { b = "x" }]', ("a", 2, "b"), '"x"', id="inline-table"),
        pytest.param('[[t]]\n[[t]]\na = "x"', ("t", 1, "a"), '"x"', id="array-of-tables"),
        pytest.param(
            '[["t"]]\na = "y"\n[["t"]]\na = "x"', ("t", 1, "a"), '"x"', id="quoted-array-of-tables"
        ),
        pytest.param('a = "string-0"\nb = "x"', ("b",), '"x"', id="text-like-a-marker"),
    ],
)
def test_a_string_is_found_at_its_path(text: str, path: KeyPath, token: str) -> None:
    found = string_values(text)[path]

    assert text[found.start : found.end] == token
    assert found.value == tomllib.loads(f"x = {token}")["x"]


def test_every_string_value_is_found_and_no_key() -> None:
    text = 'a = "1"\n"b" = ["2", \'3\']\n["c"."d"]\ne = { "f" = """4""" } # "5"\n'

    assert {path: each.value for path, each in string_values(text).items()} == {
        ("a",): "1",
        ("b", 0): "2",
        ("b", 1): "3",
        ("c", "d", "e", "f"): "4",
    }


@pytest.mark.parametrize(
    ("token", "value", "expected"),
    [
        pytest.param('"old"', "new", '"new"', id="basic"),
        pytest.param("'old'", "new", "'new'", id="literal"),
        pytest.param('"""old"""', "new", '"""new"""', id="multi-line-basic"),
        pytest.param("'''old'''", "new", "'''new'''", id="multi-line-literal"),
        pytest.param("'old'", "it's", '"it\'s"', id="literal-cannot-hold-it"),
        pytest.param('"old"', 'a"b\\c', r'"a\"b\\c"', id="escaped"),
        pytest.param("'old'", 'a"b\\c', "'a\"b\\c'", id="literal-needs-no-escapes"),
        pytest.param("'old'", "a\nb", r'"a\u000ab"', id="line-end"),
        pytest.param("'''old'''", "a'''b", '"""a\'\'\'b"""', id="multi-line-literal-cannot"),
        pytest.param('"""old"""', '"', r'"""\""""', id="quote-at-the-end"),
        pytest.param('"""\nold\n"""', "\nnew", r'"""\u000anew"""', id="leading-line-end"),
        pytest.param('"old"', "tab\t", '"tab\t"', id="tab"),
        pytest.param('"old"', "", '""', id="empty"),
    ],
)
def test_the_quotes_are_kept_where_the_value_allows(token: str, value: str, expected: str) -> None:
    text = f"# first\r\na = {token}   # last\r\nb = 1\r\n"

    edited = replace_strings(text, {("a",): value})

    assert edited == text.replace(token, expected)
    assert tomllib.loads(edited) == {"a": value, "b": 1}


def test_several_values_change_at_once_and_nothing_else() -> None:
    text = 'a = ["x", "x", "x"] # "x"\r\nn = nan\nf = 1.0\n"x" = 2026-02-25\n'

    edited = replace_strings(text, {("a", 0): "a longer one", ("a", 2): ""})

    assert edited == text.replace('["x", "x", "x"]', '["a longer one", "x", ""]')


def test_nothing_to_change_is_no_change() -> None:
    assert replace_strings('a = "x"\n', {}) == 'a = "x"\n'


@pytest.mark.parametrize("path", [("b",), ("n",), ("a", 0)], ids=["missing", "number", "deeper"])
def test_a_path_without_a_string_is_a_bug_of_the_caller(path: KeyPath) -> None:
    with pytest.raises(ReleaseError) as caught:
        replace_strings('a = "x"\nn = 1\n', {path: "y"})

    assert caught.value.code is ErrorCode.INTERNAL_ERROR


def test_an_edit_that_does_not_read_back_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omninode_release.text.toml_strings._quoted", lambda *_, **__: "[1]")

    with pytest.raises(ReleaseError, match="does not read back"):
        replace_strings('a = "x"\n', {("a",): "y"})


@pytest.mark.parametrize("text", ['a = "x', "a = x", '\ufeffa = "x"', "a = 1\na = 2"])
def test_what_is_not_toml_is_reported_by_tomllib(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        string_values(text)


def test_a_document_with_nan_is_equal_to_itself() -> None:
    assert document("a = nan") == document("a  =  nan")
