"""Writing ``schemas/``: every model that crosses a boundary, as draft 2020-12.

A field is described by the string that stands under it in the model. It is read from the source
here, and not by pydantic when the class is made: every command would pay for that.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
import json
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema

from omninode_release.adapters.registry import CHOICES
from omninode_release.contract.schemas import DRAFT, phase_schema, resource
from omninode_release.models.config import ReleaseConfig
from omninode_release.models.contract import Contract
from omninode_release.models.event import RunEvent
from omninode_release.models.explanation import Explanation
from omninode_release.models.inputs import ModelReleaseInputs
from omninode_release.models.model import Model
from omninode_release.models.plan_file import PlanFile
from omninode_release.models.policy import ReleasePolicy
from omninode_release.models.release_set import ReleaseSet
from omninode_release.models.request import ModelSkillRequest
from omninode_release.models.result import ModelSkillResult
from omninode_release.models.state import RunState
from omninode_release.phases.registry import PHASES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Literal

    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import core_schema

SCHEMA_VERSION = 1
_UNITS = frozenset({"hours", "minutes", "seconds"})
_READ: Mapping[str, type[Model]] = {
    "contract": Contract,
    "event": RunEvent,
    "release-config": ReleaseConfig,
    "release-inputs": ModelReleaseInputs,
    "release-policy": ReleasePolicy,
    "skill-request": ModelSkillRequest,
    "state": RunState,
}
_WRITTEN: Mapping[str, type[Model]] = {
    "explanation": Explanation,
    "plan": PlanFile,
    "release-set": ReleaseSet,
    "result": ModelSkillResult,
    **{phase_schema(phase): handler.OUTPUT for phase, handler in PHASES.items()},
}


class _Described(GenerateJsonSchema):
    """Says what each field means and in which unit, and closes maps whose keys have a form."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        cls = schema["cls"]
        names = {name: field.alias or name for name, field in cls.model_fields.items()}
        return self._describe(super().model_schema(schema), cls, names)

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        cls = schema["cls"]
        names = {each.name: each.name for each in dataclasses.fields(cls)}
        return self._describe(super().dataclass_schema(schema), cls, names)

    def _describe(
        self, made: JsonSchemaValue, cls: type[Any], names: Mapping[str, str]
    ) -> JsonSchemaValue:
        if "properties" not in made:
            return made
        texts = _field_texts(cls)  # type: ignore[arg-type] # a class is hashable
        for name, alias in names.items():
            shown = made["properties"][alias]
            shown.setdefault("title", name.replace("_", " ").title())
            if name in texts:
                shown["description"] = texts[name]
            unit = name.rpartition("_")[2]
            if unit in _UNITS:
                shown["x-unit"] = unit
            if cls is ReleaseConfig and name in CHOICES:
                shown["enum"] = list(CHOICES[name])
        return made

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        return made | {"additionalProperties": False} if "patternProperties" in made else made


@cache
def _field_texts(cls: type[Any]) -> dict[str, str]:
    """Field name to the string under it, inherited fields included."""
    inherited = _field_texts(cls.__base__) if cls.__base__ not in {Model, object, None} else {}
    body = ast.parse(inspect.getsource(cls)).body[0].body  # type: ignore[attr-defined] # a class
    return inherited | {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


def schemas() -> Iterator[tuple[str, str]]:
    """File name and text of every schema."""
    for name, model in _READ.items():
        yield _file(name, model, "validation")
    for name, model in _WRITTEN.items():
        yield _file(name, model, "serialization")


@cache
def _file(
    name: str, model: type[Model], mode: Literal["validation", "serialization"]
) -> tuple[str, str]:
    schema: dict[str, Any] = {
        "$schema": DRAFT,
        "$id": f"urn:omninode-release:schema:{name}:{SCHEMA_VERSION}",
        **model.model_json_schema(mode=mode, schema_generator=_Described),
    }
    return f"{name}.schema.json", json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main(argv: Sequence[str]) -> int:
    """Write every schema into the folder named, by default the repository's ``schemas/``."""
    folder = Path(argv[0]) if argv else resource("schemas")
    folder.mkdir(exist_ok=True)
    for name, text in schemas():
        (folder / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
