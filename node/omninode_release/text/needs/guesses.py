"""Strings in a setup.py that could be requirements, where it computes what it requires."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

# A name alone, or what bounds are put behind, is one where a list has it; elsewhere it could be any
# word.
_WITH_BOUNDS = re.compile(
    r"\s*[A-Za-z0-9][\w.-]*\s*(?:\[[^\]]*\]\s*)?(?:\(?\s*[<>=!~]=?|\([%{]|@\s*[\w+.-]+:|;).*",
    re.DOTALL,
)
_NAME_ALONE = re.compile(r"\s*[A-Za-z0-9][\w.-]*\s*(?:\[[^\]]*\]\s*)?(?:[%{].*)?")
# `name = module:function` is an entry point, often one that is called like the package.
_ENTRY_POINT = re.compile(r"[^=@]*[^=@<>!~]=(?!=)")
# Also what stands between two strings: which quote begins one is not known.
_STRING = re.compile(r"""(?=(?P<quote>["'])(?P<text>[^"'\\\n]+)(?P=quote))""")
_FILE = re.compile(r"[\w./-]*require[\w./-]*\.(?:txt|in)")
_FOLDER = re.compile(r"(?:\./)?(?P<path>(?:[\w-]+/)*require\w*)/?")
_IN_FOLDER = re.compile(r"[\w-]+\.(?:txt|in)")
_ADDING = frozenset({"append", "add", "insert"})


def guess_in_text(text: str) -> list[str]:
    """The same of a program that Python of today does not read."""
    return [each for each in find_strings(text) if _could_be(each)]


def find_strings(text: str) -> list[str]:
    """What stands between quotes."""
    return [found["text"] for found in _STRING.finditer(text)]


def guess_needs(tree: ast.Module, known: Collection[int]) -> Iterator[str]:
    """Strings that could be requirements, without those nodes that are ``known``."""
    listed = {id(_find_first(item)) for node in ast.walk(tree) for item in _list_items(node)}
    seen: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in known or not (
            isinstance(node, ast.Constant) and isinstance(node.value, str)
        ):
            continue
        for raw in split_lines(node.value):
            if raw not in seen and _could_be(raw, is_listed=id(node) in listed):
                seen.add(raw)
                yield raw


def _could_be(raw: str, *, is_listed: bool = False) -> bool:
    if _ENTRY_POINT.match(raw):
        return False
    alone = is_listed and _NAME_ALONE.fullmatch(raw)
    return bool(alone or _WITH_BOUNDS.fullmatch(raw))


def find_list_files(strings: Iterable[object]) -> tuple[str, ...]:
    """Those that could be a list of requirements, by their names or that of a folder."""
    texts = [each for each in strings if isinstance(each, str)]
    folders = [found["path"] for found in map(_FOLDER.fullmatch, texts) if found]
    found = [each.removeprefix("./") for each in texts if _FILE.fullmatch(each)]
    names = [each for each in texts if _IN_FOLDER.fullmatch(each)]
    found += [f"{folder}/{name}" for folder in folders for name in names]
    return tuple(dict.fromkeys(found))


def _list_items(node: ast.AST) -> Sequence[ast.expr]:
    """What a list has, or is given."""
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return node.elts
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        return [node.elt]
    adds = isinstance(node, ast.Call) and getattr(node.func, "attr", None) in _ADDING
    return node.args if adds and isinstance(node, ast.Call) else ()


def _find_first(node: ast.AST) -> ast.AST:
    """What a string begins with that is joined or formatted."""
    while True:
        match node:
            case ast.BinOp(left=first) | ast.Call(func=ast.Attribute(value=first)):
                node = first
            case ast.JoinedStr(values=[first, *_]):
                node = first
            case _:
                return node


def split_lines(text: str) -> Iterator[str]:
    """The lines of a string, as setuptools takes them for one requirement each."""
    lines = (line.partition(" #")[0].strip() for line in text.split("\n"))
    return (line for line in lines if line and not line.startswith("#"))
