"""Python as text: where an expression ends, what it names, and what ``setup`` is given.

Nothing is parsed: a setup.py may be written for a Python that is older than ours, or newer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    Span = tuple[int, int]

ASIDE = r"""
    \"{3}(?:\\.|[^\\])*?(?:\"{3}|\\?\Z) | '{3}(?:\\.|[^\\])*?(?:'{3}|\\?\Z)
    | "(?:\\.|[^"\\\n])*(?:"|(?=\n)|\\?\Z) | '(?:\\.|[^'\\\n])*(?:'|(?=\n)|\\?\Z)
    | \#[^\n]*
"""
_TOKEN = re.compile(
    rf"{ASIDE} | (?P<open> [(\[{{] ) | (?P<close> [)\]}}] ) | (?P<stop> [,\n] ) | \\ \r? \n",
    re.VERBOSE | re.DOTALL,
)
_CALL = re.compile(
    rf"{ASIDE} | def[ \t]+setup\b | (?P<opens> (?<!\w) setup [ \t]* \( )", re.VERBOSE | re.DOTALL
)
_NAME = re.compile(rf"{ASIDE} | (?P<name> (?<![\w.]) [^\W\d][\w.]* )", re.VERBOSE | re.DOTALL)
_ITEM = re.compile(
    r"""(?: \s | \#[^\n]* | \\\r?\n )*+
        (?: \*\* [\s(]* (?P<table> \w+ ) [\s)]* \Z
          | (?: (?P<key> \w+ ) \s* = (?!=) | ["'] (?P<quoted> \w+ ) ["'] \s* : ) \s* )""",
    re.VERBOSE,
)


def find_argument(text: str, name: str) -> list[Span]:
    """Where the expression stands that setup.py gives ``setup``, also by a table and ``**``.

    A call may stand there twice; none where they do not say the same.
    """
    spans = [*dict.fromkeys(_find_arguments(text, name))]
    words = {text[start:end].strip() for start, end in spans}
    return spans if len(words) == 1 else []


def read_argument(text: str | None, name: str) -> str:
    """The expression itself; empty for none."""
    spans = find_argument(text or "", name)
    return (text or "")[slice(*spans[0])].strip() if spans else ""


def find_expressions(text: str, name: str) -> Iterator[str]:
    """Whatever a module assigns to ``name`` at the start of a line."""
    form = rf"(?m)^\ufeff?(?:\w+[ \t]*=[ \t]*)*{re.escape(name)}[ \t]*(?::[^=\r\n]*)?=(?!=)"
    end = 0
    for each in re.finditer(form, text):
        if each.start() >= end:
            end = _find_end(text, each.end())
            yield text[each.end() : end]


def list_names(expression: str) -> list[str]:
    """The names in it, with what is behind their dots."""
    found = (each["name"] for each in _NAME.finditer(expression))
    return [*dict.fromkeys(each.rstrip(".") for each in found if each)]


def _find_arguments(text: str, name: str) -> Iterator[Span]:
    tables = set[str]()
    for item, span in _list_items(_CALL, text):
        table = item["table"]
        if table and table not in tables:
            tables.add(table)
            yield from _find_in_table(text, table, name)
        elif item["key"] == name:
            yield span


def _find_in_table(text: str, table: str, name: str) -> Iterator[Span]:
    """What ``table`` has under a key that is a name, wherever that is put into it."""
    opened = r"(?:(?::[^=\n]*)?=[ \t]*(?:dict[ \t]*\(|\{)|\.update[ \t]*\([ \t]*\{?)"
    form = re.compile(rf"^[ \t]*{table}[ \t]*(?P<opens>{opened})", re.MULTILINE)
    for item, span in _list_items(form, text):
        if name in (item["key"], item["quoted"]):
            yield span
    for each in re.finditer(rf"""(?m)^[ \t]*{table}\[["']{name}["']\][ \t]*=[ \t]*""", text):
        yield each.end(), _find_end(text, each.end())


def _list_items(form: re.Pattern[str], text: str) -> Iterator[tuple[re.Match[str], Span]]:
    """Each item with a name behind a bracket that ``form`` opens, and where its value is."""
    end = 0
    for opened in form.finditer(text):
        start = opened.end()
        if not opened["opens"] or start <= end:  # inside of the one before
            continue
        while True:
            end = _find_end(text, start, ",")
            if item := _ITEM.match(text, start, end):
                yield item, (item.end(), end)
            if text[end : end + 1] != ",":
                break
            start = end + 1


def _find_end(text: str, start: int, stop: str = "\n") -> int:
    """Where an expression ends: at ``stop``, or at a bracket that it does not open itself."""
    depth = 0
    for each in _TOKEN.finditer(text, start):
        if each["open"]:
            depth += 1
        elif each["close"]:
            depth -= 1
        if depth < 0 or (depth == 0 and each["stop"] == stop):
            return each.start()
    return len(text)
