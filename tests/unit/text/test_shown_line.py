"""A refusal leads to the line of the manifest that it speaks of."""

from __future__ import annotations

import pytest

from omninode_release.text.manifests.edges import find_shown_place

MANIFEST = """\
[project]
name = "beta"
dynamic = ["version"]
dependencies = [
    "alpha>=1,<2",
]
classifiers = [
    "Private :: Do Not Upload",
]

[tool.uv]
package = false
"""
FILES = {"pyproject.toml": MANIFEST}.get


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("beta/pyproject.toml, project.dependencies: 'alpha>=1,<2' does not admit alpha 2.0.0", 5),
        ("expected a literal version; it is dynamic ([project] dynamic names it)", 3),
        ("[project] has the classifier 'Private :: Do Not Upload'", 7),
        ("tool.uv.package is false: this is no package", 12),
        ("tool.pdm.distribution is false", None),
        ("project.dependencies is odd", 4),
        ("the clone is shallow", None),
    ],
)
def test_the_first_thing_that_is_named_is_shown(words: str, line: int | None) -> None:
    assert find_shown_place(FILES, words) == (line and ("pyproject.toml", line))


def test_what_is_no_toml_shows_nothing() -> None:
    assert find_shown_place({"pyproject.toml": "[project"}.get, "[project] dynamic") is None


def test_a_requirement_in_setup_cfg_is_shown_there() -> None:
    text = "[metadata]\nname = beta\n[options]\ninstall_requires =\n    alpha<2\n"
    words = "beta/setup.cfg, options.install_requires: 'alpha<2' does not admit alpha 2.0.0"

    assert find_shown_place({"setup.cfg": text}.get, words) == ("setup.cfg", 5)
