"""Conditions of a workflow, as far as what is known of an event decides them.

Source: docs.github.com, "Evaluate expressions in workflows and actions".
"""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from omninode_release.text.formats.yaml_reader import try_read_foreign_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Facts: TypeAlias = Mapping[str, str | bool]
    """What names such as ``github.ref`` stand for."""


class _Truth(NamedTuple):
    """A value of which no more is known than whether it counts as true."""

    holds: bool


_Value: TypeAlias = "str | bool | float | list[str] | _Truth | None"
"""None is what is not known; what GitHub calls null is the empty text, which equals it there."""
_LONGEST = 2_000
PLACE = re.compile(r"\$\{\{(?P<inner>(?:(?!\}\}|\$\{\{).)*)\}\}", re.DOTALL)
"""An expression in a text; it ends before the next begins, so that many open ones take no time."""
_WHOLE = re.compile(r"\s*\$\{\{(?P<inner>.*)\}\}\s*", re.DOTALL)
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<word>[A-Za-z_][\w.*-]*)|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<member>\.[A-Za-z_*][\w.*-]*)|(?P<sign>&&|\|\||[=!<>]=|[!<>(),\[\]]))"
)
_OF_TWO: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": str.__contains__,
}
_LITERALS: dict[str, str | bool] = {"true": True, "false": False, "null": ""}
_OF_NONE = {"always": True, "success": True, "cancelled": False, "failure": False}
"""What is asked of the jobs before, none of which fails."""
_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ALWAYS = re.compile(r"\b(?:always|cancelled|failure)\s*\(")


class _UnreadError(Exception):
    """More than is understood here."""


def decide(condition: str, facts: Facts) -> bool | None:
    """What an ``if`` comes to; None where that takes more than ``facts``. An empty one holds."""
    inner = strip(condition)
    return _is_true(_evaluate(inner, facts)) if inner else True


def fill(text: str, facts: Facts) -> str | None:
    """The text with its expressions filled in; None where ``facts`` do not tell one of them."""
    if "${{" not in text:
        return text
    values = {found["inner"]: _evaluate(found["inner"], facts) for found in PLACE.finditer(text)}
    told = {inner: each for inner, each in values.items() if isinstance(each, str)}
    return PLACE.sub(lambda found: told[found["inner"]], text) if told == values else None


def join(*conditions: str) -> str:
    """The condition that all of them hold."""
    held = [each for each in map(strip, conditions) if each]
    return " && ".join(f"({each})" for each in held) if len(held) > 1 else "".join(held)


def asks_itself(condition: str) -> bool:
    """True for a job that looks itself at how the jobs that it needs have ended."""
    return _ALWAYS.search(condition) is not None


def strip(condition: str) -> str:
    """What stands inside its braces, where it has some."""
    whole = _WHOLE.fullmatch(condition)
    return (whole["inner"] if whole else condition).strip()


def _evaluate(expression: str, facts: Facts) -> _Value:
    try:
        return _Reader(expression.strip(), facts).read()
    except (_UnreadError, RecursionError):
        return None


class _Reader:
    """One expression, from its first token to its last."""

    def __init__(self, text: str, facts: Facts) -> None:
        self.facts, self.tokens = facts, _split(text)

    def read(self) -> _Value:
        value = self._any()
        if self.tokens:
            raise _UnreadError
        return value

    def _any(self) -> _Value:
        found = [self._all()]
        while self._take("||"):
            found.append(self._all())
        return _join(found, ends=True)

    def _all(self) -> _Value:
        found = [self._compared()]
        while self._take("&&"):
            found.append(self._compared())
        return _join(found, ends=False)

    def _compared(self) -> _Value:
        left = self._one()
        for sign in ("==", "!=", *_ORDERS):
            if self._take(sign):
                return _compare(left, sign, self._one())
        return left

    def _one(self) -> _Value:
        if self._take("!"):
            holds = _is_true(self._one())
            return None if holds is None else not holds
        if self._take("("):
            inside = self._any()
            self._require(")")
            return None if self._take_members() else inside
        token = self.tokens.pop(0) if self.tokens else ")"
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token[0].isdigit() or token[0] == "-":
            return float(token)
        if not (token[0].isalpha() or token[0] == "_"):
            raise _UnreadError
        if self._take("("):
            value = self._call(token.lower())
            return None if self._take_members() else value
        return self._name("".join((token, *self._take_members())))

    def _name(self, word: str) -> _Value:
        literal = _LITERALS.get(word)
        return self.facts.get(word) if literal is None else literal

    def _take_members(self) -> list[str]:
        """What follows of a name, each with its point: ``['ref']`` is ``.ref``."""
        found: list[str] = []
        while self.tokens and (self.tokens[0] == "[" or self.tokens[0].startswith(".")):
            if self._take("["):
                key = self._any()
                found.append(f".{key}" if isinstance(key, str) else ".?")
                self._require("]")
            else:
                found.append(self.tokens.pop(0))
        return found

    def _call(self, name: str) -> _Value:
        given: list[_Value] = []
        while not self._take(")"):
            given.append(self._any())
            if not self._take(","):
                self._require(")")
                break
        if name == "format" and given and all(isinstance(each, str) for each in given):
            return _format(*map(str, given))
        match given:
            case []:
                return _OF_NONE.get(name)
            case [str(text)] if name == "fromjson":
                return _read_list(text)
            case [list(several), str(part)] if name == "contains":
                return part.lower() in map(str.lower, several)
            case [str(whole), str(part)] if name in _OF_TWO:
                return _OF_TWO[name](whole.lower(), part.lower())
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


def _join(values: list[_Value], *, ends: bool) -> _Value:
    """What ``||`` makes of them, which the first true one ends, and ``&&``, which a false does."""
    if len(values) == 1:
        return values[0]
    found = [*map(_is_true, values)]
    if None not in found:
        return values[found.index(ends)] if ends in found else values[-1]
    return _Truth(ends) if ends in found else None


def _compare(left: _Value, sign: str, right: _Value) -> bool | None:
    """As GitHub compares: texts without the case of letters, and values of two kinds as numbers."""
    if left is None or right is None or isinstance(left, _Truth) or isinstance(right, _Truth):
        return None
    if sign in _ORDERS:
        return _ORDERS[sign](_count(left), _count(right))
    if isinstance(left, str) and isinstance(right, str):
        equal = left.lower() == right.lower()
    else:
        equal = _count(left) == _count(right)
    return equal is (sign == "==")


def _count(value: str | bool | float | list[str]) -> float:  # noqa: FBT001 - a value, no switch
    try:
        return float(value or 0) if not isinstance(value, list) else float("nan")
    except ValueError:
        return float("nan")


def _is_true(value: _Value) -> bool | None:
    match value:
        case None:
            return None
        case _Truth():
            return value.holds
        case list():
            return True
        case _:
            return bool(value)


def _format(text: str, *values: str) -> str | None:
    if "{{" in text or "}}" in text:  # a brace that is none of a place
        return None
    filled = (values[int(place[1])] if int(place[1]) < len(values) else place[0]
              for place in re.finditer(r"\{(\d+)\}", text))  # fmt: skip
    return re.sub(r"\{\d+\}", lambda _: next(filled), text)


def _read_list(text: str) -> list[str] | None:
    """The texts of a list in JSON, which is YAML as well."""
    found = try_read_foreign_yaml(text)
    is_list = isinstance(found, list) and all(isinstance(each, str) for each in found)
    return found if is_list else None
