"""The literal that an attribute of a module leads to, also through imports and a joined tuple.

A build gets the value by importing the module. What is read here is held against a build before the
gate.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omninode_release.text.holders.ports import Held
from omninode_release.text.holders.python_source import find_assigned, find_import, list_modules

if TYPE_CHECKING:
    from collections.abc import Collection

    from omninode_release.text.holders.ports import Source

_HOPS = 4
# `__version__ = ".".join(map(str, version_info))`, the same as a comprehension, and
# `__version__ = _version.__version__`.
_ONWARD = r"""
    ^ {name} [ \t]* (?: : [^=\r\n]* )? = [ \t]*
    (?: (["'])\.\1 \. join \( [ \t]*
        (?: map \( [ \t]* str [ \t]* , | \[? str \( (\w+) \) [ \t]+ for [ \t]+ \2 [ \t]+ in [ \t] )
        [ \t]* (?P<joined> [A-Za-z_]\w* ) [ \t]* [])]
      | (?P<module> [A-Za-z_]\w* ) \. (?P<attribute> \w+ ) [ \t]* \r? $
    )
"""


def find_attribute(
    source: Source, module: str, name: str, folders: Collection[str]
) -> tuple[str | None, Held | None]:
    """The file in which the search ends, and the literal there; ``folders`` hold the modules."""
    path, onward = None, (module, name)
    for _ in range(_HOPS):
        module, name = onward
        paths = list_modules(module, folders)
        path = next((each for each in paths if module and source.read(each) is not None), None)
        if path is None:
            break
        text = source.read(path) or ""
        found = find_assigned(text, (name,))
        if len(found) == 1:
            return path, Held.assigned(path, found[0])
        further = None if found else _find_onward(text, name)
        if further is None:
            break
        target, name = further
        onward = (_resolve(target, module, is_package=path.endswith("__init__.py")), name)
    return path, None


def _find_onward(text: str, name: str) -> tuple[str | None, str] | None:
    """Where the value of ``name`` comes from: a module, None for the same one, and a name."""
    if imported := find_import(text, name):
        return imported
    found = re.search(_ONWARD.format(name=re.escape(name)), text, re.VERBOSE | re.MULTILINE)
    if found is None:
        return None
    if found["joined"]:
        return None, found["joined"]
    package = find_import(text, found["module"])
    if package is None:
        return None
    between = "" if package[0].endswith(".") else "."
    return f"{package[0]}{between}{package[1]}", found["attribute"]


def _resolve(target: str | None, module: str, *, is_package: bool) -> str:
    """The absolute name of a module that ``module`` imports from."""
    if target is None:
        return module
    dots = len(target) - len(target.lstrip("."))
    if not dots:
        return target
    up = dots - 1 if is_package else dots
    parents = module.split(".")[: len(module.split(".")) - up]
    return ".".join(filter(None, (*parents, target.lstrip("."))))
