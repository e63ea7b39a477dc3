"""Every requirement of a pyproject.toml is found, in every table where one can stand."""

from __future__ import annotations

import pytest

from omninode_release.text.formats.toml_document import parse_toml
from omninode_release.text.manifests.manifest import read_requirements
from omninode_release.text.requirements.declared import (
    DeclaredRequirement,
    find_source_overrides,
)

WHERE = "core/pyproject.toml"
EVERY_TABLE = """\
[build-system]
requires = ["hatchling>=1"]

[project]
name = "Some_Package"
version = "0.4.1"
dependencies = [
    'Omnibase_Core[cli, mcp] >=0.20.0,<0.21.0 ; python_version < "3.13"',
    # "omnibase-spi>=0.1",
    "direct @ git+https://example.invalid/x.git@main",
    "bare",
    "brackets (>=1,<2)",
]

[project.optional-dependencies]
cli = ["extra==1.0"]

[dependency-groups]
core = ["grouped~=1.0", { include-group = "dev" }]
dev = []

[tool.pdm.dev-dependencies]
test = ["of-pdm>=1", "-e file:///${PROJECT_ROOT}/../x#egg=x"]

[tool.uv]
dev-dependencies = ["uv-dev"]
override-dependencies = ["overridden==2"]
constraint-dependencies = ["constrained<3"]
build-constraint-dependencies = ["built<3"]

[tool.uv.sources]
direct = { path = "../direct", editable = true }
Work_Space = { workspace = true }
bare = { index = "internal" }
mixed = [{ index = "internal" }, { git = "https://x.invalid/m.git", marker = "os_name == 'nt'" }]

[tool.poetry.dependencies]
python = "^3.12"
poetic = "^0.16.0"
tabled = { version = "^1.2", extras = ["a"] }
gitted = { git = "https://example.invalid/g.git", branch = "main" }
several = [{ version = "^1", python = "<3.12" }, { path = "../x" }]

[tool.poetry.dev-dependencies]
old-dev = "*"

[tool.poetry.group.docs.dependencies]
sphinx = ">=7"
"""


def declared(text: str = EVERY_TABLE) -> list[DeclaredRequirement]:
    return list(read_requirements(text, where=WHERE))


def test_every_table_is_walked_in_order() -> None:
    assert [(each.table, each.name, each.specifier) for each in declared()] == [
        ("project.dependencies", "omnibase-core", ">=0.20.0,<0.21.0"),
        ("project.dependencies", "direct", ""),
        ("project.dependencies", "bare", ""),
        ("project.dependencies", "brackets", ">=1,<2"),
        ("project.optional-dependencies.cli", "extra", "==1.0"),
        ("dependency-groups.core", "grouped", "~=1.0"),
        ("tool.pdm.dev-dependencies.test", "of-pdm", ">=1"),
        ("tool.uv.dev-dependencies", "uv-dev", ""),
        ("tool.uv.override-dependencies", "overridden", "==2"),
        ("tool.uv.constraint-dependencies", "constrained", "<3"),
        ("tool.poetry.dependencies", "poetic", "^0.16.0"),
        ("tool.poetry.dependencies", "tabled", "^1.2"),
        ("tool.poetry.dependencies", "gitted", ""),
        ("tool.poetry.dependencies", "several", "^1"),
        ("tool.poetry.dependencies", "several", ""),
        ("tool.poetry.dev-dependencies", "old-dev", "*"),
        ("tool.poetry.group.docs.dependencies", "sphinx", ">=7"),
    ]


def test_a_path_leads_to_the_string() -> None:
    paths = {each.name: each.path for each in declared()}

    assert paths["omnibase-core"] == ("project", "dependencies", 0)
    assert paths["poetic"] == ("tool", "poetry", "dependencies", "poetic")
    assert paths["tabled"] == ("tool", "poetry", "dependencies", "tabled", "version")
    assert paths["gitted"] == ("tool", "poetry", "dependencies", "gitted")


def test_only_what_an_installed_package_needs_is_runtime() -> None:
    assert {each.table for each in declared() if each.runtime} == {"project.dependencies"}


