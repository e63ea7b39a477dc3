"""A version whose three numbers a module assigns one by one, and that an expression joins.

It is read where that is certain: the module assigns each of the names once, a plain number at the
start of a line, in the order of the expression. What is written goes from the first digit to the
last and keeps what stands between the numbers.
"""

from __future__ import annotations

import re

from omninode_release.text.holders.expressions import ASIDE
from omninode_release.text.holders.python_source import Assigned
from omninode_release.text.versions.version import NUMBER

_THREE = r"\s*+ (\w++) \s*+,\s*+ (\w++) \s*+,\s*+ (\w++) \s*+"
_FOUR = rf"{_THREE} (?: , \s*+ (\w++) \s*+ )? ,? \s*+"
_TUPLE = rf"[(\[] {_THREE} ,? \s*+ [)\]]"
# A fourth name is one for what stands behind the numbers of a development version.
_JOINED = re.compile(
    rf"""\s*+ (?:
        [fF] (["']) \{{(\w++)\}} \. \{{(\w++)\}} \. \{{(\w++)\}} (?: \{{(\w++)\}} )? \1
      | ["'] %[ds]\.%[ds]\.%[ds](?:%s)? ["'] \s*+ % \s*+ \( {_FOUR} \)
      | ["'] \{{0?\}}\.\{{1?\}}\.\{{2?\}}(?:\{{3?\}})? ["'] \. format \( {_FOUR} \)
      | ["']\.["'] \. join \( \s*+ map \( \s*+ str \s*+ , \s*+ {_TUPLE} \s*+ \) \s*+ \)
      | {_TUPLE}
    ) \s*+ (?: \#.* )?""",
    re.VERBOSE,
)
_ASSIGNMENT = re.compile(
    rf"""{ASIDE}
      | ^ \ufeff? (?P<name> [^\W\d]\w*+ ) [ \t]*+ (?: : [^=\r\n\#]{{0,99}} )? = [ \t]*+
        (?P<value> {NUMBER} | "" | '' ) (?= [ \t]*+ (?: \#[^\n]* )? \r? $ )
      | (?<!\w) (?P<other> \w++ ) [ \t]*+ (?: : [^=\r\n\#]{{0,99}} )?
        (?: [-+*/%|&^@] | // | \*\* | << | >> )? = (?!=)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


def find_numbers(text: str, expression: str, name: str = "") -> Assigned | None:
    """The version that ``expression`` joins, which a module assigns to ``name`` or gives on.

    None where something may add to it: a second assignment, or a fourth name that is not empty.
    """
    joined = _JOINED.fullmatch(expression)
    if joined is None:
        return None
    names = [each for each in joined.groups() if each and each not in {'"', "'"}]
    found = [
        each
        for each in _ASSIGNMENT.finditer(text)
        if (each["name"] or each["other"]) in {*names, name}
    ]
    numbers = [(each, True) for each in names[:3]]
    others = [(each, False) for each in (*names[3:], *([None] if name else []))]
    if [(each["name"], (each["value"] or "").isdigit()) for each in found] != [*numbers, *others]:
        return None
    (start, first), (second, third), (last, end) = (each.span("value") for each in found[:3])
    literal = ".".join(each["value"] for each in found[:3])
    return Assigned(literal, (start, end), (text[first:second], text[third:last]))
