"""The one way JSON from outside is read: what is wrong with it is a ValueError, whatever it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

from omninode_release.errors.excerpt import show

if TYPE_CHECKING:
    from collections.abc import Callable

DEEPEST = 100
"""How deep lists and objects may stand in each other; nothing that is read here needs ten."""


def parse_json(
    text: str | bytes,
    *,
    read_pairs: Callable[[list[tuple[str, Any]]], Any] | None = None,
    read_constant: Callable[[str], Any] | None = None,
) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a JSON text; raises ValueError, which says where it is wrong.

    Nothing else is raised, though Python's reader does so for deep nesting. ``read_pairs`` makes
    an object of its keys and values, ``read_constant`` a value of ``NaN`` and its like.
    """
    try:
        text = text.decode("utf-8") if isinstance(text, bytes) else text
        value = json.loads(text, object_pairs_hook=read_pairs, parse_constant=read_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if is_nested_deeper(value, DEEPEST):
        raise ValueError(f"it is nested more than {DEEPEST} levels deep")
    return value


def parse_strict_json(text: str | bytes) -> Any:  # noqa: ANN401 - any JSON value
    """The same of a text that says one thing: no key is written twice, and numbers are JSON's."""
    return parse_json(text, read_pairs=_without_repetition, read_constant=_no_such_number)


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key written twice: either of the two could be meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _ in pairs]
        raise ValueError(f"the key {show(max(names, key=names.count))} is written twice")
    return found


def _no_such_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")


def is_nested_deeper(value: object, deepest: int) -> bool:
    """True when lists and mappings stand in each other on more than ``deepest`` levels.

    Looks level by level: what is too deep to be walked by a function that calls itself is found.
    """
    level = [value]
    for _ in range(deepest):
        level = [child for each in level for child in _children(each)]
        if not level:
            return False
    return True


def _children(value: object) -> list[Any]:
    """The lists and mappings directly inside of one."""
    if isinstance(value, dict):
        inside = value.values()
    elif isinstance(value, list | tuple):
        inside = value  # type: ignore[assignment] # anything to go through
    else:
        return []
    return [each for each in inside if isinstance(each, dict | list | tuple)]
