"""Versions are X.Y.Z, and a tag is one only in a configured format."""

from __future__ import annotations

import pytest
from semver import Version

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.commit import Level
from omninode_release.text.versions import (
    bump,
    find_unknown_format,
    match_tag,
    parse_version,
    tag_name,
)

FORMATS = ("{repo}/v{version}", "v{version}")


def test_three_plain_numbers_are_a_version() -> None:
    assert parse_version("0.20.3") == Version(0, 20, 3)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("1.2", id="two-numbers"),
        pytest.param("1.2.3.4", id="four-numbers"),
        pytest.param("v1.2.3", id="v"),
        pytest.param("1.2.3rc1", id="pep440-pre-release"),
        pytest.param("1.2.3-rc.1", id="semver-pre-release"),
        pytest.param("1.2.3+abc", id="build"),
        pytest.param("1.02.3", id="leading-zero"),
        pytest.param("1.2.3\n", id="line-end"),
        pytest.param("\u0661.\u0662.\u0663", id="other-digits"),
        pytest.param(f"1.2.{'9' * 5000}", id="endless"),
        pytest.param("", id="empty"),
    ],
)
def test_anything_else_is_refused_and_shown(text: str) -> None:
    with pytest.raises(ReleaseError) as caught:
        parse_version(text)

    assert caught.value.code is ErrorCode.VERSION_INVALID
    assert repr(text) in caught.value.message


@pytest.mark.parametrize(
    ("version", "level", "major_on_zero", "expected"),
    [
        pytest.param("1.2.3", Level.PATCH, False, "1.2.4", id="patch"),
        pytest.param("1.2.3", Level.MINOR, False, "1.3.0", id="minor-resets-patch"),
        pytest.param("1.2.3", Level.MAJOR, False, "2.0.0", id="major"),
        pytest.param("1.2.3", Level.MAJOR, True, "2.0.0", id="major-whatever-the-option"),
        pytest.param("0.20.3", Level.MAJOR, False, "0.21.0", id="major-on-zero-is-minor"),
        pytest.param("0.20.3", Level.MAJOR, True, "1.0.0", id="major-on-zero-allowed"),
        pytest.param("0.9.9", Level.MINOR, True, "0.10.0", id="numbers-are-not-digits"),
    ],
)
def test_a_level_raises_one_number(
    *, version: str, level: Level, major_on_zero: bool, expected: str
) -> None:
    assert str(bump(Version.parse(version), level, major_on_zero=major_on_zero)) == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        pytest.param("v1.2.3", "1.2.3", id="bare"),
        pytest.param("core/v0.21.0", "0.21.0", id="with-the-repository"),
        pytest.param("other/v1.2.3", None, id="another-repository"),
        pytest.param("release-workflow-v1", None, id="a-workflow"),
        pytest.param("lab/stability/20260701-4f3143", None, id="a-lab-run"),
        pytest.param("v1.2", None, id="two-numbers"),
        pytest.param("v1.2.3rc1", None, id="pre-release"),
        pytest.param("v1.2.3.4", None, id="four-numbers"),
        pytest.param("xv1.2.3", None, id="something-before"),
        pytest.param("v1.2.3-hotfix", None, id="something-after"),
        pytest.param("1.2.3", None, id="no-v"),
        pytest.param("v", None, id="only-the-prefix"),
    ],
)
def test_only_a_whole_tag_in_a_known_format_is_a_release(tag: str, expected: str | None) -> None:
    found = match_tag(tag, FORMATS, "core")

    assert (str(found) if found else None) == expected


@pytest.mark.parametrize("fmt", [*FORMATS, "{version}", "release-{version}-{repo}"])
def test_a_tag_is_read_back_by_the_format_that_wrote_it(fmt: str) -> None:
    tag = tag_name(fmt, "core", Version(0, 21, 0))

    assert match_tag(tag, [fmt], "core") == Version(0, 21, 0)


def test_a_repository_name_is_not_a_pattern() -> None:
    assert match_tag("aXb/v1.0.0", FORMATS, "a.b") is None


@pytest.mark.parametrize(
    ("repo", "tags", "found"),
    [
        ("a_b", ["1.2.0", "1.10.0", "v0.9.0"], ("{version}", "1.10.0")),
        ("a_b", ["a-b-1.2.0"], ("a-b-{version}", "a-b-1.2.0")),
        ("a_b", ["a_b==1.2.0"], ("{repo}=={version}", "a_b==1.2.0")),
        ("a-b", ["a_b@v1.2.0"], ("a_b@v{version}", "a_b@v1.2.0")),
        ("a_b", ["release-1.2.0"], ("release-{version}", "release-1.2.0")),
        ("a_b", ["v1.2.0", "a_b/v1.3.0"], None),
        ("a_b", ["docs-1.2.0", "1.2", "v01.2.3", "x1.2.0", "1.2.0rc1"], None),
    ],
)
def test_a_usual_format_that_is_not_configured_is_found(
    repo: str, tags: list[str], found: tuple[str, str] | None
) -> None:
    unknown = find_unknown_format(tags, ("{repo}/v{version}", "v{version}"), repo)

    assert (unknown and (unknown.fmt, unknown.tag)) == found
