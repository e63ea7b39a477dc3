"""JSON Schemas: generated from the models, committed, enforced where data crosses a boundary."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omninode_release.errors import ReleaseError
from omninode_release.errors.excerpt import start_of
from omninode_release.system.json_text import parse_json

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

    from omninode_release.errors import ErrorCode

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_PACKAGE = Path(__file__).resolve().parents[1]


def resource(name: str) -> Path:
    """A file or folder that stands at the repository's root and, in a wheel, inside the package.

    A symbolic link to a folder would break the source distribution, so both places are looked at.
    """
    inside = _PACKAGE / name
    return inside if inside.exists() else _PACKAGE.parent.parent / name


def phase_schema(phase: str) -> str:
    return f"phase-{phase.lower()}"


@cache
def validator(name: str) -> Draft202012Validator:
    """The validator of ``schemas/<name>.schema.json``."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - a dry run must not pay for it

    schema = parse_json((resource("schemas") / f"{name}.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def check(
    name: str,
    value: Any,  # noqa: ANN401 - whatever crosses a boundary
    *,
    code: ErrorCode,
    where: str,
    hint: str | None = None,
) -> None:
    """Raise ``code`` when ``value`` does not fit the schema, naming the place inside it."""
    from jsonschema.exceptions import best_match  # noqa: PLC0415 - a dry run must not pay for it

    problem = best_match(validator(name).iter_errors(value))
    if problem is not None:
        if problem.context and {"type": "null"} in problem.validator_value:
            problem = problem.context[0]  # what it must be, where it is given at all
        at = "/".join(str(part) for part in problem.absolute_path) or "(top level)"
        raise ReleaseError(
            code,
            f"expected {where} to fit schemas/{name}.schema.json, found at {at}:"
            f" {start_of(problem.message, 300)}.",
            hint=hint,
        )
