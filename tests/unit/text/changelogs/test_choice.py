"""Which file is the changelog, and whether it is ours."""

from __future__ import annotations

import pytest

from omninode_release.models.changelog import ChangelogKind, ChangelogSetting
from omninode_release.text.changelogs.choice import find_changelog, list_telling


@pytest.mark.parametrize(
    ("paths", "path", "ours"),
    [
        pytest.param([], "CHANGELOG.md", True, id="none"),
        pytest.param(["README.md", "docs/index.md"], "CHANGELOG.md", True, id="none-of-them"),
        pytest.param(["ChangeLog.md"], "ChangeLog.md", True, id="case"),
        pytest.param(["changelog.md", "CHANGELOG.md"], "CHANGELOG.md", True, id="both-cases"),
        pytest.param(["HISTORY.md", "CHANGES.md"], "CHANGES.md", True, id="in-order"),
        pytest.param(["CHANGES.rst", "CHANGELOG.md"], "CHANGELOG.md", True, id="two-forms"),
        pytest.param(["docs/changelog.md", "CHANGELOG.md"], "CHANGELOG.md", True, id="two-places"),
        pytest.param(["docs/changelog.md", "CHANGES.rst"], "CHANGES.rst", True, id="root-first"),
        pytest.param(["docs/changelog.md"], "docs/changelog.md", True, id="docs"),
        pytest.param(["docs/changes.rst"], "docs/changes.rst", True, id="docs-rst"),
        pytest.param(
            ["docs/en/docs/release-notes.md"], "docs/en/docs/release-notes.md", True, id="deep-docs"
        ),
        pytest.param(["docs/src/a/b/changelog.md"], "docs/src/a/b/changelog.md", True, id="deeper"),
        pytest.param(["docs/in_examples/a/CHANGELOG.md"], "CHANGELOG.md", True, id="of-an-example"),
        pytest.param(
            ["docs/history/1.6.rst", "docs/history/1.7.rst"],
            "docs/history",
            False,
            id="notes-of-old",
        ),
        pytest.param(["CHANGELOG"], "CHANGELOG", False, id="no-ending"),
        pytest.param(["NEWS.md"], "NEWS.md", True, id="news"),
        pytest.param(["docs/history.md", "docs/news.md"], "CHANGELOG.md", True, id="prose"),
        pytest.param(["src/a/changelog.md"], "CHANGELOG.md", True, id="deep"),
        pytest.param(
            ["docs/releases/5.1.txt", "docs/releases/5.2.txt"], "docs/releases", False, id="notes"
        ),
        pytest.param(
            ["doc/source/whatsnew/v2.3.0.rst", "doc/source/whatsnew/v2.3.1.rst"],
            *("doc/source/whatsnew", False),
            id="notes-deep",
        ),
        pytest.param(
            ["doc/release/release_3.4.1.rst", "doc/release/release_3.4.2.rst"],
            *("doc/release", False),
            id="notes-with-a-word",
        ),
        pytest.param(
            ["doc/prev_whats_new/whats_new_3.9.0.rst", "doc/prev_whats_new/whats_new_3.8.0.rst"],
            *("doc/prev_whats_new", False),
            id="notes-with-words",
        ),
        pytest.param(["docs/releases/5.1.txt", "news/1.2"], "CHANGELOG.md", True, id="one-note"),
        pytest.param(
            ["CHANGES.md", "releases/1.0.md", "releases/1.1.md"], "CHANGES.md", True, id="and-notes"
        ),
    ],
)
def test_the_changelog_is_the_likeliest_file(paths: list[str], path: str, ours: bool) -> None:  # noqa: FBT001
    found = find_changelog(paths, {})

    assert (found.path, found.is_ours, bool(found.why)) == (path, ours, not ours)


