"""What the settings of bump tools say of the places that hold a version."""

from __future__ import annotations

import pytest

from omninode_release.text.holders.bump_tools import Named, find_named

BUMPVERSION_CFG = """\
[bumpversion]
current_version = 1.2.3

[bumpversion:file:docs/conf.py]

[bumpversion:file (badge):README.rst]
search = /v{current_version}.svg
replace = /v{new_version}.svg

[bumpversion:file:CHANGELOG.md]
search = Unreleased
replace = {new_version}

[bumpversion:file:rust/Cargo.toml]
search = name = "a"
\tversion = "{current_version}"
replace = name = "a"
\tversion = "{new_version}"

[bumpversion:file:rust/Cargo.lock]
"""
BUMP_MY_VERSION = """\
[tool.bumpversion]
current_version = "1.2.3"

[[tool.bumpversion.files]]
filename = "action.yml"
search = "a=={current_version}"
replace = "a=={new_version}"

[[tool.bumpversion.files]]
filename = "CHANGELOG.md"
search = "{current_version}...HEAD"
replace = "{current_version}...{new_version}"

[[tool.bumpversion.files]]
filename = "b.py"
search = "^v = {current_version}"
replace = "^v = {new_version}"
regex = true
"""
TBUMP = """\
[version]
current = "1.2.3"
[[file]]
src = "a/__init__.py"
[[file]]
src = "b.txt"
search = "b {current_version}"
[[file]]
src = "c.py"
version_template = "({major}, {minor}, {patch})"
search = "{current_version} {today}"
"""
BUMPVER = """\
[bumpver]
current_version = "1.2.3"
[bumpver.file_patterns]
"setup.py" = ["version='{pep440_version}'", '^{version}$']
"""
OTHERS = """\
[tool.commitizen]
version = "1.2.3"
version_files = ["a/__version__.py", "b.yml:rev"]
[tool.semantic_release]
version_variables = ["docs/conf.py:release"]
version_toml = ["c.toml:project.version"]
[tool.rooster]
version_files = ["crates/a/Cargo.toml", { target = "x" }]
[tool.zest-releaser]
python-file-with-version = "a/__init__.py"
"""


@pytest.mark.parametrize(
    ("path", "text", "named"),
    [
        (
            ".bumpversion.cfg",
            BUMPVERSION_CFG,
            [
                Named(".bumpversion.cfg"),
                Named("docs/conf.py"),
                Named("README.rst", "/v", ".svg"),
                Named("rust/Cargo.toml", 'name = "a"\nversion = "', '"'),
            ],
        ),
        (
            "pyproject.toml",
            BUMP_MY_VERSION,
            [Named("pyproject.toml"), Named("action.yml", "a=="), Named("b.py")],
        ),
        (
            "tbump.toml",
            TBUMP,
            [
                Named("tbump.toml", 'current = "', '"'),
                Named("a/__init__.py"),
                Named("b.txt", "b "),
                Named("c.py"),
            ],
        ),
        (
            "bumpver.toml",
            BUMPVER,
            [Named("bumpver.toml"), Named("setup.py", "version='", "'"), Named("setup.py")],
        ),
        (
            "pyproject.toml",
            OTHERS,
            [
                *(Named("pyproject.toml"), Named("a/__version__.py"), Named("b.yml")),
                *(Named("docs/conf.py"), Named("c.toml"), Named("a/__init__.py")),
                *(Named("crates/a/Cargo.toml"), Named("{'target'")),
            ],
        ),
        ("setup.cfg", "[zest.releaser]\npython-file-with-version = a.py\n", [Named("a.py")]),
        (
            ".release-please-manifest.json",
            '{".": "1.2.3"}',
            [Named(".release-please-manifest.json", '".": "', '"')],
        ),
        ("setup.cfg", "[metadata]\nversion = 1.2.3\n", []),
        ("setup.cfg", "[bumpversion]\nno option\n", []),
        ("pyproject.toml", "tool = 3\n", []),
        ("pyproject.toml", "[tool]\nbumpversion = 1\ntbump.file = [1]\ncommitizen = []\n", []),
        ("pyproject.toml", "[tool.bumpversion\n", []),
    ],
)
def test_each_tool_names_its_places(path: str, text: str, named: list[Named]) -> None:
    assert sorted(find_named({path: text}.get)) == sorted(named)
