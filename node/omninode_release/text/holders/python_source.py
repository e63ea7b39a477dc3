"""A version that a Python file assigns: a string, or the numbers of a tuple or a ``Version(…)``.

The text is not parsed: a release may be made by an older Python than the package is written for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from omninode_release.text.versions.version import Separator

# Strings and comments stand in the alternatives only to be stepped over: an assignment that is
# quoted in a docstring is text.
_FORM = r"""
      ^ \ufeff? (?: [A-Za-z_]\w* [ \t]* = [ \t]* )*?
        (?P<name> {names} ) [ \t]* (?: : [^=\r\n\#]* )? = [ \t]*
        (?: [A-Za-z_]\w* [ \t]* = [ \t]* )*
        (?: [uU]? (?P<quote> ["'] ) (?P<text> [^"'\\\r\n]* ) (?P=quote)
          | (?: [(\[] | {call} ) [ \t]* (?P<parts> {part} (?: , [ \t]* {part} )+ )
            (?: [ \t]* , [ \t]* ["']final["'] (?: , [ \t]* [0-9]+ )? )? [ \t]* ,? [ \t]* [)\]]
          | (?P<bare> {part} (?: , [ \t]* {part} )+ )
        )
        (?= [ \t]* (?: [\#;] [^\n]* )? \r? $ )
    | ^ \ufeff? (?P<other> {names} ) [ \t]* (?: : [^=\r\n\#]* )? = (?! = )
    | \"{{3}}(?:\\.|[^\\])*?(?:\"{{3}}|\\?\Z) | '{{3}}(?:\\.|[^\\])*?(?:'{{3}}|\\?\Z)
    | "(?:\\.|[^"\\\n])*(?:"|(?=\n)|\\?\Z) | '(?:\\.|[^'\\\n])*(?:'|(?=\n)|\\?\Z)
    | \#[^\n]*
"""
_PART = r"""(?: [0-9]{1,18} | "(?!final")[0-9a-zA-Z.]*" | '(?!final')[0-9a-zA-Z.]*' )"""
# `Version("a", 1, 2, 3)` as incremental has it, `version_info(1, 2, 3, "final", 0)`.
_VERSION_CALL = (
    r"""(?: [\w.]{0,99} (?i:version) \w{0,99} \( (?: [ \t]* ["'][A-Za-z][\w.-]*["'] [ \t]* , )? )"""
)
_IMPORT = re.compile(
    r"^\ufeff?[ \t]*from[ \t]+(?P<module>[.\w]+)[ \t]+import[ \t]*(?P<names>\([^)]*\)|[^\r\n#;]*)",
    re.MULTILINE,
)
_MODULES = re.compile(r"^\ufeff?[ \t]*import[ \t]+(?P<names>[^\r\n#;]+)", re.MULTILINE)
_ALIAS = re.compile(r"(?P<name>[\w.]+)(?:\s+as\s+(?P<alias>\w+))?")


class Assigned(NamedTuple):
    """A version that a module assigns at its top."""

    literal: str
    span: tuple[int, int]
    separator: Separator = "."


def find_assigned(text: str, names: Collection[str]) -> list[Assigned]:
    """Every literal assigned to one of ``names`` at the start of a line.

    None at all where something else is assigned to one of them as well: which one a build reads
    cannot be told.
    """
    found = [*_find_all(text, names)]
    whole = [each for each in found if each is not None]
    return whole if len(whole) == len(found) else []


def find_first(text: str, names: Collection[str]) -> Assigned | None:
    """The first literal, for a tool that reads no other."""
    return next((each for each in _find_all(text, names) if each is not None), None)


def _find_all(text: str, names: Collection[str]) -> Iterator[Assigned | None]:
    """Every assignment at the start of a line; None for one of anything but a version."""
    if any(name in text for name in names):
        for each in _compile(names).finditer(text):
            if each["name"]:
                yield _make(each)
            elif each["other"]:
                yield None


def find_import(text: str, name: str) -> tuple[str, str] | None:
    """Module (with its leading dots) and name that a module takes ``name`` from."""
    for found in _IMPORT.finditer(text):
        for each in _ALIAS.finditer(found["names"]):
            if (each["alias"] or each["name"]) == name:
                return found["module"], each["name"]
    return None


def find_module(text: str, name: str) -> str | None:
    """The module that a module calls ``name``, by ``import`` or ``from … import``."""
    for found in _MODULES.finditer(text):
        for each in _ALIAS.finditer(found["names"]):
            if (each["alias"] or each["name"]) == name:
                return each["name"]
    package = find_import(text, name)
    if package is None:
        return None
    return f"{package[0]}{'' if package[0].endswith('.') else '.'}{package[1]}"


def list_modules(dotted: str, folders: Collection[str]) -> Iterator[str]:
    """Paths at which a module may stand."""
    inner = dotted.replace(".", "/")
    for folder in folders:
        start = f"{folder}/" if folder else ""
        yield f"{start}{inner}/__init__.py"
        yield f"{start}{inner}.py"


def _compile(names: Collection[str]) -> re.Pattern[str]:
    form = _FORM.format(names="|".join(map(re.escape, names)), part=_PART, call=_VERSION_CALL)
    return re.compile(form, re.VERBOSE | re.DOTALL | re.MULTILINE)


def _make(found: re.Match[str]) -> Assigned | None:
    """The version; None for a tuple that cannot be written in one way."""
    if found["text"] is not None:
        return Assigned(found["text"], found.span("text"))
    group = "parts" if found["parts"] else "bare"
    words, (start, end) = found[group], found.span(group)
    parts = [each.strip() for each in words.split(",")]
    literal = ".".join(each.strip("\"'") for each in parts)
    between = "," + (" " if ", " in words else "")
    quote = parts[0][0] if parts[0][0] in "\"'" else ""
    if not quote:
        return Assigned(literal, (start, end), between)
    if any(each[0] != quote for each in parts):
        return None
    return Assigned(literal, (start + 1, end - 1), f"{quote}{between}{quote}")
