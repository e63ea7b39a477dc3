"""The literal that an attribute of a module leads to, also through imports and expressions.

A build gets the value by importing the module. An expression is not computed here: it leads to the
one version that it names, such as a tuple that is joined, formatted or given to a function, or to
three numbers that it joins. What is read so is held against a build before the gate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omninode_release.text.holders.expressions import find_expressions, list_names
from omninode_release.text.holders.numbers import find_numbers
from omninode_release.text.holders.ports import Held
from omninode_release.text.holders.python_source import (
    find_assigned,
    find_import,
    find_module,
    list_modules,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from omninode_release.text.holders.ports import Source

_HOPS = 6
_MOST_NAMES = 30
_MOST_STEPS = 300  # each name of an expression may lead to as many again
_VERSION = r"[0-9]+\.[0-9].*"
"""What else a module assigns is no version: ``version = "unknown"``."""


def find_attribute(
    source: Source, module: str, name: str, folders: Collection[str]
) -> tuple[str | None, Held | None]:
    """The file of the module, and the literal that is led to; ``folders`` hold the modules."""
    search = Search(source, folders)
    path = search.find_path(module)
    found = find_assigned(source.read(path) or "", (name,)) if path else []
    if path and len(found) == 1:  # whatever it says: an error shows it
        return path, Held.assigned(path, found[0])
    return path, search.find_name(module, name)


@dataclass(frozen=True, slots=True)
class Search:
    """One search for a literal through the modules of a tree."""

    source: Source
    folders: Collection[str]
    """Those that hold the modules."""
    form: str = _VERSION
    """What the literal has to look like."""
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def find_name(self, module: str, name: str) -> Held | None:
        """The one literal that a name of a module leads to."""
        return take_one(self._follow(module, name, _HOPS))

    def find_in(self, module: str, expression: str) -> Held | None:
        """The one literal that the names of an expression in a module lead to."""
        return take_one(self._follow_all(module, expression, _HOPS))

    def find_path(self, module: str) -> str | None:
        """The file of a module; ``setup`` is setup.py, also beside a folder of that name."""
        paths = ["setup.py"] if module == "setup" else list_modules(module, self.folders)
        read = (each for each in paths if self.source.read(each) is not None)
        return next(read, None) if module else None

    def _follow(self, module: str, name: str, hops: int) -> Iterator[Held]:
        path = self.find_path(module)
        is_over = not hops or len(self._seen) == _MOST_STEPS
        if path is None or is_over or (path, name) in self._seen:
            return
        self._seen.add((path, name))
        text = self.source.read(path) or ""
        found = find_assigned(text, (name,))
        if len(found) == 1 and re.fullmatch(self.form, found[0].literal):
            yield Held.assigned(path, found[0])
            return
        imported = find_import(text, name)
        if imported:
            yield from self._follow(_resolve(imported[0], module, path), imported[1], hops - 1)
        for expression in find_expressions(text, name):
            yield from self._follow_all(module, expression, hops - 1, name)

    def _follow_all(
        self, module: str, expression: str, hops: int, assigned: str = ""
    ) -> Iterator[Held]:
        path = self.find_path(module) or ""
        text = self.source.read(path) or ""
        numbers = find_numbers(text, expression, assigned)
        if numbers and re.fullmatch(self.form, numbers.literal):
            yield Held.assigned(path, numbers)
            return
        for dotted in list_names(expression)[:_MOST_NAMES]:
            inner, _, name = dotted.rpartition(".")
            if not inner:
                yield from self._follow(module, name, hops)
            elif target := find_module(text, inner):
                yield from self._follow(_resolve(target, module, path), name, hops - 1)
            else:  # what is done with a value: `version_info.text`
                yield from self._follow(module, dotted.partition(".")[0], hops)


def take_one(found: Iterable[Held]) -> Held | None:
    """The one place that all of them are; None for none, and for several."""
    held = {(each.path, each.span): each for each in found}
    return held.popitem()[1] if len(held) == 1 else None


def _resolve(target: str, module: str, path: str) -> str:
    """The absolute name of a module that ``module``, which is ``path``, imports from."""
    dots = len(target) - len(target.lstrip("."))
    if not dots:
        return target
    up = dots - 1 if path.endswith("__init__.py") else dots
    parents = module.split(".")[: len(module.split(".")) - up]
    return ".".join(filter(None, (*parents, target.lstrip("."))))
