"""What is wrong with a release configuration, in plain words, with the line in the file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, get_args

from omninode_release.errors.excerpt import show
from omninode_release.models.branch_name import BRANCH_NAME
from omninode_release.models.changelog import COMMIT_TYPE
from omninode_release.models.config import ReleaseConfig
from omninode_release.models.config_parts import LABEL, VARIABLE_NAME
from omninode_release.models.model import Model
from omninode_release.models.names import REPO_NAME
from omninode_release.text.formats.yaml_reader import (
    find_yaml_line,
    has_yaml_value,
    read_yaml_nodes,
)

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
_FORMS = {
    REPO_NAME: "letters, digits, '.', '_' and '-'",
    BRANCH_NAME: "a branch's name of letters, digits and '_', '.', '/', '+', '@', '#', '-'",
    COMMIT_TYPE: "a commit's type in small letters",
    LABEL: "a label's name of at most 50 characters, without a comma",
    VARIABLE_NAME: "a variable's name of letters, digits and '_'",
}
"""What a text has to be, by the pattern that it does not fit."""


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
    told: dict[tuple[str | int, ...], list[str]] = {}
    for each in error.errors(include_url=False):
        told.setdefault(_find_place(each, nodes, below), []).append(_say(each))
    found = [
        _describe(place, _join(messages), nodes, below)
        for place, messages in told.items()
        # What else could stand there is no news where one of its keys is wrong.
        if not any(place and place == each[: len(place)] != each for each in told)
    ]
    return sorted(found, key=lambda each: each.line or 0)


def _find_place(
    found: Any,  # noqa: ANN401 - pydantic's ErrorDetails
    nodes: yaml.Node | None,
    below: Location,
) -> tuple[str | int, ...]:
    """The keys that lead there, without the names that pydantic gives the kinds of a value."""
    place: list[str | int] = []
    for at, part in enumerate(found["loc"], start=1):
        is_missing = found["type"] == "missing" and at == len(found["loc"])
        if is_missing or has_yaml_value(nodes, (*below, *place, part)):
            place.append(part)
    return tuple(place)


def _join(messages: Sequence[str]) -> str:
    """One sentence of those about one value, such as what else could stand there."""
    first, *others = messages
    words, _, value = first.partition(", found ")
    more = [each.partition(", found ")[0].removeprefix("expected ") for each in others]
    return f"{', or '.join([words, *more])}, found {value}" if more else first


def _describe(
    loc: Location, message: str, nodes: yaml.Node | None, below: Location
) -> ConfigProblem:
    if loc:
        line = find_yaml_line(nodes, (*below, *loc))
        return ConfigProblem(line, f"{'.'.join(map(str, loc))}: {message}")
    # What concerns several keys has no place of its own; its message begins with one of them.
    key = message.split(maxsplit=1)[0].removesuffix(":")
    line = find_yaml_line(nodes, (*below, *key.split(".")))
    return ConfigProblem(line, message if line else f"(top level): {message}")


def _say(found: Any) -> str:  # noqa: ANN401, PLR0911 - ErrorDetails; one form each
    kind, value = found["type"], found["input"]
    shown = "nothing" if value is None else show(value, 300)
    if kind == "extra_forbidden":
        return f"unknown key{_suggest_key(str(found['loc'][-1]))}"
    if kind == "missing":
        return "expected this key, found none"
    if kind in _KINDS:
        return f"expected {_KINDS[kind]}, found {shown}"
    if kind in {"literal_error", "enum"}:
        return f"expected {found['ctx']['expected']}, found {shown}"
    if kind == "string_pattern_mismatch":
        return f"expected {_describe_form(found['ctx']['pattern'], value)}, found {shown}"
    message = str(found["msg"]).removeprefix("Value error, ")
    if kind == "value_error":
        return message
    return f"{message.replace('Input should be', 'expected a value')}, found {shown}"


def _describe_form(pattern: str, value: str) -> str:
    """What was expected, in words."""
    form = _FORMS.get(pattern, f"text that fits {pattern}")
    has_no_other = pattern == REPO_NAME and re.fullmatch(r"[A-Za-z0-9._-]+", value)
    return f"at most 100 {form}, no mark first" if has_no_other else form


def _suggest_key(key: str) -> str:
    """The key that may be meant; where it stands, if it is the very same."""
    places = {place.rpartition(".")[2]: place for place in reversed([*_find_keys(ReleaseConfig)])}
    near = next(iter(get_close_matches(key, places, 1)), None)
    return f", {places[near] if near == key else near} perhaps" if near else ""


def _find_keys(kind: object, above: str = "") -> Iterator[str]:
    """Every key that a model or a type made of models can have, with the keys above it."""
    if isinstance(kind, type) and issubclass(kind, Model):
        for name, field in kind.model_fields.items():
            yield f"{above}{name}"
            yield from _find_keys(field.annotation, f"{above}{name}.")
    for each in get_args(kind):
        yield from _find_keys(each, above)
