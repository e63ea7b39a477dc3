"""Where a file holds a version, and how it is changed there."""

from __future__ import annotations

import pytest

from omninode_release.errors import ReleaseError
from omninode_release.text.holders.bump_tools import Named
from omninode_release.text.holders.version_holders import (
    find_holders,
    find_repeated,
    find_unwritable,
    write_version,
)

HOLDERS = [
    ("src/a/_version.py", '__version__ = "{}"\n'),
    ("src/a/_version.py", "import x\n\nVERSION: Final[str] = '{}'  # ours\n"),
    ("src/a/_version.py", '"""Docs."""\nversion = "{}"\n__version_info__ = 1\n'),
    ("src/a/version.txt", "{}\n"),
    ("VERSION", "v{}"),
    ("VERSION", "\ufeff{}\r\n"),
    ("src/a/_version.py", "\ufeff__version__ = '{}'\r\n"),
    ("cz.toml", "\ufeffversion = '{}'\n"),
    ("docs/conf.py", "project = 'a'\nrelease = '{}'\n"),
    ("setup.py", 'setup(\n    name="a",\n    version="{}",\n)\n'),
    ("setup.py", "setup(name='a', version='{}')\n"),
    ("setup.cfg", "[metadata]\nname = a\nversion = {}\n"),
    (".bumpversion.cfg", "[bumpversion]\r\ncurrent_version = {}\r\ncommit = True\r\n"),
    (".bumpversion.toml", '[tool.bumpversion]\ncurrent_version = "{}"\n'),
    ("Cargo.toml", '[package]\nname = "a"\nversion = "{}" # of the crate\n'),
    ("Cargo.toml", 'package = {{ name = "a", version = "{}" }}\n'),
    ("package.json", '{{\n  "name": "a",\n  "version": "{}",\n  "private": true\n}}\n'),
    ("package.json", '{{"name":"a","version":"{}"}}'),
    ("CITATION.cff", 'cff-version: 1.2.0\nversion: {}\ndate-released: "2026-01-01"\n'),
    ("meson.build", "project('a', version: '{}',\n  license: 'MIT')\n"),
    ("src/a/_version.py", "__version__ = version = '{}'\n"),
    ("docs/conf.py", "version = release = '{}'  # both\n"),
    ("recipe/meta.yaml", '{{% set name = "a" %}}\n{{% set version = "{}" %}}\n'),
    ("sonar-project.properties", "sonar.projectKey=a\nsonar.projectVersion={}\n"),
    ("README.rst", "A\n=\n\n:Version: {}\n:Web: https://a.invalid/\n"),
    ("package.xml", '<?xml version="1.0"?>\n<package>\n  <version>{}</version>\n'),
    ("Chart.yaml", 'version: 0.1.0\nappVersion: 7\nrelease: "{}"\n'),
]


