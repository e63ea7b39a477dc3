"""Checks of what is written about the tool, and of what only a checkout has."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import omninode_release
from omninode_release.contract.conformance.checkout import Finding, parse_module
from omninode_release.contract.documents.markers import found
from omninode_release.contract.documents.registry import DOCUMENTS, SKILL_FILES
from omninode_release.text.formats.toml_document import parse_toml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.contract.conformance.checkout import Checkout


def skill_documents_are_current(checkout: Checkout) -> Iterator[Finding]:
    """SKILL.md, prompt.md and references hold every block they should, as it is generated now."""
    for name in DOCUMENTS:
        if name in SKILL_FILES:
            yield from _find_stale(checkout, name)


def frontmatter_names_what_there_is(checkout: Checkout) -> Iterator[Finding]:
    """Arguments and inputs that contract.yaml picks for SKILL.md's frontmatter are some."""
    contract = checkout.contract
    there = {
        "arguments": {each.name for each in checkout.describe_command_line().arguments},
        "inputs": {each.name for each in contract.inputs},
    }
    for key, names in there.items():
        for name in getattr(contract.skill, key):
            if name not in names:
                message = f"skill.{key} has {name}, which there is none of"
                yield checkout.in_contract(message, "skill", key)


def reference_is_current(checkout: Checkout) -> Iterator[Finding]:
    """docs/reference.md holds every block it should, as it is generated now."""
    for name in DOCUMENTS:
        if name not in SKILL_FILES:
            yield from _find_stale(checkout, name)


def _find_stale(checkout: Checkout, name: str) -> Iterator[Finding]:
    text = checkout.text(name)
    if text is None:
        yield Finding(name, 1, "expected this document, found none")
        return
    try:
        there = list(found(text, checkout.blocks))
    except ValueError as error:
        yield Finding(name, 1, str(error))
        return
    for block in there:
        if not block.current:
            yield Finding(name, block.line, f"the block {block.name} is stale: run `make docs`")
    for missing in sorted(DOCUMENTS[name] - {block.name for block in there}):
        yield Finding(name, 1, f"expected the block {missing}, found none")


def every_code_has_a_scenario(checkout: Checkout) -> Iterator[Finding]:
    """A test under tests/scenarios is marked ``@provokes`` for each code, and held to it there."""
    marked = {
        match[1]
        for path in (checkout.root / "tests" / "scenarios").glob("test_*.py")
        if "provokes" in (text := path.read_text(encoding="utf-8"))
        for node in ast.walk(parse_module(text, str(path)))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        for mark in map(ast.unparse, node.decorator_list)
        if (match := re.fullmatch(r"provokes\(ErrorCode\.(\w+)\)", mark))
    }
    for number, spec in enumerate(checkout.contract.errors):
        if spec.code not in marked:
            yield checkout.in_contract(f"no scenario provokes {spec.code}", "errors", number)


def one_version_and_one_name(checkout: Checkout) -> Iterator[Finding]:
    """Package, project and contract have one version; node and entry point one name."""
    contract, text = checkout.contract, checkout.text("pyproject.toml") or ""
    project = parse_toml(text)["project"]
    node = contract.node_version
    for what, version in (
        ("the package", omninode_release.__version__),
        ("node_version", f"{node.major}.{node.minor}.{node.patch}"),
    ):
        if version != project["version"]:
            line = text[: text.index("\nversion = ")].count("\n") + 2
            message = f"expected {version} as {what} has it, found {project['version']}"
            yield Finding("pyproject.toml", line, message)
    names = {contract.name, contract.contract_name, contract.node_name}
    if names != set(project["entry-points"]["onex.nodes"]):
        yield checkout.in_contract("expected the name of the entry point in onex.nodes", "name")
