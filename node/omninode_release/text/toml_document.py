"""A TOML text as tomllib reads it: values, the paths that lead to them, the lines they stand on."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KeyPath: TypeAlias = tuple[str | int, ...]
"""Where a value stands: decoded keys and array indexes from the top of the document."""

_PROBE = "a-value-that-stands-nowhere-else"


@lru_cache(maxsize=32)
def parse_toml(text: str) -> Mapping[str, Any]:
    """The parsed text, remembered and not to be changed; raises tomllib.TOMLDecodeError.

    Floats are tuples of their spelling: they are compared and never calculated with, and a ``nan``
    would make a document unequal to itself.
    """
    return _parse(text)


def value_at(node: object, path: KeyPath) -> object:
    """What stands at ``path``, or None where nothing does."""
    for key in path:
        if isinstance(node, dict):
            node = node.get(key)
        elif isinstance(node, list) and isinstance(key, int) and key < len(node):
            node = node[key]
        else:
            return None
    return node


def replace_values(node: object, new_values: Mapping[KeyPath, str], path: KeyPath = ()) -> object:
    """The document with exactly these values replaced."""
    if isinstance(node, dict):
        return {key: replace_values(each, new_values, (*path, key)) for key, each in node.items()}
    if isinstance(node, list):
        return [replace_values(each, new_values, (*path, at)) for at, each in enumerate(node)]
    return new_values.get(path, node)


def find_string_paths(node: object, path: KeyPath) -> Iterator[KeyPath]:
    """The paths of every string at or below ``node``, which stands at ``path``."""
    if isinstance(node, str):
        yield path
    children = node.items() if isinstance(node, dict) else ()
    for key, child in enumerate(node) if isinstance(node, list) else children:
        yield from find_string_paths(child, (*path, key))


def find_line(text: str, path: KeyPath) -> int | None:
    """The line, counted from 1, on which the value of the string at ``path`` is written.

    tomllib keeps no places. Of the places where the value is written, the right one is where
    another value changes what stands at ``path``. None where escapes spell the value.
    """
    value = value_at(parse_toml(text), path)
    if not isinstance(value, str) or not value:
        return None
    for spelling in (value, escape_basic(value)):
        for found in re.finditer(re.escape(spelling), text):
            probed = f"{text[: found.start()]}{_PROBE}{text[found.end() :]}"
            if _read_at(probed, path) == _PROBE:
                return text.count("\n", 0, found.start()) + 1
    return None


def find_key_line(text: str, path: KeyPath) -> int | None:
    """The line, counted from 1, on which the last key of ``path`` is written.

    Of the places where the key is written, the right one is where another name leaves nothing at
    ``path`` and the table around it as it is. None where escapes spell the key.
    """
    for found in re.finditer(rf"(?<![\w-]){re.escape(str(path[-1]))}(?![\w-])", text):
        probed = f"{text[: found.start()]}{_PROBE}{text[found.end() :]}"
        if _read_at(probed, path) is None and _read_at(probed, path[:-1]) is not None:
            return text.count("\n", 0, found.start()) + 1
    return None


def escape_basic(value: str) -> str:
    """``value`` as it stands in a basic string when nothing is escaped that need not be."""
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _parse(text: str) -> Mapping[str, Any]:
    return tomllib.loads(text, parse_float=lambda spelling: (spelling,))


def _read_at(text: str, path: KeyPath) -> object:
    try:
        return value_at(_parse(text), path)
    except tomllib.TOMLDecodeError:
        return None