@pytest.mark.parametrize(
    ("path", "text", "ours"),
    [
        ("docs/news.rst", "Release Notes\n=============\n\n**0.44.0 (2024-08-04)**\n\n- X\n", True),
        ("docs/source/history.rst", "History\n=======\n\n1.2.3\n-----\n\n* X\n", True),
        ("docs/releases.md", "# Releases\n\n## v1.2 - 2024-01-02\n\n* X\n", True),
        ("RELEASES.md", "## Version 1.2.3\n", True),
        ("docs/release-history.txt", "1.2.3, today\n", False),  # its form is not known
        ("docs/history.md", "# How it began\n\nIn 2.0 years, 1.5 people wrote it.\n", None),
        ("RELEASE.md", "# How to release\n\n1. Bump\n", None),
        ("docs/source/history.rst", "History\n=======\n\nChanges in alpha 1.2\n----\n", True),
        ("docs/history.rst", "History\n=======\n\n1.2.3 *2026-10-24*\n  * X\n", True),
        ("docs/whatsnew.rst", "What's new in version 1.2.0 (2026-01-02)\n=====\n", True),
        ("docs/whats-new.md", "# What's new in v2\n\nIt needs alpha 1.2.\n", None),
        ("docs/a/b/c/news.md", "## 1.2.3\n", None),
        ("src/news.md", "## 1.2.3\n", None),
    ],
)
def test_a_file_that_may_be_prose_is_one_where_it_tells_of_releases(
    path: str, text: str, *, ours: bool | None
) -> None:
    found = find_changelog([path], {path: text})

    assert found.path == (path if ours is not None else "CHANGELOG.md")
    assert found.is_ours is (ours is not False)
    assert (path in list_telling([path])) or ours is None
    assert find_changelog([path, "CHANGES.md"], {path: text}).path == "CHANGES.md"


@pytest.mark.parametrize("path", ["CHANGES", "ChangeLog", "NEWS.txt", "docs/changelog.txt"])
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Version 1.2.3\n-------------\n\n* X\n", "rst"),
        ("alpha 1.2.3\n===========\n\n* X\n", "rst"),
        ("1.2.3 (2026-01-02)\n\n* X\n", "rst"),
        ("# Changes\n\n## 1.2.3\n\n* X\n", "markdown"),
        ("* Release 1.2.3\n\n** New\n", "none"),
        ("1.2.3 (2026-01-02)\n* X\n\n1.2.2\n-----\n\n* Y\n", "none"),
        ("2026-01-02  A. Name\n\n\t* file: X\n", "none"),
        ("", "none"),
    ],
)
def test_the_text_says_the_form_where_the_name_does_not(path: str, text: str, kind: str) -> None:
    assert find_changelog([path], {path: text}).kind == kind
    assert path in list_telling([path])


@pytest.mark.parametrize(("path", "kind"), [("doc/changelog.rst", "none"), ("CHANGES.rst", "rst")])
def test_what_reno_makes_of_its_notes_is_left_alone(path: str, kind: str) -> None:
    assert find_changelog([path, "releasenotes/notes/add-x-8f.yaml"], {}).kind == kind
    assert find_changelog([path], {}).kind == "rst"


def test_a_path_that_is_mistyped_makes_no_second_changelog() -> None:
    setting = ChangelogSetting(path="CHANGE.md")

    assert find_changelog(["CHANGES.md"], {}, setting).why.startswith("it is not there, and")
    assert find_changelog(["README.md"], {}, setting).kind == "markdown"


@pytest.mark.parametrize(
    ("kind", "path"),
    [("rst", "CHANGELOG.rst"), ("markdown", "CHANGELOG.md"), (None, "CHANGELOG.md")],
)
def test_a_new_changelog_is_named_by_its_form(kind: ChangelogKind | None, path: str) -> None:
    found = find_changelog(["README.md"], {}, ChangelogSetting(kind=kind))

    assert (found.path, found.kind) == (path, kind or "markdown")
    assert find_changelog(["README.md", path], {}, ChangelogSetting(kind=kind)).path == path


@pytest.mark.parametrize("folder", ["..", "../news", "news/../.."])
def test_fragments_of_towncrier_outside_of_the_package_are_left_alone(folder: str) -> None:
    text = f'[tool.towncrier]\ndirectory = "{folder}"\n'

    assert find_changelog(["NEWS.rst", "pyproject.toml"], {"pyproject.toml": text}).kind == "none"
