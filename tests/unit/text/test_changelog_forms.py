"""In which form a changelog is written."""

from __future__ import annotations

import pytest

from omninode_release.text import changelog, rst_changelog
from omninode_release.text.changelog_forms import find_form


@pytest.mark.parametrize(
    ("kind", "path", "form"),
    [
        ("markdown", "CHANGES", changelog),
        ("rst", "CHANGES", rst_changelog),
        ("towncrier", "docs/News.MD", changelog),
        ("towncrier", "NEWS.rst", rst_changelog),
        ("towncrier", "NEWS.RST", rst_changelog),
        ("towncrier", "CHANGES.txt", rst_changelog),
    ],
)
def test_towncrier_writes_markdown_only_into_a_file_of_that_name(
    kind: str, path: str, form: object
) -> None:
    assert find_form(kind, path) is form
