"""The literal that an attribute of a module leads to, also through imports and a joined tuple.

A build takes the value by importing the module; what is read here is checked by a build before the
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
# `__version__ = ".".join(map(str, version_info))`, and the same as a comprehension.
_JOINED = r"""(?mx) ^ {name} [ \t]* (?: : [^=\r\n]* )? = [ \t]* (["'])\.\1 \.join\( [ \t]*
    (?: map\( [ \t]* str [ \t]* , [ \t]* | \[? str\( (\w+) \) [ \t]+ for [ \t]+ \2 [ \t]+ in [ \t]+ )
    (?P<other> [A-Za-z_]\w* ) [ \t]* [\])]"""
# `__version__ = _version.__version__`
_DOTTED = r"(?m)^{name}[ \t]*(?::[^=\r\n]*)?=[ \t]*(?P<module>\w+)\.(?P<other>\w+)[ \t]*\r?$"


def find_attribute(
    source: Source, module: str, name: str, folders: Collection[str]
) -> tuple[str | None, Held | None]:
    """The file in which the search ends, and the literal there; ``folders`` hold the modules."""
    path = None
    for _ in range(_HOPS):
        paths = list_modules(module, folders)
        path = next((each for each in paths if module and source.read(each) is not None), None)
        text = (source.read(path) or "") if path else ""
        found = find_assigned(text, (name,))
        if path is not None and len(found) == 1:
            return path, Held.assigned(path, found[0])
        onward = _find_onward(text, name) if path and not found else None
        if path is None or onward is None:
            break
        target, name = onward
        module = _resolve(target, module, is_package=path.endswith("__init__.py"))
    return path, None


def _find_onward(text: str, name: str) -> tuple[str, str] | None:
    """Module and name that the value of ``name`` comes from."""
    if imported := find_import(text, name):
        return imported
    if joined := re.search(_JOINED.format(name=name), text):
        return ".", joined["other"]
    if (dotted := re.search(_DOTTED.format(name=name), text)) is None:
        return None
    package = find_import(text, dotted["module"])
    if package is None:
        return None
    return f"{package[0].rstrip('.')}.{package[1]}" if package[0].strip(".") else None, dotted["other"]


def _resolve(target: str, module: str, *, is_package: bool) -> str:
    """The absolute name of a module that ``module`` imports from."""
