"""The line on which a key or a value of a YAML document stands."""

from __future__ import annotations

import pytest

from omninode_release.text.formats.yaml_reader import find_yaml_line, read_yaml_nodes

TEXT = """\
# comment
top: 1
graph:
  tiers:
    - a: []
      b: [x,
        y]
flow: {one: 1, two: 2}
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("graph", "tiers"), 4),
        (("graph", "tiers", 0), 5),
        (("graph", "tiers", 0, "b"), 6),
        (("graph", "tiers", 0, "b", 1), 7),
        (("graph", "tiers", 4), 4),
        (("graph", "other"), 3),
        (("flow", "two"), 8),
        (("nowhere",), None),
        ((), None),
    ],
)
def test_a_path_leads_to_its_line(path: tuple[str | int, ...], line: int | None) -> None:
    assert find_yaml_line(read_yaml_nodes(TEXT), path) == line


def test_an_empty_document_has_no_lines() -> None:
    assert find_yaml_line(read_yaml_nodes(b""), ("top",)) is None
