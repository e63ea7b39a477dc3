"""What a machine wrote is split where its format says: at a line feed or a NUL.

``splitlines`` splits at characters that stand inside of lines, U+2028 in the name of a tag.
"""

from __future__ import annotations

import ast
from pathlib import Path

import omninode_release

PACKAGE = Path(omninode_release.__file__).parent
WRITTEN_BY_PERSONS = {"gate/reply.py": "a person's answer: more lines, more places for a reject"}
"""Modules that may, and why."""


def test_nothing_that_a_machine_wrote_is_split_where_a_line_does_not_end() -> None:
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"splitlines", "readlines"}
    }

    assert found == WRITTEN_BY_PERSONS.keys()
