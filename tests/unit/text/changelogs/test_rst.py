"""reStructuredText: what is a heading, and that no subject of a commit forges markup."""

from __future__ import annotations

import io

import docutils.core
import docutils.nodes
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from omninode_release.text.changelogs.rst import escape_rst, find_headings


def parse(rst: str) -> tuple[docutils.nodes.document, str]:
    stream = io.StringIO()
    settings = {"warning_stream": stream, "report_level": 1, "halt_level": 5}
    return docutils.core.publish_doctree(rst, settings_overrides=settings), stream.getvalue()


@given(st.text(alphabet="ab1 .:_*`|\\-+#()[]<>@/~=\"'^&", max_size=30))
@example("a__ b")
@example("`a`_ and `b`")
@example("1. one")
@example(":field: x")
@example("see::")
@example("http://a.example/b_ c")
@example("|sub|_")
@example("a `b``c`")
@example("(`):`:")
@example("'`'a`")
def test_a_bullet_is_one_paragraph_of_text(text: str) -> None:
    escaped = escape_rst(text)

    document, warned = parse(f"- first\n- {escaped}\n- last\n")

    assert warned == ""
    assert len(document.children) == 1
    items = document.children[0].children
    assert len(items) == 3
    if escaped:
        paragraph = items[1].children[0]
        assert isinstance(paragraph, docutils.nodes.paragraph)
        known = (docutils.nodes.Text, docutils.nodes.literal, docutils.nodes.reference)
        assert all(isinstance(each, known) for each in paragraph.children)
        assert paragraph.astext().replace("`", "") == " ".join(text.split()).replace("`", "")


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("A\n=\n\nB\n-\n", ["A", "B"]),
        ("===\n A\n===\n", ["A"]),
        ("a\nB\n-\n", []),
        ("::\n\n  B\n  -\n", []),
        ("A\n\n----\n\nB\n", []),
        ("==  ==\na   b\n==  ==\n", []),
        ("Long title\n--\n", []),
        ("A\r\n=\r\n", ["A"]),
    ],
)
def test_headings_are_those_of_docutils(text: str, titles: list[str]) -> None:
    assert [each.text for each in find_headings(text.split("\n"))] == titles
