"""The patterns of GitHub's tag filters (GitHub Docs, "Filter pattern cheat sheet")."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_GLOB = re.compile(r"(?P<star>\*+)[?+]*|(?P<one>\[[^\]]+\]|\\?.)(?P<many>[?+]?)")


class _Step(NamedTuple):
    """One part of a glob: which characters it takes, and how many of them."""

    takes: Callable[[str], object]
    is_optional: bool
    is_repeated: bool


def matches_glob(pattern: str, tag: str) -> bool:
    """GitHub's globs: ``*`` within a segment, ``**`` across; ``?``, ``+``, ``[]`` as in regex.

    Step by step, since a regex of many stars would try all ways to share a tag among them.
    """
    reached = {0}
    try:
        for step in _read_glob(pattern):
            reached = _go_on(step, tag, reached)
    except re.error:
        return False
    return len(tag) in reached


def _read_glob(pattern: str) -> Iterator[_Step]:
    for found in _GLOB.finditer(pattern):
        if found["star"]:
            takes = re.compile("[^/]" if found["star"] == "*" else ".").match
            yield _Step(takes, is_optional=True, is_repeated=True)
        else:
            many = found["many"]
            yield _Step(_read_one(found["one"]), is_optional=many == "?", is_repeated=many == "+")


def _read_one(part: str) -> Callable[[str], object]:
    if not part.startswith("["):
        return part.removeprefix("\\").__eq__
    # What ``re`` keeps for sets of sets to come is itself there.
    inner = re.sub(r"[\[&~|]|--", lambda found: re.escape(found[0]), part[1:-1])
    return re.compile(f"[{inner}]").match


def _go_on(step: _Step, tag: str, reached: set[int]) -> set[int]:
    """Where in the tag a step can end that begins at one of ``reached``."""
    taken: set[int] = set()
    for at, letter in enumerate(tag):
        begins = at in reached or (step.is_repeated and at in taken)
        if begins and step.takes(letter):
            taken.add(at + 1)
    return taken | reached if step.is_optional else taken
