"""Where `BREAKING CHANGE:` is a footer, and where it is only mentioned."""

from __future__ import annotations

import pytest

from omninode_release.models.commit import Level
from omninode_release.text.commits.breaking_footers import has_breaking_footer
from support.commits import read


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("BREAKING CHANGE: gone", id="alone"),
        pytest.param("Why.\n\nBREAKING CHANGE: gone", id="last-paragraph"),
        pytest.param("Why.\n\nBREAKING-CHANGE: gone", id="hyphen"),
        pytest.param("Why.\r\n\r\nBREAKING CHANGE: gone\r\n", id="crlf"),
        pytest.param("Why.\n\nRefs: #1\nBREAKING CHANGE: gone\n", id="among-footers"),
        pytest.param(
            "Why.\n\nBREAKING CHANGE: gone\n\nCo-authored-by: A <a@b>", id="before-others"
        ),
        pytest.param(
            "Why.\n\nBREAKING CHANGE: gone\n\n---------\n\nCo-authored-by: A <a@b>",
            id="before-the-rule-of-a-squash",
        ),
        pytest.param("Why.\n\nBREAKING CHANGE: these went:\n- a\n- b", id="with-a-list"),
        pytest.param("Why.\n\nBREAKING CHANGE:\nthe name", id="value-on-the-next-line"),
        pytest.param("Why.\n\nBREAKING CHANGE: b\n\nAnd then some prose.", id="before-prose"),
        pytest.param("* feat: a\n\nBREAKING CHANGE: b\n\n* fix: c\n\nmore", id="inside-a-squash"),
        pytest.param(
            "* feat: a\n\nBREAKING CHANGE: b\n\n* test: c\n\n---------\n\nCo-authored-by: A <a@b>",
            id="a-whole-squash-body",
        ),
        pytest.param(
            "* feat: a\r\n\r\nBREAKING CHANGE: b\r\n\r\n* fix: c\r\n", id="a-squash-body-in-crlf"
        ),
        pytest.param("Why.\nRefs: #1\nBREAKING CHANGE: b", id="after-a-footer"),
        pytest.param("Why.\nCloses #1\nBREAKING CHANGE: b", id="after-a-footer-with-a-number"),
        pytest.param("Refs: one,\n  two\nBREAKING CHANGE: b", id="after-a-footer-of-two-lines"),
        pytest.param("- a\n- b\nRefs: #1\nBREAKING CHANGE: b", id="after-a-list-and-a-footer"),
        pytest.param("## Notes\nBREAKING CHANGE: b", id="below-a-heading"),
        pytest.param("Why.\n---\nBREAKING CHANGE: b", id="below-a-rule"),
        pytest.param("```\nBREAKING CHANGE: a\n```\nBREAKING CHANGE: b", id="below-a-fence"),
        pytest.param("```python\n\nBREAKING CHANGE: b", id="below-a-fence-without-an-end"),
        pytest.param("<details>\n\nBREAKING CHANGE: b", id="below-details-without-an-end"),
        pytest.param(
            "<details>\n<details>\n</details>\n\nBREAKING CHANGE: b", id="below-inner-details"
        ),
        pytest.param("BREAKING CHANGE:b", id="without-a-space"),
    ],
)
def test_a_breaking_footer_is_a_major(body: str) -> None:
    found = read("fix: x", body)

    assert found.breaking
    assert found.level is Level.MAJOR


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("* BREAKING CHANGE: b", id="in-a-bullet"),
        pytest.param("- a\nBREAKING CHANGE: b", id="under-a-bullet"),
        pytest.param("This is no BREAKING CHANGE: b", id="not-at-line-start"),
        pytest.param("It reads the tokens\nBREAKING CHANGE: and more", id="in-wrapped-prose"),
        pytest.param(
            "It reads\nBREAKING CHANGE: and\nBREAKING-CHANGE: alike", id="twice-in-wrapped-prose"
        ),
        pytest.param("Before:\nBREAKING CHANGE: b", id="after-a-label"),
        pytest.param("* feat: a\n\n  BREAKING CHANGE: b", id="indented-below-a-bullet"),
        pytest.param("> BREAKING CHANGE: b", id="quoted"),
        pytest.param("```\n\nBREAKING CHANGE: b\n\n```", id="in-a-fence"),
        pytest.param("~~~~ text\n```\n\nBREAKING CHANGE: b\n\n~~~~~", id="in-a-fence-of-waves"),
        pytest.param(
            "- such as\n\n  ```text\n\nBREAKING CHANGE: b\n\n  ```", id="in-a-fence-below-a-bullet"
        ),
        pytest.param(
            "### Release notes\n\n<details>\n\nBREAKING CHANGE: b\n\n</details>", id="in-details"
        ),
        pytest.param(
            "<details>\n\n<DETAILS><summary>more</summary>\n\n</details>\n\n"
            "BREAKING CHANGE: b\n\n</details>",
            id="in-details-that-hold-others",
        ),
        pytest.param(
            "<details>\n\nBlocks of `<details>` nest\n\nBREAKING CHANGE: b\n\n</details>",
            id="in-details-that-mention-others",
        ),
        pytest.param("<!--\n\nBREAKING CHANGE: what\n\n-->", id="in-a-comment"),
        pytest.param("breaking change: b", id="lower-case"),
        pytest.param("BREAKING CHANGES:\n- strict typing", id="plural"),
        pytest.param("", id="empty"),
    ],
)
def test_the_words_elsewhere_break_nothing(body: str) -> None:
    assert not read("feat: x", body).breaking


def test_a_very_long_body_is_read_in_no_time() -> None:
    body = "```python\n<details>\n~~~\n" * 20_000

    assert not has_breaking_footer(body)
