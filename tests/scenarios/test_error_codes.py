"""Every code of the contract has a scenario, or stands in a table with the reason why not."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

from omninode_release.configuration import load_contract
from omninode_release.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_YET: dict[ErrorCode, str] = {}
"""A code nothing can provoke yet, and why."""


def test_every_code_of_the_contract_is_provoked_or_says_why_not() -> None:
    declared = [spec.code for spec in load_contract().errors]

    provoked = set(_provoked())

    assert provoked | NOT_YET.keys() == set(declared)
    assert not provoked & NOT_YET.keys(), "take it out of NOT_YET"


def _provoked() -> Iterator[ErrorCode]:
    """Codes that the scenarios of this folder are decorated with; ``provokes`` holds them to it."""
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                words = map(ast.unparse, node.decorator_list)
                found = (re.fullmatch(r"provokes\(ErrorCode\.(\w+)\)", each) for each in words)
                yield from (ErrorCode[match[1]] for match in found if match)
