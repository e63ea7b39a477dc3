"""A refusal leads to the line of the manifest that it speaks of."""

from __future__ import annotations

import pytest

from omninode_release.text.edges import find_shown_line

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
    assert find_shown_line(MANIFEST, words) == line


def test_what_is_no_toml_shows_nothing() -> None:
    assert find_shown_line("[project", "[project] dynamic") is None
