"""A TOML text as tomllib reads it: values, the paths that lead to them, the lines they stand on."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from omninode_release.errors import ReleaseError, typed
from omninode_release.system.json_text import is_nested_deeper
from omninode_release.text.formats.line_edits import BYTE_ORDER_MARK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omninode_release.errors import ErrorCode

KeyPath: TypeAlias = tuple[str | int, ...]
"""Where a value stands: decoded keys and array indexes from the top of the document."""

_DEEPEST = 100
_MOST_PROBES = 50
_LONGEST_NUMBER = 1000
_LONG_NUMBER = re.compile(rf"0[xob][0-9A-Fa-f_]{{{_LONGEST_NUMBER // 4},}}")
_PROBE = "a-value-that-stands-nowhere-else"


class _UnreadError(tomllib.TOMLDecodeError):
    """What tomllib has no error of its own for; since Python 3.14 its own wants a position."""

    def __init__(self, why: str) -> None:
        ValueError.__init__(self, why)


@lru_cache(maxsize=2048)
def parse_toml(text: str) -> Mapping[str, Any]:
    """The parsed text, remembered and not to be changed; raises tomllib.TOMLDecodeError.

    Nothing else is raised, though tomllib does so for deep nesting and for long numbers. Floats are
    tuples of their spelling: they are compared and never calculated with, and a ``nan`` would make
    a document unequal to itself.
    """
    return _parse(text)


def try_parse_toml(text: str | None) -> Mapping[str, Any]:
    """The same; empty for no text, and for what is no TOML: whose it is says so itself."""
    try:
        return parse_toml(text or "")
    except tomllib.TOMLDecodeError:
        return {}


def refuse_mark(text: str, *, where: str, code: ErrorCode) -> None:
    """Raise ``code`` for a byte order mark, which some editors write before a text.

    tomllib calls it an invalid statement.
    """
    if text.startswith(BYTE_ORDER_MARK):
        cut = f"import pathlib; p = pathlib.Path({where!r}); p.write_bytes(p.read_bytes()[3:])"
        raise ReleaseError(
            code,
            f"expected {where} to be UTF-8 without a byte order mark, which TOML does not allow,"
            " found one at its beginning (EF BB BF).",
            hint=f"{typed(('python3', '-c', cut))} in the folder of the clones takes it away;"
            " commit that and land it on the base branch",
        )


def reads_as(text: str, expected: object) -> bool:
    """True when the text is TOML and has exactly this value."""
    try:
        return parse_toml(text) == expected
    except tomllib.TOMLDecodeError:
        return False


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


def table_at(node: object, path: KeyPath) -> Mapping[str, Any]:
    """The table that stands at ``path``; empty where none does."""
    found = value_at(node, path)
    return found if isinstance(found, dict) else {}


def list_at(node: object, path: KeyPath) -> list[Any]:
    """The array that stands at ``path``; empty where none does."""
    found = value_at(node, path)
    return found if isinstance(found, list) else []


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
    another value changes what stands at ``path``. None where escapes spell the value, and where it
    is written in more places than can be tried in a moment.
    """
    value = value_at(parse_toml(text), path)
    if not isinstance(value, str) or not value:
        return None
    for spelling in (value, escape_basic(value)):
        for found in islice(re.finditer(re.escape(spelling), text), _MOST_PROBES):
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
    try:
        parsed = tomllib.loads(text, parse_float=lambda spelling: (spelling,))
    except (tomllib.TOMLDecodeError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - deep nesting, a number of thousands of digits
        why = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise _UnreadError(f"{why} (at line {_find_fatal_line(text)})") from None
    if is_nested_deeper(parsed, _DEEPEST):  # by dotted keys, which take no depth to read
        raise _UnreadError(f"it is nested more than {_DEEPEST} levels deep")
    long = _LONG_NUMBER.search(text)
    if long and _has_long_number(parsed):
        line = text.count("\n", 0, long.start()) + 1
        raise _UnreadError(
            f"a number of more than {_LONGEST_NUMBER} binary digits (at line {line})"
        )
    return parsed


def _has_long_number(node: object) -> bool:
    """True for a number that Python reads and refuses to print: it limits decimal ones alone."""
    if isinstance(node, dict | list):
        return any(map(_has_long_number, node.values() if isinstance(node, dict) else node))
    return isinstance(node, int) and node.bit_length() > _LONGEST_NUMBER


def _find_fatal_line(text: str) -> int:
    """The line, counted from 1, that tomllib gives up on with another error than its own.

    It reads from left to right: it is the last line of the shortest beginning that ends so, too.
    """
    lines = text.split("\n")

    def is_fatal(count: int) -> bool:
        try:
            tomllib.loads("\n".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            return False
        except Exception:  # noqa: BLE001 - whatever it is
            return True
        return False

    return bisect_left(range(1, len(lines)), x=True, key=is_fatal) + 1


def _read_at(text: str, path: KeyPath) -> object:
    try:
        return value_at(_parse(text), path)
    except tomllib.TOMLDecodeError:
        return None
