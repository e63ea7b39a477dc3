"""What a pull request says of others is theirs, and nothing that a forge acts upon."""

from __future__ import annotations

import pytest

from omninode_release.phases.output import LateCommit
from omninode_release.phases.pull_request import list_others

SHA = "0" * 40


def _tell(author: str) -> str:
    return list_others([LateCommit(sha=SHA, subject="fix: `x`", author=author)]).split("\n")[1]


@pytest.mark.parametrize(
    "author", ["Ann Example <ann@example.org>", "Zoë O'Neil-Ng, Jr. <z.o+x@example.org>"]
)
def test_a_name_stands_there_as_it_is(author: str) -> None:
    assert _tell(author) == f"- {SHA} `fix: x` by {author}"


@pytest.mark.parametrize(
    "author",
    [
        "@org/everybody <a@example.org>",
        "![](https://evil.example/x.png) <a@example.org>",
        "**Approved** [see](https://evil.example) <a@example.org>",
        "<img src=x> <a@example.org>",
    ],
)
def test_a_name_that_would_be_markdown_is_quoted(author: str) -> None:
    assert _tell(author) == f"- {SHA} `fix: x` by `{author}`"