@pytest.mark.parametrize(
    ("project", "published"),
    [
        ("", {"always", "chosen"}),
        ("[project]\nname = 'b'\ndependencies = []\n", {"always", "chosen"}),
        ("[project]\nname = 'b'\ndependencies = ['other']\n", {"other"}),
        ("[project]\nname = 'b'\noptional-dependencies = {x = ['other']}\n", {"other"}),
        (
            "[project]\ndynamic = ['dependencies']\noptional-dependencies = {x = ['other']}\n",
            {"other", "always", "chosen"},
        ),
        (
            "[project]\ndependencies = ['other']\n[tool.poetry]\nname = 'b'\n",
            {"other", "always", "chosen"},
        ),
    ],
    ids=["legacy", "empty", "project", "extras", "dynamic", "older"],
)
def test_a_table_of_poetry_is_published_where_a_build_reads_it(
    project: str, published: set[str]
) -> None:
    table = "[tool.poetry.dependencies]\nalways = '^1'\nchosen = {version = '1', optional = true}\n"

    found = declared(f"{project}{table}")

    assert {each.name for each in found if each.is_published} == published
    assert {each.name for each in found} >= {"always", "chosen"}
    assert not [each for each in found if each.name == "chosen" and each.runtime]


@pytest.mark.parametrize("added", ['{ source = "p" }', "{ allow-prereleases = true }"])
@pytest.mark.parametrize(
    ("there", "table"),
    [
        ('[project]\ndependencies = ["Core>=1"]', "tool.poetry.dependencies"),
        ('[project.optional-dependencies]\na = ["core>=1"]', "tool.poetry.dependencies"),
        ('[dependency-groups]\na = ["core>=1"]', "tool.poetry.group.a.dependencies"),
    ],
)
def test_what_poetry_adds_to_a_requirement_is_none_of_its_own(
    there: str, table: str, added: str
) -> None:
    found = declared(f"{there}\n[{table}]\ncore = {added}\n")

    assert [each.specifier for each in found] == [">=1"]


def test_what_poetry_requires_in_any_version_is_a_requirement() -> None:
    [found] = declared('[tool.poetry.dependencies]\ncore = { source = "p" }\n')

    assert (found.name, found.specifier, found.runtime) == ("core", "", True)


def test_what_is_taken_from_elsewhere_is_direct() -> None:
    assert [each.name for each in declared() if each.direct] == ["direct", "gitted", "several"]


def test_extras_and_marker_are_at_hand() -> None:
    requirement = declared()[0].requirement

    assert requirement is not None
    assert requirement.extras == {"cli", "mcp"}
    assert str(requirement.marker) == 'python_version < "3.13"'


def test_sources_other_than_an_index_are_overrides() -> None:
    assert find_source_overrides(parse_toml(EVERY_TABLE)) == {
        "direct": '{path = "../direct", editable = true}',
        "work-space": "{workspace = true}",
        "mixed": '{git = "https://x.invalid/m.git", marker = "os_name == \'nt\'"}',
    }


@pytest.mark.parametrize("raw", ["foo >= 1.*", "foo bar", "foo>=1.0-legacy_x", "foo[a"], ids=repr)
def test_a_requirement_from_before_the_grammar_still_has_a_name(raw: str) -> None:
    [found] = declared(f'[project]\ndependencies = ["{raw}"]')

    assert (found.name, found.raw, found.requirement) == ("foo", raw, None)


@pytest.mark.parametrize("raw", ["", ">=1", "./local", "-e ."])
def test_a_string_without_a_name_is_skipped(raw: str) -> None:
    assert declared(f'[project]\ndependencies = ["{raw}"]') == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "project = 3",
        '[project]\ndependencies = "x"',
        "[project]\ndependencies = [1, true]",
        '[tool]\nuv = "x"',
        "dependency-groups = []",
        "[tool.poetry]\ndependencies = 1",
        "[tool.poetry.group]\nx = 1",
        '[tool.uv.sources]\nx = "y"',
    ],
    ids=repr,
)
def test_unexpected_shapes_declare_nothing(text: str) -> None:
    assert declared(text) == []
