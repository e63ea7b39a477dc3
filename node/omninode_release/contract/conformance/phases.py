"""Checks that each phase has what a phase consists of: a block, a line, a module and a name.

``phases_are_complete`` reads source and imports none of it: a phase that is added by half is a
finding with its place, and no ImportError on the way there. Names are read from contract.yaml as
YAML alone: its model knows only the phases that were written there before.
"""

from __future__ import annotations

import ast
import importlib
from typing import TYPE_CHECKING, Any, NamedTuple

from omninode_release.contract.conformance.checkout import Finding, find_cause
from omninode_release.contract.documents.markers import found

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from omninode_release.contract.conformance.checkout import Checkout

_REGISTRY = "phases/registry.py"
_ROOM = "omninode_release.phases"
PHASE_NAMES = "models/phase.py"
"""Below the package."""


class _Line(NamedTuple):
    module: str
    number: int


def phases_are_complete(checkout: Checkout) -> Iterator[Finding]:
    """Each phase has a block in contract.yaml, a line in the registry, and a module."""
    blocks = read_phase_blocks(checkout.raw)
    if not all(map(all, blocks)):
        yield from _find_incomplete(checkout, blocks)
        return
    yield from _find_wrong_names(checkout, blocks)
    try:
        tree = checkout.parse(checkout.package / _REGISTRY)
    except SyntaxError as error:
        yield find_cause(checkout, error)
        return
    registry = _read_registry(tree)
    yield from _find_wrong_lines(checkout, blocks, registry)
    yield from _find_wrong_imports(checkout, tree, registry)
    for number, block in enumerate(blocks):
        yield from _find_wrong_module(checkout, number, block, registry.get(block.phase))


def phases_are_those_of_the_code(checkout: Checkout) -> Iterator[Finding]:
    """``models/phase.py`` has the names of contract.yaml, and the phases can be imported."""
    blocks = read_phase_blocks(checkout.raw)
    path = checkout.package / PHASE_NAMES
    names = found(path.read_text(encoding="utf-8"), phase_names(blocks))
    stale = [block for block in names if not block.current]
    for block in stale:
        message = f"the block {block.name} is stale: run `make docs`"
        yield Finding(checkout.name_of(path), block.line, message)
    if stale:
        return
    try:
        importlib.import_module(f"{_ROOM}.registry")
    except Exception as error:  # noqa: BLE001 - a module in the making may raise anything
        cause = find_cause(checkout, error)
        yield cause._replace(message=f"cannot be imported: {cause.message}")


def _find_incomplete(checkout: Checkout, blocks: Sequence[PhaseBlock]) -> Iterator[Finding]:
    """Blocks that do not say where their phase stands."""
    for number, block in enumerate(blocks):
        for kind, text in block._asdict().items():
            if not text:
                message = f"expected `{kind}` in this block, found none"
                yield checkout.in_contract(message, "phases", number)


def _find_wrong_names(checkout: Checkout, blocks: Sequence[PhaseBlock]) -> Iterator[Finding]:
    """Names that are none or stand twice, and states that are not those of the phases."""
    for kind in ("phase", "state"):
        names = [getattr(block, kind) for block in blocks]
        for number, name in enumerate(names):
            if not (name.isidentifier() and name.isupper()):
                message = f"expected a name such as SIGN_OFF, found {name!r}"
            elif names.index(name) != number:
                message = f"the {kind} {name} stands here again"
            else:
                continue
            yield checkout.in_contract(message, "phases", number, kind)
    states = checkout.raw.get("states", [])
    expected = ["PLANNED", *(block.state for block in blocks), "DONE"]
    if blocks and states != expected:
        yield checkout.in_contract(
            f"expected {', '.join(expected)} (PLANNED, the state of each phase, DONE),"
            f" found {', '.join(map(str, states))}",
            "states",
        )


def _read_registry(tree: ast.Module) -> dict[str, _Line]:
    return {
        str(name.value): _Line(ast.unparse(module), module.lineno)
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict)
        for name, module in zip(node.value.keys, node.value.values, strict=True)
        if isinstance(name, ast.Constant)
    }


