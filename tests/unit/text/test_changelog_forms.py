"""In which form a changelog is written."""

from __future__ import annotations

import pytest

from omninode_release.errors import ReleaseError
from omninode_release.text import changelog, rst_changelog
from omninode_release.text.changelog_forms import find_form, require_known_form


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


_AGAIN = "## v0.21.4 (2025-02-04)\n\n- X\n\n## v0.2.0 (2022-08-18)\n\n- Y\n"


@pytest.mark.parametrize(
    ("text", "tag", "is_read"),
    [
        (_AGAIN, "v0.21.4", True),
        (_AGAIN, "v2.0.0", True),  # it is told of nowhere: 0.2.0 is another
        (_AGAIN, None, True),
        ("**2.0.0 (2025-02-04)**\n\n- X\n", "v2.0.0", False),
        ("What is new in v2.0 (today)\n\n- X\n", "v2.0.0", False),
    ],
)
def test_a_release_that_is_told_of_in_another_form_leaves_no_place_for_an_entry(
    text: str, tag: str | None, *, is_read: bool
) -> None:
    try:
        require_known_form(find_form("markdown", "CHANGES"), text, tag, "2.1.0")
    except ReleaseError as error:
        assert not is_read, error  # noqa: PT017 - what it says is shown elsewhere
    else:
        assert is_read
