"""Conditions of a workflow, as far as what is known of an event decides them.

Source: docs.github.com, "Evaluate expressions in workflows and actions".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Facts: TypeAlias = Mapping[str, str | bool]
    """What names such as ``github.ref`` stand for."""

_Value: TypeAlias = "str | bool | None"
"""None is what is not known."""
_LONGEST = 2_000
_WHOLE = re.compile(r"\s*\$\{\{(?P<inner>.*)\}\}\s*", re.DOTALL)
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<word>[A-Za-z_][\w.*-]*)|(?P<sign>&&|\|\||[=!]=|[!(),]))"
)
_OF_TWO: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": str.__contains__,
}
_ALWAYS = re.compile(r"\b(?:always|cancelled|failure)\s*\(")


class _UnreadError(Exception):
    """More than is understood here."""


def decide(condition: str, facts: Facts) -> bool | None:
    """What an ``if`` comes to; None where that takes more than ``facts``. An empty one holds."""
    inner = _strip(condition)
    if not inner:
        return True
    try:
        return _Reader(inner, facts).read()
    except (_UnreadError, RecursionError):
        return None


def join(*conditions: str) -> str:
    """The condition that all of them hold."""
    held = [each for each in map(_strip, conditions) if each]
    return " && ".join(f"({each})" for each in held) if len(held) > 1 else "".join(held)


def asks_itself(condition: str) -> bool:
    """True for a job that looks itself at how the jobs that it needs have ended."""
    return _ALWAYS.search(condition) is not None


def _strip(condition: str) -> str:
    whole = _WHOLE.fullmatch(condition)
    return (whole["inner"] if whole else condition).strip()


class _Reader:
    """One expression, from its first token to its last."""

    def __init__(self, text: str, facts: Facts) -> None:
        self.facts, self.tokens = facts, _split(text)

    def read(self) -> bool | None:
        value = self._any()
        if self.tokens:
            raise _UnreadError
        return _is_true(value)

    def _any(self) -> _Value:
        found = [self._all()]
        while self._take("||"):
            found.append(self._all())
        return found[0] if len(found) == 1 else _join(found, ends=True)

    def _all(self) -> _Value:
        found = [self._compared()]
        while self._take("&&"):
            found.append(self._compared())
        return found[0] if len(found) == 1 else _join(found, ends=False)

    def _compared(self) -> _Value:
        left = self._one()
        for sign in ("==", "!="):
            if self._take(sign):
                right = self._one()
                if left is None or right is None:
                    return None
                return (_plain(left) == _plain(right)) is (sign == "==")
        return left

    def _one(self) -> _Value:
        if self._take("!"):
            value = _is_true(self._one())
            return None if value is None else not value
        if self._take("("):
            inside = self._any()
            self._require(")")
            return inside
        token = self.tokens.pop(0) if self.tokens else ")"
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if _TOKEN.fullmatch(token) is None or not (token[0].isalpha() or token[0] == "_"):
            raise _UnreadError
        return self._call(token) if self._take("(") else self._name(token)

    def _name(self, word: str) -> _Value:
        return {"true": True, "false": False}.get(word, self.facts.get(word))

    def _call(self, name: str) -> _Value:
        given: list[_Value] = []
        while not self._take(")"):
            given.append(self._any())
            if not self._take(","):
                self._require(")")
                break
        of_two = _OF_TWO.get(name.lower())
        if name.lower() == "always":
            return True
        match given:
            case [str(whole), str(part)] if of_two is not None:
                return of_two(whole.lower(), part.lower())
            case _:
                return None

    def _take(self, sign: str) -> bool:
        if self.tokens[:1] != [sign]:
            return False
        del self.tokens[0]
        return True

    def _require(self, sign: str) -> None:
        if not self._take(sign):
            raise _UnreadError


def _split(text: str) -> list[str]:
    tokens, at = list[str](), 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or len(text) > _LONGEST:
            raise _UnreadError
        tokens.append(found[0].strip())
        at = found.end()
    return tokens


def _join(values: list[_Value], *, ends: bool) -> bool | None:
    """What ``||`` makes of them, which True ends, and ``&&``, which False does."""
    found = [*map(_is_true, values)]
    if ends in found:
        return ends
    return None if None in found else not ends


def _is_true(value: _Value) -> bool | None:
    return value if isinstance(value, bool) or value is None else bool(value)


def _plain(value: str | bool) -> str | bool:  # noqa: FBT001 - a value, not a switch
    """As GitHub compares: without the case of letters."""
    return value.lower() if isinstance(value, str) else value
