"""Versions are X.Y.Z; one in development leads to such a one."""

from __future__ import annotations

import pytest
from packaging.version import Version

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.commit import Level
from omninode_release.text.versions.version import (
    bump,
    find_version_to_come,
    parse_version,
    read_literal,
    tag_name,
    tells_of,
    write_pre_option,
)


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("## 1.0", True), ("v1.0.", True), ("(1.0)", True), ("1.0\n2.0", True),
        ("11.0", False), ("1.00", False), ("2.1.0", False), ("1.0.1", False), ("", False),
    ],
)  # fmt: skip
def test_a_version_is_named_by_all_of_its_numbers(text: str, *, is_named: bool) -> None:
    assert tells_of(text, "1.0") is is_named


def test_three_plain_numbers_are_a_version() -> None:
    assert parse_version("0.20.3") == Version("0.20.3")


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
    assert str(bump(Version(version), level, major_on_zero=major_on_zero)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("8.5.0.dev", "8.5.0", id="pallets"),
        pytest.param("2.1.0.dev0", "2.1.0", id="poetry"),
        pytest.param("2.0.0.dev12", "2.0.0", id="counted"),
        pytest.param("2.0.0a1", "2.0.0", id="alpha"),
        pytest.param("2.0.0a1.dev1", "2.0.0", id="on-the-way-to-an-alpha"),
        pytest.param("2.0.0-rc.2", "2.0.0", id="candidate-as-semver-writes-it"),
        pytest.param("8.5.0", None, id="a-release"),
        pytest.param("8.5.0.post1", None, id="after-a-release"),
        pytest.param("8.5.0.post1.dev1", None, id="on-the-way-to-a-post-release"),
        pytest.param("1!8.5.0.dev1", None, id="epoch"),
        pytest.param("8.5.0.dev1+abc", None, id="local"),
        pytest.param("8.5.dev1", "8.5.0", id="two-numbers"),
        pytest.param("3.5rc0.dev0", "3.5.0", id="candidate-of-two-numbers"),
        pytest.param("8.5.0+dev", None, id="trio"),
        pytest.param("0.63b0.dev", None, id="a-beta-of-two-numbers"),
        pytest.param("1.0a16", None, id="an-alpha-of-two-numbers"),
        pytest.param("8.5", None, id="a-release-of-two-numbers"),
        pytest.param("8.5.0.1.dev1", None, id="four-numbers"),
        pytest.param("8.5.0-SNAPSHOT", None, id="another-language"),
        pytest.param(f"1.2.{'9' * 5000}.dev1", None, id="endless"),
        pytest.param("", None, id="empty"),
    ],
)
def test_a_development_version_leads_to_a_release(text: str, expected: str | None) -> None:
    found = find_version_to_come(text)

    assert (str(found) if found else None) == expected


@pytest.mark.parametrize("fmt", ["{repo}/v{version}", "v{version}", "{version}"])
def test_a_tag_is_written_in_its_format(fmt: str) -> None:
    tag = tag_name(fmt, "core", Version("0.21.0"))

    assert tag.endswith("0.21.0")
    assert ("core/" in tag) == ("{repo}" in fmt)


@pytest.mark.parametrize(
    ("text", "version"), [("8.5", "8.5.0"), ("8.5.1", "8.5.1"), ("8.5.1+dev", "8.5.1")]
)
def test_a_literal_may_say_it_shorter(text: str, version: str) -> None:
    assert str(read_literal(text)) == version


@pytest.mark.parametrize("text", ["8", "8.5.0.1", "8.5b0", "8.5.1+abc", "8.5.post1", "08.5"])
def test_any_other_literal_is_refused(text: str) -> None:
    with pytest.raises(ReleaseError):
        read_literal(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("2024.10.09", 'write "2024.10.9", the same version (PEP 440), and tag it so, too'),
        ("1.0a16", 'write "1.0.0a16", the same version (PEP 440); --pre a makes the next'),
        ("1!0", "write the version as three numbers"),
    ],
)
def test_what_is_nearly_a_version_is_answered_with_one(text: str, hint: str) -> None:
    with pytest.raises(ReleaseError) as caught:
        read_literal(text)

    assert (caught.value.hint or "").startswith(hint)


@pytest.mark.parametrize(
    ("version", "option"), [("1.3.0rc1", " --pre rc"), ("1.3a2", " --pre a"), ("1.3.0", "")]
)
def test_the_option_that_makes_such_a_version(version: str, option: str) -> None:
    assert write_pre_option(version) == option
