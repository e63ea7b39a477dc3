"""Checks of the code against what contract.yaml promises of it."""

from __future__ import annotations

import ast
import importlib
import re
from typing import TYPE_CHECKING

from omninode_release.contract.conformance.checkout import (
    Finding,
    find_first_difference,
    find_missing_and_unknown,
)
from omninode_release.contract.schemas import phase_schema
from omninode_release.errors import ErrorCode
from omninode_release.models.commit import Commit
from omninode_release.text.commits.commit_range import decide

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.contract.conformance.checkout import Checkout

_OURS = "(?:OMNI|ONEX|SLACK|CLAUDE)_"
_VARIABLE = re.compile(f"{_OURS}[A-Z_]*[A-Z]")


def handlers_can_be_imported(checkout: Checkout) -> Iterator[Finding]:
    """The classes the contract names for ONEX are there and are what they are used as."""
    contract = checkout.contract
    handler, taken = contract.handler, contract.input_model
    beside, _, node = contract.handler_routing.default_handler.partition(":")
    called_with = handler.input_model.rpartition(".")
    for module, name, member, where in (
        (taken.module, taken.name, "model_validate", "input_model"),
        (called_with[0], called_with[2], "model_validate", "handler"),
        (contract.output_model.module, contract.output_model.name, "model_validate",
         "output_model"),
        (handler.module, handler.class_, "handle", "handler"),
        (f"omninode_release.{beside}", node, "handle", "handler_routing"),
    ):  # fmt: skip
        problem = _find_class_fault(module, name, member)
        if problem:
            yield checkout.in_contract(problem, where)


def _find_class_fault(module: str, name: str, member: str) -> str:
    try:
        found = importlib.import_module(module)
    except (ImportError, ValueError) as error:  # the latter of an empty name
        return f"{module} cannot be imported: {error}"
    if not hasattr(found, name):
        return f"{module} has no {name}"
    return "" if hasattr(getattr(found, name), member) else f"{module}.{name} has no {member}"


def schemas_are_generated(checkout: Checkout) -> Iterator[Finding]:
    """``schemas/`` holds what the models generate, and each phase names one of them."""
    expected = checkout.schemas
    found = [path.name for path in sorted((checkout.root / "schemas").glob("*"))]
    for name, matter in find_missing_and_unknown(found, list(expected)).items():
        yield Finding(f"schemas/{name}", 1, f"{matter}: run `make schemas`")
    for name in found:
        text = checkout.text(f"schemas/{name}") or ""
        if name in expected and text != expected[name]:
            line = find_first_difference(text, expected[name])
            yield Finding(f"schemas/{name}", line, "differs from its model: run `make schemas`")
    for number, spec in enumerate(checkout.contract.phases):
        schema = phase_schema(spec.phase)
        if spec.output_schema != schema:
            yield checkout.in_contract(
                f"there is no schema {spec.output_schema} of {spec.phase}: expected {schema}",
                "phases", number, "output_schema",
            )  # fmt: skip


def every_code_is_raised(checkout: Checkout) -> Iterator[Finding]:
    """Each code is made into an error somewhere, or is what a phase's failed program becomes."""
    raised = {spec.errors[0] for spec in checkout.contract.phases}
    for name, module in checkout.modules_with(ErrorCode.__name__).items():
        if not name.endswith("/errors/__init__.py"):
            raised |= _find_raised(module, inside_call=False)
    for number, spec in enumerate(checkout.contract.errors):
        if spec.code not in raised:
            yield checkout.in_contract(f"nothing raises {spec.code}", "errors", number)


def _find_raised(node: ast.AST, *, inside_call: bool) -> set[ErrorCode]:
    """Codes handed to a call; one that is only compared with is raised elsewhere."""
    match node:
        case ast.Compare():
            return set()
        case ast.Attribute(value=ast.Name(id="ErrorCode"), attr=code):
            return {ErrorCode(code)} if inside_call and code in ErrorCode.__members__ else set()
        case _:
            pass
    inside_call = inside_call or isinstance(node, ast.Call)
    below = (_find_raised(each, inside_call=inside_call) for each in ast.iter_child_nodes(node))
    return set[ErrorCode]().union(*below)


def bump_rules_are_those_of_the_code(checkout: Checkout) -> Iterator[Finding]:
    """Each commit of ``bump_rules`` asks for the level that stands beside it."""
    default = checkout.contract.release.default_bump
    for number, rule in enumerate(checkout.contract.bump_rules):
        head, _, body = rule.commit.partition("\n\n")
        level = decide([Commit("1" * 40, (), head, body)], default_bump=default).level
        if level != rule.level:
            yield checkout.in_contract(
                f"expected the level {level} of {head!r}, found {rule.level}", "bump_rules", number
            )


def variables_are_named(checkout: Checkout) -> Iterator[Finding]:
    """Every environment variable of ours that the code mentions stands in ``environment``."""
    named = {each.name for each in checkout.contract.environment}
    for file, module in checkout.modules_with(_OURS).items():
        for node in ast.walk(module):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and _VARIABLE.fullmatch(text) and text not in named:
                yield Finding(
                    file,
                    getattr(node, "lineno", 1),
                    f"contract.yaml does not name the variable {text}",
                )