@pytest.mark.parametrize(("path", "form"), HOLDERS)
def test_the_number_is_found_and_nothing_else_is_changed(path: str, form: str) -> None:
    before, after = form.format("1.2.3"), form.format("1.10.0")

    assert len(find_holders(path, before, "1.2.3")) == 1
    assert write_version(path, before, old={"1.2.3"}, new="1.10.0") == after
    assert write_version(path, after, old={"1.2.3"}, new="1.10.0") == after


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", '"""\n__version__ = "1.2.3"\n"""\n'),
        ("a.py", '# version = "1.2.3"\n'),
        ("a.py", 'class Plugin:\n    version = "1.2.3"\n'),
        ("a.py", 'Plugin(version="1.2.3")\n'),
        ("a.py", 'x = "version = 1.2.3"\n'),
        ("setup.cfg", "message = version = 1.2.3\n"),
        ("meta.yaml", "{% set reversion = '1.2.3' %}\n{% if version == '1.2.3' %}\n"),
        ("a.py", 'old_version = "1.2.3"\n'),
        ("a.py", 'version = "1.2.3.4"\nrelease = "1.2.30"\n__version__ = "11.2.3"\n'),
        ("a.py", 'version = "1.2.3rc1"\nVERSION = "1.2.3-rc1"\n'),
        ("CITATION.cff", "cff-version: 1.2.3\nschema_version: 1.2.3\n"),
        ("pyproject.toml", 'target-version = "1.2.3"\nminimum_pre_commit_version = "1.2.3"\n'),
        ("setup.cfg", "version = attr: a.__version__\npython_version = 1.2.3\n"),
        ("package.json", '{"dependencies": {"b": "1.2.3"}}'),
        ("version.txt", "1.2.3 and more\n"),
        ("a.rst", ".. changelog::\n   :version: 1.2.3\n"),
        ("package.xml", '<depend version_gte="1.2.3">b</depend>\n<x version="1.2.3">\n'),
        ("setup.py", 'if (version > "1.2.3"):\n'),
        ("Cargo.toml", '[dependencies.b]\nfeatures = []\nversion = "1.2.3"\n'),
        ("Cargo.toml", '[workspace.dependencies]\nb = { version = "1.2.3" }\n'),
        ("a.toml", ""),
    ],
)
def test_a_version_of_something_else_is_none(path: str, text: str) -> None:
    assert find_holders(path, text, "1.2.3") == []


def test_a_crate_beside_may_have_to_go_along() -> None:
    crate = '[dependencies]\nb = { version = "=1.2.3", path = "b" }\nc = { version = "1.2.3" }\n'
    table = '[dependencies.b]\nversion = "1.2.3"\npath = "b"\n[dependencies.c]\nversion = "1.2.3"\n'

    assert [each.line for each in find_holders("Cargo.toml", crate, "1.2.3")] == [2]
    assert [each.line for each in find_holders("Cargo.toml", table, "1.2.3")] == [2]
    both = f'[package]\nversion = "1.2.3"\n{crate}'
    assert find_repeated("Cargo.toml", both, ["1.2.3"]) == []
    assert write_version("Cargo.toml", both, old={"1.2.3"}, new="1.3.0") == both.replace(
        '1.2.3"', '1.3.0"', 2
    )


def test_a_bump_tool_says_plainly_which_places_it_means() -> None:
    named = [Named("README.md", "/v", ".svg"), Named("README.md"), Named("b.md", "of ", "")]
    text = "![x](/v1.2.3.svg) since 1.2.3\n![y](/v1.2.3.svg)\n/v11.2.3.svg\n"

    assert [each.line for each in find_holders("README.md", text, "1.2.3", named)] == [1, 2]
    assert write_version("README.md", text, old={"1.2.3"}, new="1.3.0", named=named) == (
        "![x](/v1.3.0.svg) since 1.2.3\n![y](/v1.3.0.svg)\n/v11.2.3.svg\n"
    )
    assert find_unwritable("README.md", text, "1.2.3", named) == []


@pytest.mark.parametrize("other", ["v1.2.3.4", "v1.2.3rc1", "4.1.2.3 x"])
def test_a_bump_tool_does_not_mean_the_half_of_a_version(other: str) -> None:
    named = [Named("a.md", "v", ""), Named("a.md", "", " x")]

    text = write_version("a.md", f"v1.2.3, {other}\n", old={"1.2.3"}, new="1.3.0", named=named)

    assert text == f"v1.3.0, {other}\n"


@pytest.mark.parametrize(
    ("path", "named", "lines"),
    [
        ("a.md", [Named("a.md")], [2, 3]),
        ("a.md", [Named("a.md", "by ", "")], []),
        ("pyproject.toml", [Named("pyproject.toml")], []),
        ("pyproject.toml", [Named("pyproject.toml", "by ", "")], [2]),
        ("docs/conf.py", [Named("docs/conf.py")], []),
    ],
)
def test_what_a_bump_tool_changes_and_no_form_is_of(
    path: str, named: list[Named], lines: list[int]
) -> None:
    text = {"a.md": "# A 1.2.30\nby 1.2.3\nfor 1.2.3\n"}.get(path, 'version = "1.2.3"\nby 1.2.3\n')

    assert [each.line for each in find_unwritable(path, text, "1.2.3", named)] == lines


def test_numbers_that_stand_apart_stay_apart() -> None:
    text = "version_info = (1, 2, 3, 'final', 0)\nVERSION = (1,2,3)\n"

    assert write_version("a/_version.py", text, old={"1.2.3"}, new="2.0.0") == (
        "version_info = (2, 0, 0, 'final', 0)\nVERSION = (2,0,0)\n"
    )


def test_two_numbers_are_no_version_in_three() -> None:
    text = "VERSION = 1, 55\n__version__ = '.'.join(map(str, VERSION))\n"
    patched = write_version("a/__init__.py", text, old={"1.55"}, new="1.55.1")

    assert patched == text.replace("1, 55", "1, 55, 1")
    assert write_version("a/__init__.py", patched, old={"1.55"}, new="1.55.1") == patched


def test_a_place_beside_keeps_its_three_numbers() -> None:
    for path, text, new in (
        ("a/conf.py", 'release = "8.0.0"\nversion = "8.0"\n', '"8.1.0"\nversion = "8.1"\n'),
        ("Cargo.toml", '[package]\nversion = "8.0.2"\n', None),
    ):
        old = {"8.0", "8.0.0", "8.0.2"}
        after = f"release = {new}" if new else text.replace("8.0.2", "8.1.0")
        assert write_version(path, text, old=old, new="8.1") == after


@pytest.mark.parametrize(
    ("path", "text", "after"),
    [
        ("a.py", "version_info = (8, 0, 2)\n", "version_info = (8, 1, 0)\n"),
        ("a.py", "version_info = (8, 0)\n", "version_info = (8, 1)\n"),
        ("CITATION.cff", "version: 8.0.2\n", "version: 8.1.0\n"),
        ("CITATION.cff", "version: 8.0\n", "version: 8.1\n"),
        ("a.py", 'release = "8.0.2"\n', 'release = "8.1"\n'),
    ],
)
def test_a_place_that_needs_three_numbers_has_three(path: str, text: str, after: str) -> None:
    assert write_version(path, text, old={"8.0", "8.0.2"}, new="8.1") == after


def test_a_file_without_the_version_is_no_holder() -> None:
    for path, text in (("a.py", "x = 1\n"), ("a.json", '{"version": "9.9.9"}'), ("VERSION", "")):
        assert write_version(path, text, old={"1.2.3"}, new="1.2.4") is None


def test_a_literal_that_was_forgotten_once_is_mended() -> None:
    text = '__version__ = "0.9.0"\n'

    assert write_version("a.py", text, old={"1.2.3"}, new="1.2.4") == '__version__ = "1.2.4"\n'


def test_either_of_two_old_versions_is_changed() -> None:
    text = 'VERSION = "1.2.3"\nrelease = "1.2.2"\n'

    assert write_version("a.py", text, old={"1.2.2", "1.2.3"}, new="1.3.0") == (
        'VERSION = "1.3.0"\nrelease = "1.3.0"\n'
    )


@pytest.mark.parametrize("old", ["1.2.3", "1.3.0"])
def test_a_tuple_that_says_beta_is_refused_also_where_the_numbers_are_right(old: str) -> None:
    text = f"version_info: Final = ({old.replace('.', ', ')}, 'beta', 0)\n"

    with pytest.raises(ReleaseError, match="found 'beta' in it"):
        write_version("a/__init__.py", text, old=[old], new="1.3.0")


def test_one_key_twice_is_not_decided() -> None:
    crate = '[package]\nversion = "1.2.3"\n[x.b]\nversion = "1.2.3"\n'
    both = "[metadata]\nversion = 1.2.3\n[bumpversion]\ncurrent_version = 1.2.3\n"

    assert [each.line for each in find_repeated("Cargo.toml", crate, ["1.2.3"])] == [2, 4]
    assert find_repeated("setup.cfg", both, ["1.2.3"]) == []
    assert find_repeated("a.py", 'version = "1.2.3"\n' * 2, ["1.2.3"]) == []
