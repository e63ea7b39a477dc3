"""Checks of the forges and indexes that a configuration can name, and of a command line's words."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from omninode_release.adapters.ports import ForgeProvider, IndexProvider
from omninode_release.adapters.registry import FORGES, INDEXES
from omninode_release.contract.conformance.checkout import Finding, find_cause
from omninode_release.models.command_words import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from omninode_release.contract.conformance.checkout import Checkout

_PACKAGE = "omninode_release"
_REGISTRY = "adapters/registry.py"
_WORDS = "models/command_words.py"


def adapters_are_complete(checkout: Checkout) -> Iterator[Finding]:
    """Each can be imported and has what its Protocol asks for; nothing is left unimplemented."""
    for name, forge in FORGES.items():
        yield from _find_missing(checkout, f"the forge {name}", name, forge, ForgeProvider)
    for name, index in INDEXES.items():
        yield from _find_missing(checkout, f"the index {name}", name, index, IndexProvider)
    yield from _find_unlisted(checkout)
    for file, module in checkout.modules_with(NotImplementedError.__name__).items():
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef) and any(map(_is_stub, node.body)):
                yield Finding(file, node.lineno, f"{node.name} is not implemented")


def _find_unlisted(checkout: Checkout) -> Iterator[Finding]:
    """Providers that the registry imports nowhere, and what it imports and offers under no name."""
    path = checkout.package / _REGISTRY
    tree = checkout.parse(path)
    nodes = list(ast.walk(tree))
    imported = {
        f"{each.module}.{alias.name}" if isinstance(each, ast.ImportFrom) else alias.name
        for each in nodes
        if isinstance(each, ast.Import | ast.ImportFrom)
        for alias in each.names
    }
    for file in sorted((checkout.package / "adapters").glob("*/*provider.py")):
        module = ".".join((_PACKAGE, *file.relative_to(checkout.package).with_suffix("").parts))
        if module not in imported:
            message = f"expected {_REGISTRY} to import it, found it does not"
            yield Finding(checkout.name_of(file), 1, message)
    used = {each.id for each in nodes if isinstance(each, ast.Name)}
    for each in tree.body:
        if isinstance(each, ast.FunctionDef) and each.name not in used:
            message = f"expected {each.name} in FORGES or INDEXES, found it in none"
            yield Finding(checkout.name_of(path), each.lineno, message)


def _find_missing(
    checkout: Checkout, what: str, name: str, load: Callable[[], object], protocol: type
) -> Iterator[Finding]:
    try:
        provider = load()
    except ImportError as error:
        yield _in_registry(checkout, name, f"{what} cannot be imported: {error}")
        return
    except Exception as error:  # noqa: BLE001 - a module in the making may raise anything
        yield find_cause(checkout, error)
        return
    for member in (*protocol.__annotations__, *vars(protocol)):
        if not member.startswith("_") and not hasattr(provider, member):
            yield _in_registry(checkout, name, f"{what} has no {member}")


def _in_registry(checkout: Checkout, name: str, message: str) -> Finding:
    """A finding where the registry names the adapter."""
    path = checkout.package / _REGISTRY
    found = (
        node.lineno
        for node in ast.walk(checkout.parse(path))
        if isinstance(node, ast.Constant) and node.value == name
    )
    return Finding(checkout.name_of(path), next(found, 1), message)


def _is_stub(statement: ast.stmt) -> bool:
    raised = statement.exc if isinstance(statement, ast.Raise) else None
    raised = raised.func if isinstance(raised, ast.Call) else raised
    return isinstance(raised, ast.Name) and raised.id == NotImplementedError.__name__


def commands_are_complete(checkout: Checkout) -> Iterator[Finding]:
    """Each word has a module with a ``command``, and each such module has a word."""
    folder = checkout.package / "commands"
    for word in COMMANDS:
        path = folder / f"{word.replace('-', '_')}.py"
        if checkout.name_of(path) not in checkout.sources:
            message = f"expected the module commands/{path.name} of {word}, found none"
            yield Finding(checkout.name_of(checkout.package / _WORDS), 1, message)
            continue
        command = _find_command(checkout.parse(path))
        if command is None:
            yield Finding(checkout.name_of(path), 1, "expected a `command`, found none")
        elif (named := _read_name(command)) not in {None, word}:
            message = f"expected the command {word} in this module, found {named}"
            yield Finding(checkout.name_of(path), command.lineno, message)
    for path in sorted(folder.glob("*.py")):
        word = path.stem.replace("_", "-")
        if word not in COMMANDS and _find_command(checkout.parse(path)):
            message = f"expected the word {word} in {_WORDS}, found none"
            yield Finding(checkout.name_of(path), 1, message)


def _find_command(module: ast.Module) -> ast.Assign | None:
    found = (
        node
        for node in module.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "command"
    )
    return next(found, None)


def _read_name(command: ast.Assign) -> object:
    """The word that a ``command`` is made with; None where it stands elsewhere."""
    match command.value:
        case ast.Call(args=[ast.Constant(value=name), *_]):
            return name
        case _:
            return None
