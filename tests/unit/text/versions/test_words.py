"""What is said of versions on the command line."""

from __future__ import annotations

import pytest

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.commit import Level
from omninode_release.models.version_words import VersionWords
from omninode_release.text.versions.words import read_words


def test_words_on_all_and_on_one() -> None:
    words = read_words(["patch", "a=minor"], ["b=1.0.0"])

    assert words == VersionWords(Level.PATCH, {"a": Level.MINOR}, {"b": "1.0.0"})
    said = [word.said for repo in ("a", "b", "c") if (word := words.find(repo))]
    assert said == ["--bump a=minor", "--version b=1.0.0", "--bump patch"]


def test_two_numbers_are_a_version() -> None:
    """How it is written is the repository's habit."""
    assert read_words([], ["a=8.1", "a=8.1.0"]).versions == {"a": "8.1.0"}


def test_nothing_said_is_nothing() -> None:
    assert read_words([], []).find("a") is None


def test_the_same_twice_is_once() -> None:
    assert read_words(["a=minor", "a=minor"], []).bumps == {"a": Level.MINOR}


@pytest.mark.parametrize(
    ("bumps", "versions", "expected"),
    [
        (["huge"], [], "--bump: 'huge' is not one of 'major', 'minor', 'patch'"),
        ([""], [], "--bump: '' is not one of"),
        (["=minor"], [], "--bump: '=minor' is not one of"),
        (["a="], [], "--bump: 'a=' is not one of"),
        (["minor", "major"], [], "--bump: minor and major exclude each other"),
        (["a=minor", "a=major"], [], "--bump of a: minor and major exclude each other"),
        ([], ["1.0.0"], "--version: expected REPO=X.Y.Z, found '1.0.0'"),
        ([], ["a=1"], "--version: expected REPO=X.Y.Z, found 'a=1'"),
        ([], ["a=v1.0.0"], "--version: expected REPO=X.Y.Z"),
        ([], ["a=1.0.0", "a=2.0.0"], "--version of a: 1.0.0 and 2.0.0 exclude each other"),
        (["a=minor"], ["a=1.0.0"], "--bump and --version of a exclude each other"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    bumps: list[str], versions: list[str], expected: str
) -> None:
    with pytest.raises(ReleaseError) as refused:
        read_words(bumps, versions)

    assert refused.value.code is ErrorCode.USAGE_ERROR
    assert refused.value.message.startswith(expected)


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("a=v26.4", "--version a=26.4.0 names the same version"),
        ("a=v7", "--version a=7.0.0 names the same version"),
        ("a=1.2.0rc1", "--pre rc makes pre-releases"),
        ("a=1.2b3", "--pre b makes pre-releases"),
        ("1.0", "omni-release --help lists what is accepted"),
        ("a=1.2.3.4", "omni-release --help lists what is accepted"),
        ("a=1.0.dev1", "omni-release --help lists what is accepted"),
        ("a=latest", "omni-release --help lists what is accepted"),
    ],
)
def test_what_seems_to_be_meant_is_named(said: str, hint: str) -> None:
    with pytest.raises(ReleaseError) as refused:
        read_words([], [said])

    assert refused.value.hint == hint
