"""Checks of the forges and indexes that a configuration can name."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from omninode_release.adapters.ports import ForgeProvider, IndexProvider
from omninode_release.adapters.registry import FORGES, INDEXES
from omninode_release.contract.conformance.checkout import Finding, parse_module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from omninode_release.contract.conformance.checkout import Checkout


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
