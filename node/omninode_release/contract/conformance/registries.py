"""Checks of the forges and indexes that a configuration can name, and of a command line's words."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from omninode_release.adapters.ports import ForgeProvider, IndexProvider
from omninode_release.adapters.registry import FORGES, INDEXES
from omninode_release.contract.conformance.checkout import Finding, parse_module
from omninode_release.models.command_words import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from omninode_release.contract.conformance.checkout import Checkout

_WORDS = "models/command_words.py"


def adapters_are_complete(checkout: Checkout) -> Iterator[Finding]:
    """Each can be imported and has what its Protocol asks for; nothing is left unimplemented."""
    for name, forge in FORGES.items():
        yield from _lacks(checkout, f"the forge {name}", name, forge, ForgeProvider)
    for name, index in INDEXES.items():
        yield from _lacks(checkout, f"the index {name}", name, index, IndexProvider)
    for file, module in checkout.modules_with(NotImplementedError.__name__).items():
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef) and any(map(_is_stub, node.body)):
                yield Finding(file, node.lineno, f"{node.name} is not implemented")


def _lacks(
    checkout: Checkout, what: str, name: str, load: Callable[[], object], protocol: type
) -> Iterator[Finding]:
    try:
        provider = load()
    except ImportError as error:
        yield _in_registry(checkout, name, f"{what} cannot be imported: {error}")
        return
    for member in (*protocol.__annotations__, *vars(protocol)):
        if not member.startswith("_") and not hasattr(provider, member):
            yield _in_registry(checkout, name, f"{what} has no {member}")


def _in_registry(checkout: Checkout, name: str, message: str) -> Finding:
    """A finding where the registry names the adapter."""
    file = next(each for each in checkout.sources if each.endswith("adapters/registry.py"))
    found = (
        node.lineno
        for node in ast.walk(parse_module(checkout.sources[file]))
        if isinstance(node, ast.Constant) and node.value == name
    )
    return Finding(file, next(found, 1), message)


def _is_stub(statement: ast.stmt) -> bool:
    raised = statement.exc if isinstance(statement, ast.Raise) else None
    raised = raised.func if isinstance(raised, ast.Call) else raised
    return isinstance(raised, ast.Name) and raised.id == NotImplementedError.__name__


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
