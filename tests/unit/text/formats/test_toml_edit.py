"""Strings of a TOML text are replaced in place, or the edit is refused."""

from __future__ import annotations

import tomllib

import pytest
import tomlkit

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.formats.toml_document import KeyPath, parse_toml, value_at
from omninode_release.text.formats.toml_edit import replace_strings

WHERE = "core/pyproject.toml"


def replaced(text: str, new_values: dict[KeyPath, str]) -> str:
    return replace_strings(text, new_values, where=WHERE, code=ErrorCode.BUMP_FAILED)


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
def test_a_string_is_replaced_at_its_path(text: str, path: KeyPath, token: str) -> None:
    edited = replaced(text, {path: "new"})

    start = text.rindex(token)
    assert edited.startswith(text[:start])
    assert edited.endswith(text[start + len(token) :])
    assert value_at(parse_toml(edited), path) == "new"


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
        pytest.param("'old'", "a\nb", r'"a\nb"', id="line-end"),
        pytest.param("'''old'''", "a'''b", '"""a\'\'\'b"""', id="multi-line-literal-cannot"),
        pytest.param('"""old"""', '"', '"""""""', id="quote-at-the-end"),
        pytest.param('"old"', "tab\t", '"tab\t"', id="tab"),
        pytest.param('"old"', "", '""', id="empty"),
        pytest.param('"""\\\r\n  old"""', "new", '"""\\\r\n  new"""', id="on-the-second-line"),
        pytest.param(r'"\u006f\u006c\u0064"', "new", '"new"', id="spelt-in-escapes"),
        pytest.param(r'"""old \"x\" old"""', 'new "x"', r'"""new \"x\""""', id="escaped-quotes"),
    ],
)
def test_the_quotes_are_kept_where_the_value_allows(token: str, value: str, expected: str) -> None:
    text = f"# first\r\na = {token}   # last\r\nb = 1\r\n"

    edited = replaced(text, {("a",): value})

    assert edited == text.replace(token, expected)
    assert tomllib.loads(edited) == {"a": value, "b": 1}


def test_several_values_change_at_once_and_nothing_else() -> None:
    text = 'a = ["x", "x", "x"] # "x"\r\nn = nan\nf = 1.0\n"x" = 2026-02-25\n'

    edited = replaced(text, {("a", 0): "a longer one", ("a", 2): ""})

    assert edited == text.replace('["x", "x", "x"]', '["a longer one", "x", ""]')


def test_nothing_to_change_is_no_change() -> None:
    assert replaced('a = "x"\n', {}) == 'a = "x"\n'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a = 1", id="not-a-string"),
        pytest.param('b = "x"', id="missing"),
        pytest.param('a = """\nx\ny"""', id="takes-a-line-away"),
        pytest.param('a = "x"\n[[b]]\n[c]\n[[b]]\n', id="tomlkit-moves-the-tables"),
        pytest.param("[a.b]\n[c.d]\n[a]\n[c.e]\n[x]\n[c]\n[a.d]\n", id="tomlkit-refuses"),
    ],
)
def test_what_cannot_be_changed_alone_is_refused(text: str) -> None:
    tomllib.loads(text)

    with pytest.raises(ReleaseError) as caught:
        replaced(text, {("a",): "y"})

    assert caught.value.code is ErrorCode.BUMP_FAILED
    assert f"{WHERE}: expected to change a and nothing else" in caught.value.message


@pytest.mark.parametrize(
    ("written", "why"),
    [
        pytest.param('a = "y"\nb = 2\n', "another value", id="another-value"),
        pytest.param('a = "x"\nb = 1\n', "another value", id="nothing"),
        pytest.param('a = "y"\nb = 0x1\n', "other text", id="another-spelling"),
        pytest.param('a = "y" \nb = 1\n', "other text", id="a-space"),
        pytest.param('a = "y"\r\nb = 1\n', "other text", id="a-line-end"),
        pytest.param('a = "y"\nb = 1', "other text", id="the-last-line-end"),
        pytest.param('b = 1\na = "y"\n', "other text", id="the-order"),
        pytest.param("a = 'y'\nb = 1\n", "other text", id="the-quotes"),
        pytest.param("a =", "another value", id="not-toml"),
    ],
)
def test_an_edit_that_does_more_than_was_asked_is_refused(
    monkeypatch: pytest.MonkeyPatch, written: str, why: str
) -> None:
    monkeypatch.setattr(tomlkit.TOMLDocument, "as_string", lambda _: written)

    with pytest.raises(ReleaseError, match=f"found that {why} would change"):
        replaced('a = "x"\nb = 1\n', {("a",): "y"})


def test_a_comment_that_says_the_same_is_not_edited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tomlkit.TOMLDocument, "as_string", lambda _: '# "y"\na = "y"\n')

    with pytest.raises(ReleaseError, match="other text would change"):
        replaced('# "x"\na = "x"\n', {("a",): "y"})
