"""The rule that holds the words of the command line and the modules behind them together."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from omninode_release.contract.conformance.checkout import Finding, parse_module
from omninode_release.models.command_words import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.contract.conformance.checkout import Checkout

_WORDS = "models/command_words.py"


def commands_are_complete(checkout: Checkout) -> Iterator[Finding]:
    """Each word has a module with a ``command``, and each such module has a word."""
    folder = checkout.package / "commands"
    for word in COMMANDS:
        path = folder / f"{word.replace('-', '_')}.py"
        text = checkout.sources.get(checkout.name_of(path))
        if text is None:
            message = f"expected the module commands/{path.name} of {word}, found none"
            yield Finding(checkout.name_of(checkout.package / _WORDS), 1, message)
        elif not _has_command(text):
            yield Finding(checkout.name_of(path), 1, "expected a `command`, found none")
    for path in sorted(folder.glob("*.py")):
        word = path.stem.replace("_", "-")
        if word not in COMMANDS and _has_command(checkout.sources[checkout.name_of(path)]):
            message = f"expected the word {word} in {_WORDS}, found none"
            yield Finding(checkout.name_of(path), 1, message)


def _has_command(text: str) -> bool:
    return any(
        isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "command"
        for node in parse_module(text).body
    )
