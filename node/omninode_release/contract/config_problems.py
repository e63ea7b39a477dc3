"""What is wrong with a release configuration, in plain words, with the line in the file."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, get_args

from omninode_release.errors.excerpt import show
from omninode_release.models.config import ReleaseConfig
from omninode_release.models.model import Model
from omninode_release.text.yaml_reader import find_yaml_line, read_yaml_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml
    from pydantic import ValidationError

Location: TypeAlias = Sequence[str | int]
_KINDS = {
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "keys and values",
    "model_type": "keys and values",
    "string_type": "text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "too_short": "at least one",
}


class ConfigProblem(NamedTuple):
    """One thing that is wrong."""

    line: int | None
    """Counted from 1; None where no line shows it."""
    text: str
    """The key, and what was expected and found."""

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}" if self.line else self.text


def find_problems(error: ValidationError, source: bytes, *, below: Location) -> list[ConfigProblem]:
    """Everything that is wrong, in the order of the file; the configuration stands ``below``."""
    nodes = read_yaml_nodes(source)
    found = [_describe(each, nodes, below) for each in error.errors(include_url=False)]
    return sorted(found, key=lambda each: each.line or 0)


def _describe(found: Any, nodes: yaml.Node | None, below: Location) -> ConfigProblem:  # noqa: ANN401 - pydantic's ErrorDetails
    loc = [part for part in found["loc"] if part != "[key]"]
    message = _say(found)
    if loc:
        line = find_yaml_line(nodes, (*below, *loc))
        return ConfigProblem(line, f"{'.'.join(map(str, loc))}: {message}")
    # What concerns several keys has no place of its own; its message begins with one of them.
    line = find_yaml_line(nodes, (*below, message.split(maxsplit=1)[0]))
    return ConfigProblem(line, message if line else f"(top level): {message}")


def _say(found: Any) -> str:  # noqa: ANN401, PLR0911 - ErrorDetails; one form each
    kind, value = found["type"], found["input"]
    shown = "nothing" if value is None else show(value, 300)
    if kind == "extra_forbidden":
        near = get_close_matches(str(found["loc"][-1]), [*_find_keys(ReleaseConfig)], 1)
        return "unknown key" + (f", {near[0]} perhaps" if near else "")
    if kind == "missing":
        return "expected this key, found none"
    if kind in _KINDS:
        return f"expected {_KINDS[kind]}, found {shown}"
    if kind in {"literal_error", "enum"}:
        return f"expected {found['ctx']['expected']}, found {shown}"
    if kind == "string_pattern_mismatch":
        return f"expected letters, digits, '.', '_' and '-', found {shown}"
    message = str(found["msg"]).removeprefix("Value error, ")
    if kind == "value_error":
        return message
    return f"{message.replace('Input should be', 'expected a value')}, found {shown}"


def _find_keys(kind: object) -> Iterator[str]:
    """Every key that a model or a type made of models can have, at whatever depth."""
    if isinstance(kind, type) and issubclass(kind, Model):
        for name, field in kind.model_fields.items():
            yield name
            yield from _find_keys(field.annotation)
    for each in get_args(kind):
        yield from _find_keys(each)
