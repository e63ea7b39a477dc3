"""Which files are the package, and which may hold its version."""

from __future__ import annotations

import pytest

from omninode_release.text.manifests.package_files import (
    find_import_packages,
    find_likely_holders,
    find_released_folders,
    is_in_package,
)
from support.repos import manifest


def test_import_packages_are_outermost_and_no_tests() -> None:
    paths = [
        *("src/a/__init__.py", "src/a/b/__init__.py", "c/__init__.py", "src/ns/d/__init__.py"),
        *("tests/__init__.py", "tests/unit/__init__.py", "docs/x/__init__.py", "__init__.py"),
    ]

    assert find_import_packages(paths) == ["c", "src/a", "src/ns/d"]


@pytest.mark.parametrize(
    ("paths", "folders"),
    [
        pytest.param(["src/other/__init__.py"], ["src"], id="src"),
        pytest.param(["a_b/__init__.py", "plugin/__init__.py"], ["a_b"], id="by-name"),
        pytest.param(["other/__init__.py", "tests/__init__.py"], ["other"], id="by-being-one"),
        pytest.param(["src/lib.rs", "python/a/__init__.py"], ["python/a"], id="rust-in-src"),
        pytest.param(["a.py", "docs/conf.py"], [], id="one-module"),
    ],
)
def test_the_released_folders(paths: list[str], folders: list[str]) -> None:
    assert find_released_folders(manifest("a-b"), "repo", paths) == folders


def test_one_module_at_the_root_is_released_where_there_is_no_package() -> None:
    assert is_in_package("a.py", [])
    assert not is_in_package("a.py", ["src"])
    assert not is_in_package("setup.py", [])
    assert not is_in_package("docs/conf.py", [])


def test_likely_holders_are_few_and_near() -> None:
    likely = [
        *("src/a/__init__.py", "src/a/_version.py", "src/a/__about__.py", "src/a/b/version.py"),
        *("src/ns/deep/version.py", "setup.py", "setup.cfg", "Cargo.toml", "node/package.json"),
        *("package.json", "CITATION.cff", ".bumpversion.cfg", "docs/conf.py", "doc/source/conf.py"),
        *("VERSION", ".claude-plugin/plugin.json", "src/a/const.py", "src/a/api_version.py"),
    ]
    unlikely = [
        *("src/a/b/__init__.py", "src/a/b/c/d/version.py", "tests/version.py", "README.md"),
        *("src/a/models.py", "docs/version.md", "web/app/package.json", "tests/__init__.py"),
    ]

    assert list(find_likely_holders((*likely, *unlikely))) == likely
    assert list(find_likely_holders(("a.py", "setup.py", "noxfile.py"))) == ["a.py", "setup.py"]
