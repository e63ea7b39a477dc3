"""No part of the package is larger than a person reads at once."""

import ast
from collections.abc import Iterator
from pathlib import Path

import omninode_release

LINES_OF_A_FILE = 300
LINES_OF_A_FUNCTION = 40
METHODS_OF_A_CLASS = 15

_Function = (ast.FunctionDef, ast.AsyncFunctionDef)


def test_no_file_function_or_class_is_larger_than_agreed() -> None:
    root = Path(omninode_release.__file__).parent
    found = [
        f"{path.relative_to(root)}: {fault}"
        for path in sorted(root.rglob("*.py"))
        for fault in too_large(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_what_is_larger_is_named() -> None:
    method = "    def m{}(self):\n        pass\n"
    large = "class A:\n" + "".join(map(method.format, range(16))) + "def f():\n" + "    f()\n" * 280

    assert list(too_large(large)) == ["314 lines", "A has 16 methods", "f has 281 lines"]


def too_large(text: str) -> Iterator[str]:
    lines = text.count("\n")
    if lines > LINES_OF_A_FILE:
        yield f"{lines} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, _Function):
            lines = (node.end_lineno or 0) - node.lineno + 1
            if lines > LINES_OF_A_FUNCTION:
                yield f"{node.name} has {lines} lines"
        if isinstance(node, ast.ClassDef):
            methods = sum(isinstance(each, _Function) for each in node.body)
            if methods > METHODS_OF_A_CLASS:
                yield f"{node.name} has {methods} methods"
