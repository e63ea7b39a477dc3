"""setup.py that computes the version: from a name of its own, an import, or a file that it names.

What ``open``, ``exec`` and patterns make of such a file is not run here: it counts where it assigns
one version plainly, and a build shows before the gate whether that is the package's. The package's
name may be computed in the same ways.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omninode_release.text.holders.attributes import find_attribute
from omninode_release.text.holders.ports import Held
from omninode_release.text.holders.python_source import find_assigned, find_import

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from omninode_release.text.holders.ports import Source

_ARGUMENT = r"(?m)(?:^[ \t]+|\bsetup\(\s*|,[ \t]*){}[ \t]*=[ \t]*(?P<value>[^\s=][^\r\n]*)"
_NAME = re.compile(r"(?:(?P<module>[A-Za-z_][\w.]*)\.)?(?P<name>[A-Za-z_]\w*)[ \t]*(?:[,)#]|$)")
# "pkg/version.py"; also its parts, as `os.path.join(here, "pkg", "version.py")` has them.
_PARTS = re.compile(r"""(?:["'][\w./-]+["']\s*[,/]\s*){0,8}["'][\w./-]*\w\.py["']""")
_PART = re.compile(r"""["']([\w./-]+)["']""")
_USUAL = {
    "version": ("__version__", "VERSION", "__VERSION__", "version"),
    "name": ("__title__",),
}
"""What such a file calls it, by the argument of ``setup``."""


def find_computed(
    source: Source, argument: str, folders: Collection[str], own: Collection[str] = ()
) -> Held | None:
    """The literal that an argument in setup.py leads to; None for none, and for several.

    ``folders`` hold the modules; ``own`` are those of the package's name, in which a file may stand
    whose folder setup.py computes.
    """
    text = source.read("setup.py") or ""
    if "setup(" not in text:
        return None
    form, given = re.compile(_ARGUMENT.format(argument)), text[text.rindex("setup(") :]
    # A table above it may be what is given; so may an indented name of the same word not be.
    found = [*form.finditer(given)] or [*form.finditer(text)]
    if len(found) != 1:
        return None
    name = _NAME.match(found[0]["value"])
    held = _find_named(source, text, name, folders) if name else None
    return held or _find_in_files(source, text, _USUAL[argument], ("", *own))


def _find_named(
    source: Source, text: str, found: re.Match[str], folders: Collection[str]
) -> Held | None:
    """What setup.py itself assigns to the name, imports by it, or has from a module."""
    module, name = found["module"], found["name"]
    if module is not None:  # `import pkg`, and then `pkg.__version__`
        is_imported = re.search(rf"(?m)^import[ \t]+{re.escape(module)}[ \t]*(?:#.*)?$", text)
        return find_attribute(source, module, name, folders)[1] if is_imported else None
    own = find_assigned(text, (name,))
    if len(own) == 1:
        return Held.assigned("setup.py", own[0])
    imported = find_import(text, name)
    return find_attribute(source, *imported, folders)[1] if imported else None


def _find_in_files(
    source: Source, text: str, usual: Iterable[str], folders: Collection[str]
) -> Held | None:
    paths = dict.fromkeys(_list_files(text))
    found = (_find_first(source, path, usual, folders) for path in paths)
    held = [each for each in found if each is not None]
    return held[0] if len(held) == 1 else None


def _find_first(
    source: Source, path: str, usual: Iterable[str], folders: Collection[str]
) -> Held | None:
    """What the first of the usual names leads to that a file has."""
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    found = (find_attribute(source, module, name, folders)[1] for name in usual)
    return next(filter(None, found), None)


def _list_files(text: str) -> Iterator[str]:
    """The Python files that setup.py names."""
    for found in _PARTS.finditer(text):
        yield "/".join(part.strip("/") for part in _PART.findall(found[0]))
