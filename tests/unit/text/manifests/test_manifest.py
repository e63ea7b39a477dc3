"""What a pyproject.toml says about its package, and why it cannot be released."""

from __future__ import annotations

import pytest
from packaging.version import Version

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.manifest_edit import find_version
from omninode_release.text.manifests.manifest import read_manifest, read_requirements

WHERE = "core/pyproject.toml"
PROJECT = """\
[project]
name = "Some_Package"
version = "0.4.1"
dependencies = ["direct", "bare"]
"""


def test_name_and_version_are_read_with_their_place() -> None:
    manifest = read_manifest(PROJECT, where=WHERE)

    assert manifest.distribution == "Some_Package"
    assert manifest.version == Version("0.4.1")
    assert find_version(PROJECT, where=WHERE) == (("project", "version"), "0.4.1")


@pytest.mark.parametrize(
    ("text", "path", "name"),
    [
        pytest.param(
            '[tool.poetry]\nname = "p"\nversion = "1.0.0"',
            ("tool", "poetry", "version"),
            "p",
            id="poetry",
        ),
        pytest.param(
            '[project]\nname = "a"\ndynamic = ["version"]\n[tool.poetry]\nversion = "1.0.0"',
            ("tool", "poetry", "version"),
            "a",
            id="poetry-2",
        ),
        pytest.param(
            '[tool.poetry]\nname = "p"\nversion = "2.0.0"\n'
            '[project]\nname = "a"\nversion = "1.0.0"',
            ("project", "version"),
            "a",
            id="project-first",
        ),
    ],
)
def test_the_version_stands_in_project_or_poetry(
    text: str, path: tuple[str, ...], name: str
) -> None:
    manifest = read_manifest(text, where=WHERE)

    assert (manifest.distribution, manifest.version) == (name, Version("1.0.0"))
    assert find_version(text, where=WHERE) == (path, "1.0.0")


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        pytest.param(
            '[project]\nname = "a"\ndynamic = ["version"]',
            "VERSION_INVALID",
            "dynamic",
            id="dynamic",
        ),
        pytest.param('[project]\nname = "a"', "VERSION_INVALID", "neither", id="no-version"),
        pytest.param("[tool.poetry]", "VERSION_INVALID", "neither", id="no-version-in-poetry"),
        pytest.param("[tool.ruff]", "VERSION_INVALID", "a [tool.poetry] table", id="no-table"),
        pytest.param(
            '[project]\nname = "a"\nversion = "1.0.post1"',
            "VERSION_INVALID",
            "'1.0.post1'",
            id="post-release",
        ),
        pytest.param(
            '[project]\nname = "a"\nversion = 1.0', "VERSION_INVALID", "1.0", id="a-number"
        ),
        pytest.param('[project]\nversion = "1.0.0"', "SCAN_FAILED", "name", id="no-name"),
        pytest.param("a = 1\nb = x", "SCAN_FAILED", "line 2", id="not-toml"),
    ],
)
def test_what_cannot_be_released_says_why_and_where(text: str, code: str, part: str) -> None:
    with pytest.raises(ReleaseError) as caught:
        read_manifest(text, where=WHERE)

    assert caught.value.code is ErrorCode(code)
    assert WHERE in caught.value.message
    assert part in caught.value.message


def test_requirements_are_read_whatever_the_version() -> None:
    text = '[project]\ndynamic = ["version"]\ndependencies = ["omnibase-core"]'

    assert [each.name for each in read_requirements(text, where=WHERE)] == ["omnibase-core"]


def test_requirements_of_broken_toml_are_an_error() -> None:
    with pytest.raises(ReleaseError, match=WHERE):
        read_requirements("[project", where=WHERE)
