"""Release tags are read in whatever format a repository has, and its own is found out."""

from __future__ import annotations

import pytest

from omninode_release.text.versions.tag_formats import (
    by_prefix,
    find_marked_tags,
    find_odd_tags,
    find_other_formats,
    find_pre_release_tags,
    find_prevailing_format,
    list_usual_formats,
    read_tag,
    read_tags,
)
from omninode_release.text.versions.version import tag_name

FORMATS = by_prefix(("{repo}/v{version}", "v{version}"), "core")


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        pytest.param("v1.2.3", "1.2.3", id="bare"),
        pytest.param("core/v0.21.0", "0.21.0", id="with-the-repository"),
        pytest.param("v1.2", "1.2.0", id="two-numbers"),
        pytest.param("other/v1.2.3", None, id="another-repository"),
        pytest.param("release-workflow-v1", None, id="a-workflow"),
        pytest.param("lab/stability/20260701-4f3143", None, id="a-lab-run"),
        pytest.param("v1", None, id="one-number"),
        pytest.param("v1.2.3rc1", None, id="pre-release"),
        pytest.param("v1.2.3.4", None, id="four-numbers"),
        pytest.param("v01.2.3", None, id="leading-zero"),
        pytest.param("xv1.2.3", None, id="something-before"),
        pytest.param("v1.2.3-hotfix", None, id="something-after"),
        pytest.param("1.2.3", None, id="no-v"),
        pytest.param("v", None, id="only-the-prefix"),
        pytest.param(f"v1.2.{'9' * 5000}", None, id="endless"),
    ],
)
def test_only_a_whole_tag_in_a_known_format_is_a_release(tag: str, expected: str | None) -> None:
    found = read_tag(tag, FORMATS)

    assert (str(found.version) if found else None) == expected


def test_a_repository_name_is_not_a_pattern() -> None:
    assert read_tag("aXb/v1.0.0", by_prefix(["{repo}/v{version}"], "a.b")) is None


def test_tags_come_highest_first_and_of_one_version_the_whole_one_in_the_first_format() -> None:
    tags = ["v1.9.0", "v1.10", "v1.10.0", "core/v1.10.0", "core/v0.1.0"]

    found = [tag.name for tag in read_tags(tags, FORMATS)]

    assert found == ["core/v1.10.0", "v1.10.0", "v1.10", "v1.9.0", "core/v0.1.0"]


@pytest.mark.parametrize(
    ("tag", "fmt"),
    [
        ("1.2.0", "{version}"),
        ("v1.2.0", "v{version}"),
        ("a_b/v1.2.0", "{repo}/v{version}"),
        ("a_b-1.2.0", "{repo}-{version}"),
        ("a_b-v1.2.0", "{repo}-v{version}"),
        ("a_b==1.2.0", "{repo}=={version}"),
        ("a_b@1.2.0", "{repo}@{version}"),
        ("a_b_v1.2.0", "{repo}_v{version}"),
        ("a-b-1.2.0", "a-b-{version}"),
        ("My.Dist-1.2.0", "My.Dist-{version}"),
        ("my-dist-v1.2.0", "my-dist-v{version}"),
        ("my_dist==1.2.0", "my_dist=={version}"),
        ("release-1.2.0", "release-{version}"),
        ("release/v1.2.0", "release/v{version}"),
    ],
)
def test_a_usual_format_is_known_by_the_name_of_repository_or_package(tag: str, fmt: str) -> None:
    found = read_tag(tag, list_usual_formats(("{repo}/v{version}",), "a_b", "My.Dist"))

    assert found is not None
    assert found.fmt == fmt
    assert tag_name(found.fmt, "a_b", found.version) == tag


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        pytest.param(["1.0.0"], "{version}", id="one"),
        pytest.param(["v1.0.0", "v1.1.0", "1.2.0", "1.3.0"], "{version}", id="changed"),
        pytest.param(["1.0.0", "v1.1.0", "v1.2.0", "1.2.1", "v1.3.0"], "v{version}", id="most"),
        pytest.param(["v1.0.0", "v1.1.0", "a/v1.2.0", "v1.2.0"], "v{version}", id="beside"),
        pytest.param(["a/v1.1.0", "v1.1.0", "a/v1.2.0", "v1.2.0"], "{repo}/v{version}", id="both"),
        pytest.param(["v1.0.0", "1.1.0"], None, id="one-each"),
        pytest.param(["v1.0.0", "v1.1.0", "v1.2.0", "v1.3.0", "1.4.0"], None, id="newest-differs"),
        pytest.param(["v1.0.0", "1.1.0", "v1.2.0", "1.3.0"], None, id="in-turns"),
        pytest.param([], None, id="none"),
    ],
)
def test_the_format_of_the_newest_releases_prevails(tags: list[str], expected: str | None) -> None:
    found = read_tags(tags, list_usual_formats(("{repo}/v{version}", "v{version}"), "a"))

    assert find_prevailing_format(found) == expected


def test_versions_that_are_no_three_numbers_are_told_apart() -> None:
    tags = ["v1.2.3.4", "v2024.05.01", "v1.0.post1", "v2.0.0rc1", "v1.2.3", "vx", "other-1.2.3.4"]

    assert [odd.name for odd in find_odd_tags(tags, FORMATS)] == [
        "v2024.05.01",
        "v1.2.3.4",
        "v1.0.post1",
    ]
    assert [odd.name for odd in find_pre_release_tags(tags, FORMATS)] == ["v2.0.0rc1"]


def test_of_every_other_format_the_highest_tag_is_found() -> None:
    tags = ["docs-1.2.0", "docs-1.10.0", "sdk/go/v0.1.0", "v9.0.0", "1.2.3.4", "py3.11", "x1.0"]

    found = [(tag.fmt, tag.name) for tag in find_other_formats(tags, FORMATS)]

    assert found == [("docs-{version}", "docs-1.10.0"), ("sdk/go/v{version}", "sdk/go/v0.1.0")]


def test_numbers_of_a_format_are_none_of_a_version() -> None:
    formats = by_prefix(["py3.9-v{version}"], "core")

    assert [each.name for each in find_marked_tags(["py3.9-v1.0.1-docs"], formats)]


def test_tags_with_a_word_behind_their_numbers_are_told_from_versions() -> None:
    tags = [
        "v1.0.1-hotfix",
        "v1.2_final",
        "v1.0.0rc1",
        "v1.0.0.post1",
        "v1.0.0",
        "x1.0-odd",
        "v1-a",
    ]

    found = find_marked_tags(tags, FORMATS)

    assert [(str(odd.version), odd.name) for odd in found] == [
        ("1.2", "v1.2_final"),
        ("1.0.1", "v1.0.1-hotfix"),
    ]
