"""Schemas tell a reader what every field is, and let nothing in that nobody knows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from omninode_release.contract.schema_files import schemas
from omninode_release.contract.schemas import DRAFT

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMAS = {name: json.loads(text) for name, text in schemas()}
# Sections of the contract that belong to ONEX: whatever it puts there is kept.
FOREIGN = {"descriptor", "execution", "io_operations", "dependencies", "metadata"}
# Evidence of any phase: a schema of its own, by phase, holds it when it is recorded.
HELD_ELSEWHERE = {"outputs"}


def objects(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object with fields: the schema itself, and its definitions."""
    for name, each in (("(top level)", schema), *schema.get("$defs", {}).items()):
        if "properties" in each:
            yield name, each


def fields(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for owner, each in objects(schema):
        for name, field in each["properties"].items():
            yield f"{owner}.{name}", field


def nested(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema and every schema inside it."""
    if isinstance(schema, list):
        for each in schema:
            yield from nested(each)
    elif isinstance(schema, dict):
        yield schema
        for key in ("items", "anyOf", "additionalProperties", "prefixItems"):
            yield from nested(schema.get(key))
        for each in schema.get("patternProperties", {}).values():
            yield from nested(each)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_valid_and_has_an_identity_of_its_own(name: str) -> None:
    schema = SCHEMAS[name]

    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == DRAFT
    assert schema["$id"] == f"urn:omninode-release:schema:{name.removesuffix('.schema.json')}:1"


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_object_and_field_has_a_title_and_a_description(name: str) -> None:
    schema = SCHEMAS[name]

    told = (*objects(schema), *fields(schema))
    assert [where for where, each in told if not {"title", "description"} <= each.keys()] == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_text_has_an_example_that_fits(name: str) -> None:
    schema = SCHEMAS[name]
    missing, wrong = [], []

    for where, field in fields(schema):
        for each in nested(field):
            free = each.get("type") == "string" and not {"enum", "const"} & each.keys()
            if free and "examples" not in each and "examples" not in field:
                missing.append(where)
            validator = Draft202012Validator({**each, "$defs": schema.get("$defs", {})})
            wrong += [
                where for example in each.get("examples", ()) if not validator.is_valid(example)
            ]

    assert (missing, wrong) == ([], [])


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_object_of_ours_takes_no_other_key(name: str) -> None:
    schema = SCHEMAS[name]

    open_ = [
        where for where, each in objects(schema) if each.get("additionalProperties") is not False
    ]
    for where, field in fields(schema):
        if where.rpartition(".")[2] in FOREIGN | HELD_ELSEWHERE:
            continue
        open_ += [
            where
            for each in nested(field)
            if each.get("type") == "object" and each.get("additionalProperties", True) is True
        ]
    assert open_ == []


def test_a_duration_names_its_unit() -> None:
    timeouts = SCHEMAS["release-config.schema.json"]["$defs"]["Timeouts"]["properties"]

    for name, field in timeouts.items():
        assert field["x-unit"] == name.rpartition("_")[2]
        assert field["x-unit"] in {"minutes", "seconds"}


def test_a_repository_of_an_impossible_name_does_not_fit() -> None:
    validator = Draft202012Validator(SCHEMAS["release-config.schema.json"])
    config = {"organization": "o", "graph": {"tiers": [{"alpha": []}]}}

    assert validator.is_valid(config)
    config["graph"] = {"tiers": [{"../alpha": []}]}
    assert not validator.is_valid(config)
