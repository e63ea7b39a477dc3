"""Replace string values of a TOML text and leave every other byte alone.

tomllib stays the only grammar. One expression finds comments and strings; each string is swapped
for a marker; tomllib reads the marked text, and where a marker turns up in the document is where
that string stands in the file. A writer that renders the document anew could not promise the bytes.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from omninode_release.errors import ErrorCode, ReleaseError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

KeyPath: TypeAlias = tuple[str | int, ...]
"""Where a value stands: decoded keys and array indexes from the top of the document."""

# toml.io v1.0.0, "Comment" and "String". In a valid document, read from the left, `#` and quotes
# occur nowhere else. A multi-line string may end in up to two quotes of its own.
_TOKEN = re.compile(
    r"""
      \#[^\n]*
    | \"{3}(?:\\.|[^\\])*?\"{3}\"{0,2}
    | '{3}.*?'{3}'{0,2}
    | \"(?:\\.|[^\"\\\n])*\"
    | '[^'\n]*'
    """,
    re.VERBOSE | re.DOTALL,
)
_AFTER_KEY = re.compile(r"[ \t]*[=.]")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_ESCAPED = re.compile(r"[\"\\\x00-\x08\x0a-\x1f\x7f]")


class StringValue(NamedTuple):
    """A string of the document: what it says, and the half-open span of its quoted form."""

    value: str
    start: int
    end: int


@lru_cache(maxsize=32)
def document(text: str) -> Mapping[str, Any]:
    """The parsed text, remembered and not to be changed; raises tomllib.TOMLDecodeError.

    Floats are tuples of their spelling: nobody calculates with them here, and a ``nan`` would make
    a document unequal to itself.
    """
    return tomllib.loads(text, parse_float=lambda spelling: (spelling,))


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


@lru_cache(maxsize=32)
def string_values(text: str) -> Mapping[KeyPath, StringValue]:
    """Every string value of the document with its place in the text; keys are not values.

    Raises tomllib.TOMLDecodeError.
    """
    parsed = document(text)
    spans = [found.span() for found in _TOKEN.finditer(text) if found[0][0] != "#"]
    spans = [span for span in spans if not _is_key(text, span)]
    while True:
        markers, marked = _marked(text, spans)
        keys = {markers[key] for key in _keys(marked) if key in markers}
        if not keys:
            break
        # A header such as ["a"] looks like an array of one string until tomllib has read it.
        spans = [span for span in spans if span not in keys]
    return {
        path: StringValue(str(value_at(parsed, path)), *markers[marker])
        for path, marker in _strings(marked)
        if marker in markers
    }


def replace_strings(text: str, new_values: Mapping[KeyPath, str]) -> str:
    """``text`` with the strings at these paths changed, their quotes kept where the value fits.

    The result is read back: unless it is the old document with exactly these values changed,
    INTERNAL_ERROR is raised, because then an edit would have gone where nobody looked.
    """
    places = string_values(text)
    if missing := [path for path in new_values if path not in places]:
        raise ReleaseError(ErrorCode.INTERNAL_ERROR, f"no string stands at {missing[0]}.")
    result = text
    for path in sorted(new_values, key=lambda path: places[path].start, reverse=True):
        _, start, end = places[path]
        quoted = _quoted(new_values[path], like=text[start:end])
        result = result[:start] + quoted + result[end:]
    if not _reads_as(result, _replaced(document(text), (), new_values)):
        raise ReleaseError(
            ErrorCode.INTERNAL_ERROR,
            f"the edited TOML does not read back as intended at {sorted(map(str, new_values))}.",
        )
    return result


def line_number(text: str, offset: int) -> int:
    """The line ``offset`` is on, counted from 1."""
    return text.count("\n", 0, offset) + 1


def _is_key(text: str, span: tuple[int, int]) -> bool:
    """True for a string that only a key can be: beside a dot, or before an equals sign."""
    start, end = span
    before = text[text.rfind("\n", 0, start) + 1 : start]
    return before.rstrip(" \t").endswith(".") or bool(_AFTER_KEY.match(text, end))


def _marked(
    text: str, spans: Sequence[tuple[int, int]]
) -> tuple[dict[str, tuple[int, int]], Mapping[str, Any]]:
    """The document with a marker for each span, and which marker is which span."""
    stem = "string-"
    while stem in text:
        stem += "-"
    pieces: list[str] = []
    markers: dict[str, tuple[int, int]] = {}
    done = 0
    for number, span in enumerate(spans):
        markers[f"{stem}{number}"] = span
        pieces += [text[done : span[0]], f'"{stem}{number}"']
        done = span[1]
    return markers, tomllib.loads("".join([*pieces, text[done:]]))


def _children(node: object) -> Collection[tuple[str | int, object]]:
    if isinstance(node, dict):
        return node.items()
    return list(enumerate(node)) if isinstance(node, list) else ()


def _keys(node: object) -> Iterator[str]:
    for key, child in _children(node):
        if isinstance(key, str):
            yield key
        yield from _keys(child)


def _strings(node: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(node, str):
        yield path, node
    for key, child in _children(node):
        yield from _strings(child, (*path, key))


def _replaced(node: object, path: KeyPath, new_values: Mapping[KeyPath, str]) -> object:
    if isinstance(node, dict):
        return {key: _replaced(child, (*path, key), new_values) for key, child in node.items()}
    if isinstance(node, list):
        return [_replaced(child, (*path, at), new_values) for at, child in enumerate(node)]
    return new_values.get(path, node)


def _reads_as(text: str, expected: object) -> bool:
    try:
        return document(text) == expected
    except tomllib.TOMLDecodeError:
        return False


def _quoted(value: str, *, like: str) -> str:
    """``value`` in the quotes of ``like``, or in basic ones where a literal cannot hold it."""
    quote = like[:3] if like[:3] in {'"""', "'''"} and len(like) >= 6 else like[0]
    if quote[0] == "'" and quote not in value and not _CONTROL.search(value):
        return f"{quote}{value}{quote}"
    quote = quote.replace("'", '"')
    return f"{quote}{_ESCAPED.sub(_escape, value)}{quote}"


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    return f"\\{character}" if character in '"\\' else f"\\u{ord(character):04x}"
