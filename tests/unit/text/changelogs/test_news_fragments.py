"""Which files are pieces of the next changelog entry."""

from __future__ import annotations

import pytest

from omninode_release.text.changelogs.news_fragments import (
    find_collected,
    find_fragments,
    find_fragments_of,
    find_towncrier,
)

TOWNCRIER = {"pyproject.toml": '[tool.towncrier]\ndirectory = "./src/a/news/"\n'}


@pytest.mark.parametrize(
    ("path", "kind", "level"),
    [
        ("newsfragments/12.feature.md", "feature", "minor"),
        ("newsfragments/+orphan.removal.rst", "removal", "major"),
        ("changelog.d/12.bugfix.2.rst", "bugfix", "patch"),
        ("docs/changelog/12.misc", "misc", "patch"),
        ("changes/12.BREAKING.md", "breaking", "major"),
        ("changelog.d/20260101_120000_pat_x.rst", "", "patch"),
        ("releasenotes/notes/add-names-1a2b3c4d.yaml", "", "patch"),
        (".changes/unreleased/Added-20260101.yaml", "", "patch"),
        (".changeset/brave-cats.md", "", "patch"),
    ],
)
def test_a_fragment_has_a_type_and_a_level(path: str, kind: str, level: str) -> None:
    assert [(each.type, each.level) for each in find_fragments([path], {})] == [(kind, level)]


@pytest.mark.parametrize(
    "path",
    [
        *("newsfragments/README.md", "newsfragments/.gitignore", "newsfragments/template.rst.j2"),
        *(".changeset/README.md", ".changeset/config.json", "RELEASE.md"),
        *("changes/version-1.2.md", "news/2026.md", "src/12.feature.md", "x/news/1.feature.md"),
    ],
)
def test_other_files_are_none(path: str) -> None:
    assert list(find_fragments([path], {})) == []


def test_the_folder_and_the_types_may_be_configured() -> None:
    paths = ["src/a/news/1.own-type.md", "src/a/news/README.md", "src/a/news/t.md.jinja2"]

    assert [each.path for each in find_fragments(paths, TOWNCRIER)] == paths[:1]
    assert find_collected(paths, TOWNCRIER) == ("towncrier", "src/a/news")
    assert find_collected(paths[1:], TOWNCRIER) is None
    assert find_collected(paths, {"towncrier.toml": "not TOML"}) is None


def test_the_notes_of_releases_beside_the_fragments_are_none() -> None:
    paths = [f"src/a/news/{name}" for name in ("1.2.0.md", "1.2.0rc1.md", "0.9.md", "7.own.md")]

    assert [each.path for each in find_fragments(paths, TOWNCRIER)] == ["src/a/news/7.own.md"]


def test_towncrier_has_a_file_of_its_own_and_scriv_a_folder() -> None:
    own = {"towncrier.toml": "[tool.towncrier]\n"}
    scriv = {"pyproject.toml": "[tool.scriv]\n"}

    assert find_collected(["newsfragments/1.bugfix"], own) == ("towncrier", "newsfragments")
    assert find_collected(["changelog.d/20260101_a.md"], scriv) == ("scriv", "changelog.d")


@pytest.mark.parametrize(
    ("settings", "inner", "outer"),
    [
        ('directory = "./news/"', "news/core", "news"),
        ('package = "a.b"\npackage_dir = "s"', "s/a/b/core/newsfragments", "s/a/b/newsfragments"),
        ("", "newsfragments/core", "newsfragments"),
    ],
)
def test_each_section_of_towncrier_has_a_folder(settings: str, inner: str, outer: str) -> None:
    sections = "".join(f'[[tool.towncrier.section]]\npath = "{path}"\n' for path in ("core", ""))
    texts = {"towncrier.toml": f"[tool.towncrier]\n{settings}\n{sections}"}
    paths = [f"{inner}/1.feature", f"{outer}/2.bugfix", f"{outer}/other/3.feature"]
    towncrier = find_towncrier(texts)

    assert towncrier is not None
    assert [each.path for each in find_fragments_of(towncrier, paths, texts)] == paths[:2]
    assert find_collected(paths[:1], texts) == ("towncrier", inner)


def test_sections_leave_the_folder_around_them_alone() -> None:
    texts = {"towncrier.toml": '[[tool.towncrier.section]]\npath = "core"\n'}
    towncrier = find_towncrier(texts)

    assert towncrier is not None
    assert towncrier.folders == ("newsfragments/core",)


def test_a_note_of_autopub_is_one_where_that_is_configured() -> None:
    autopub = {"pyproject.toml": '[tool.autopub]\ngit-username = "bot"\n'}

    assert [each.path for each in find_fragments(["RELEASE.md"], autopub)] == ["RELEASE.md"]
