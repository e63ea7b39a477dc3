"""Every edge of a manifest has its kind and its line."""

from __future__ import annotations

import pytest

from omninode_release.models.edges import EdgeKind
from omninode_release.text.manifests.edges import DeclaredEdge, find_edge_line, find_edges

EVERY_TABLE = """\
[build-system]
requires = ["hatchling", "Built_With>=1"]

[project]
name = "beta"
# alpha is named in a comment
dependencies = [
    "alpha>=1,<2", # alpha
]

[project.optional-dependencies]
more = ["an-extra"]

[dependency-groups]
dev = ["a-group", {include-group = "docs"}]
docs = []

[tool.uv]
dev-dependencies = ["old-group"]
override-dependencies = ["an-override==1"]

[tool.uv.sources]
alpha = { git = "https://forge.example/alpha", tag = "v1" }
many = [{ path = "../many", marker = "x" }, { index = "own" }]
"""
POETRY = """\
[tool.poetry]
name = "beta"

[tool.poetry.dependencies]
python = "^3.11"
alpha = "^1.0"
twin = { version = "^1.0", extras = ["x"] }
local = { path = "../local" }
lazy = { version = "^2", optional = true }

[tool.poetry.dependencies.apart]
version = "^1.0"

[tool.poetry.group.dev.dependencies]
grouped = "*"
"""


def edges_of(text: str) -> list[tuple[str, str, int | None]]:
    found = find_edges({"pyproject.toml": text}.get)
    return [(each.kind.value, each.name, find_edge_line(text, each)) for each in found]


def test_each_table_has_its_kind() -> None:
    assert edges_of(EVERY_TABLE) == [
        ("run", "alpha", 8),
        ("extra", "an-extra", 12),
        ("group", "a-group", 15),
        ("group", "old-group", 19),
        ("override", "an-override", 20),
        ("build", "hatchling", 2),
        ("build", "built-with", 2),
        ("source", "alpha", 23),
        ("source", "many", 24),
    ]


def test_what_poetry_makes_optional_is_an_extra() -> None:
    assert edges_of(POETRY) == [
        ("run", "alpha", 6),
        ("run", "twin", 7),
        ("run", "local", 8),
        ("extra", "lazy", 9),
        ("run", "apart", 12),
        ("group", "grouped", 15),
    ]


def test_only_run_and_build_order() -> None:
    assert [kind.value for kind in EdgeKind if kind.orders] == ["run", "build"]


@pytest.mark.parametrize(
    "text",
    [
        "build-system = 3",
        "[build-system]\nrequires = 'x'",
        "[build-system]\nrequires = [3, '!']",
        "[tool.uv]\nsources = ['a']",
        "[project]\ndependencies = {a = 1}",
    ],
)
def test_a_table_of_another_form_names_nothing(text: str) -> None:
    assert edges_of(text) == []


def test_an_edge_says_which_table_it_stands_in() -> None:
    tables = [each.table for each in find_edges({"pyproject.toml": EVERY_TABLE}.get)]

    assert tables[0] == "project.dependencies"
    assert [*find_edges({"pyproject.toml": EVERY_TABLE}.get)][-1].raw == (
        '[{path = "../many", marker = "x"}, {index = "own"}]'
    )
    assert tables[-3:] == ["build-system.requires", "tool.uv.sources", "tool.uv.sources"]


def test_a_key_that_escapes_spell_has_no_line() -> None:
    text = '[tool.uv.sources]\n"\\u0061lpha" = { workspace = true }\n'

    (edge,) = find_edges({"pyproject.toml": text}.get)

    assert edge == DeclaredEdge(
        EdgeKind.SOURCE, "alpha", "{workspace = true}", "tool.uv.sources", edge.path
    )
    assert find_edge_line(text, edge) is None