def _find_wrong_lines(
    checkout: Checkout, blocks: Sequence[PhaseBlock], registry: Mapping[str, _Line]
) -> Iterator[Finding]:
    """Lines of the registry that are missing, stand elsewhere, or have no block or module."""
    file = checkout.name_of(checkout.package / _REGISTRY)
    names = [block.phase for block in blocks]
    above = min((line.number for line in registry.values()), default=1) - 1
    for block in blocks:
        if block.phase in registry:
            above = registry[block.phase].number
        else:
            missing = f'"{block.phase}": {block.handler.rpartition(".")[2]},'
            yield Finding(file, above, f"expected the line {missing} below this one, found none")
    for name, line in registry.items():
        if name not in names:
            message = f"expected a block of {name} under `phases` in contract.yaml, found none"
            yield Finding(file, line.number, message)
    for expected, name in zip(
        [name for name in dict.fromkeys(names) if name in registry],
        [name for name in registry if name in names],
        strict=True,
    ):
        if name != expected:
            message = f"expected {expected} here, as in contract.yaml, found {name}"
            yield Finding(file, registry[name].number, message)
            return


def _find_wrong_imports(
    checkout: Checkout, tree: ast.Module, registry: Mapping[str, _Line]
) -> Iterator[Finding]:
    """Modules that the registry names and does not import, or imports and there are none."""
    file = checkout.name_of(checkout.package / _REGISTRY)
    imported = {
        alias.name: alias.lineno
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == _ROOM
        for alias in node.names
    }
    for module, number in registry.values():
        if module not in imported:
            yield Finding(file, number, f"expected {module} to be imported above, found it is not")
    for module, number in imported.items():
        if not (checkout.package / "phases" / f"{module}.py").is_file():
            yield Finding(file, number, f"expected the module phases/{module}.py, found none")


def _find_wrong_module(
    checkout: Checkout, number: int, block: PhaseBlock, line: _Line | None
) -> Iterator[Finding]:
    """A handler that is no module or another phase's, or that lacks a part."""
    where = ("phases", number, "handler")
    if line is not None and block.handler != f"{_ROOM}.{line.module}":
        message = f"expected the module of {block.phase} in the registry, found {block.handler}"
        yield checkout.in_contract(message, *where)
    path = checkout.package.joinpath(*block.handler.split(".")[1:]).with_suffix(".py")
    if not path.is_file():
        message = f"{block.handler} cannot be imported: expected {checkout.name_of(path)}"
        yield checkout.in_contract(message, *where)
        return
    try:
        missing = _list_missing_parts(checkout.parse(path))
    except SyntaxError as error:
        yield find_cause(checkout, error)
        return
    if missing:
        yield Finding(
            checkout.name_of(path), 1, f"expected {', '.join(missing)} of a phase, found none"
        )


def _list_missing_parts(module: ast.Module) -> list[str]:
    """What ``ports.PhaseHandler`` and ``output.PhaseOutput`` ask of a module and it has not."""
    functions = {node.name for node in module.body if isinstance(node, ast.FunctionDef)}
    outputs = {
        ast.unparse(node.value)
        for node in module.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "OUTPUT"
    }
    methods = {
        member.name
        for node in module.body
        if isinstance(node, ast.ClassDef) and node.name in outputs
        for member in node.body
        if isinstance(member, ast.FunctionDef)
    }
    parts = {
        "OUTPUT": bool(outputs),
        "summary() in its OUTPUT": "summary" in methods,
        "done()": "done" in functions,
        "apply()": "apply" in functions,
    }
    return [name for name, there in parts.items() if not there]


class PhaseBlock(NamedTuple):
    """A block under ``phases``, as far as it says where the phase stands."""

    phase: str
    state: str
    handler: str


def read_phase_blocks(raw: Any) -> list[PhaseBlock]:  # noqa: ANN401 - whatever the file holds
    """The blocks in order, a text that is missing empty; none where they have another form.

    The schema refuses those.
    """
    try:
        blocks = [PhaseBlock(*(each.get(name, "") for name in PhaseBlock._fields))
                  for each in raw["phases"]]  # fmt: skip
    except (AttributeError, KeyError, TypeError):
        return []
    return blocks if all(isinstance(text, str) for each in blocks for text in each) else []


def phase_names(blocks: Sequence[PhaseBlock]) -> dict[str, str]:
    """Name to text of every block."""
    return {
        "states": _write_members(each.state for each in blocks),
        "phases": _write_members(each.phase for each in blocks),
        "leads-to": "\n".join(f"Phase.{each.phase}: PhaseState.{each.state}," for each in blocks),
    }


def _write_members(names: Iterable[str]) -> str:
    return "\n".join(f'{name} = "{name}"' for name in names)
