"""Markdown of the generated blocks: tables, lists, and what a JSON Schema says in few words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Schema = dict[str, Any]
# An enumeration is spelt out where it has so many values; otherwise its name stands for it.
_FEW = range(1, 8)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; pipes and line ends inside a cell are made harmless."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def bullets(texts: Iterable[str]) -> str:
    """One sentence a line."""
    return "\n".join(f"- {sentence(text)}" for text in texts)


def sentence(text: str) -> str:
    """With a capital and a full stop."""
    return f"{_plain(text[:1].upper() + text[1:])}."


def code(text: object) -> str:
    return f"`{text}`"


def _cell(value: object) -> str:
    return _plain(" ".join(str(value).replace("``", "`").split())).replace("|", "\\|")


def _plain(text: str) -> str:
    """Text in which a name between angle brackets does not pass for HTML; code stays as it is."""
    parts = text.split("`")
    parts[::2] = (part.replace("<", "\\<") for part in parts[::2])
    return "`".join(parts)


def fields(schema: Schema, *, prefix: str = "") -> Iterator[tuple[str, Schema, bool]]:
    """Path and schema of every field, and whether it must be given; objects are opened.

    What may be a word instead of an object has a line of its own before it is opened.
    """
    for name, field in schema.get("properties", {}).items():
        forms = field.get("anyOf", [field])
        inner = [_resolve(form, schema["$defs"]) for form in forms if "$ref" in form]
        opened = [each for each in inner if "properties" in each]
        if not opened or len(forms) > 1:
            yield f"{prefix}{name}", field, name in schema.get("required", ())
        for each in opened:
            yield from fields({**each, "$defs": schema["$defs"]}, prefix=f"{prefix}{name}.")


def kind(field: Schema, defs: Mapping[str, Schema]) -> str:
    """A field's type in few words, its unit included."""
    unit = f" ({field['x-unit']})" if "x-unit" in field else ""
    return _kind(field, defs) + unit


def _kind(field: Schema, defs: Mapping[str, Schema]) -> str:  # noqa: PLR0911 - one form each
    if "$ref" in field:
        target = _resolve(field, defs)
        return _kind(target, defs) if len(target.get("enum", ())) in _FEW else target["title"]
    if "enum" in field:
        return " | ".join(field["enum"])
    if "const" in field:
        return json.dumps(field["const"])
    if "anyOf" in field:
        return " or ".join(_kind(each, defs) for each in field["anyOf"])
    match field.get("type"):
        case "array":
            return f"list of {_kind(field['items'], defs)}"
        case "object":
            return f"map to {_kind(_values(field), defs)}"
        case "string":
            return {"date-time": "time", "uuid": "UUID"}.get(field.get("format", ""), "text")
        case other:
            return {"boolean": "true | false"}.get(str(other), str(other))


def _values(field: Schema) -> Schema:
    """The schema of a map's values."""
    patterns = list(field.get("patternProperties", {}).values())
    return patterns[0] if patterns else _mapping(field.get("additionalProperties"))


def _mapping(value: object) -> Schema:
    return value if isinstance(value, dict) else {"type": "anything"}


def default(field: Schema, *, required: bool) -> str:
    """What is taken where a field is not given."""
    if required:
        return "required"
    nothing: Schema | None = {} if field.get("type") == "object" else None
    return code(json.dumps(field.get("default", nothing)))


def _resolve(field: Schema, defs: Mapping[str, Schema]) -> Schema:
    return defs[field["$ref"].rpartition("/")[2]]
