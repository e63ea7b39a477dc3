"""In which form a changelog is written."""

from __future__ import annotations

import pytest

from omninode_release.errors import ReleaseError
from omninode_release.text.changelogs import markdown_changelog as changelog
from omninode_release.text.changelogs import rst_changelog
from omninode_release.text.changelogs.forms import find_form, require_known_form


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
        ("## Changes from 1.9.0 to 2.0.0\n\n- X\n", "v2.0.0", False),
        ("CHANGES  2.0.0\t 19/03/2021\n-----\n\n- X\n", "v2.0.0", False),
        ("# Changes\n\n## 1.9.0\n\n- X\n\n#### 2.0.0\n\n- Y\n", "v2.0.0", False),
        ("2.0.0 Current release\n  * X\n", "v2.0.0", False),
        ("# Changelog\n\nSince 2.0.0 we use tags.\n", "v2.0.0", True),
        ("## 2.0.0\n\n- X\n\n2.0.0 was a mess\n", "v2.0.0", True),
    ],
)
def test_a_release_that_is_told_of_in_another_form_leaves_no_place_for_an_entry(
    text: str, tag: str | None, *, is_read: bool
) -> None:
    assert is_known(text, tag) is is_read


def is_known(text: str, tag: str | None, kind: str = "markdown") -> bool:
    try:
        require_known_form(find_form(kind, "CHANGES"), text, tag, "2.1.0")
    except ReleaseError:  # what it says is shown elsewhere
        return False
    return True


@pytest.mark.parametrize("heading", ["## 2.0.0", "## [2.0.0] - 2026-02-01", "### [v2.0.0](x)"])
def test_entries_of_markdown_are_none_of_restructuredtext(heading: str) -> None:
    assert not is_known(f"# Changes\n\n{heading}\n\n- X\n", "v2.0.0", "rst")


_SHOWN = ["rst .. include:: ../CHANGES.rst", "rst .. release-notes::", "markdown --8<-- 'NEWS.md'"]


@pytest.mark.parametrize("shown", _SHOWN)
@pytest.mark.parametrize("tag", [None, "v2.0.0"])
def test_a_page_that_shows_entries_from_elsewhere_gets_none(shown: str, tag: str | None) -> None:
    kind, _, line = shown.partition(" ")
    own = "\n2.0.0\n-----\n\n- X\n"

    assert not is_known(f"Changelog\n=========\n\n{line}\n", tag, kind)
    assert is_known(f"Changelog\n=========\n\n{line}\n{own}", tag, kind)
    assert is_known(f"{own}\n1.9.0\n-----\n\n{line}\n", "v1.9.0", kind)
