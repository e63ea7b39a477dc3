"""setup.py that computes the version: from a name of its own, an import, or a file that it names.

What ``open``, ``exec`` and patterns make of such a file is not run here: it counts where it assigns
one version plainly, and a build shows before the gate whether that is the package's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omninode_release.text.holders.attributes import find_attribute
from omninode_release.text.holders.ports import Held
from omninode_release.text.holders.python_source import find_assigned, find_import

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from omninode_release.text.holders.ports import Source
    from omninode_release.text.holders.python_source import Assigned

_ARGUMENT = re.compile(
    r"(?:^[ \t]+|\bsetup\(\s*|,[ \t]*)version[ \t]*=[ \t]*(?P<value>[^\s=][^\r\n]*)", re.MULTILINE
)
_NAME = re.compile(r"(?P<name>[A-Za-z_]\w*)[ \t]*[,)]?[ \t]*(?:#.*)?")
# "pkg/version.py"; also its parts, as `os.path.join(here, "pkg", "version.py")` has them.
_PARTS = re.compile(r"""(?:["'][\w./-]+["']\s*[,/]\s*){0,8}["'][\w./-]*\w\.py["']""")
_PART = re.compile(r"""["']([\w./-]+)["']""")
_VERSIONS = ("__version__", "VERSION", "__VERSION__", "version")


def find_computed(source: Source, text: str, folders: Collection[str]) -> Held | None:
    """The literal that the text of setup.py leads to; None where it leads to none, or to several.

    ``folders`` hold the modules.
    """
    found = [*_ARGUMENT.finditer(text)]
    if len(found) != 1 or "setup(" not in text:
        return None
    name = _NAME.fullmatch(found[0]["value"])
    held = _find_named(source, text, name["name"], folders) if name else None
    return held or _find_in_files(source, text)


def _find_named(source: Source, text: str, name: str, folders: Collection[str]) -> Held | None:
    """What setup.py itself assigns to the name, or imports by it."""
    own = find_assigned(text, (name,))
    if len(own) == 1:
        return Held.assigned("setup.py", own[0])
    imported = find_import(text, name)
    return find_attribute(source, *imported, folders)[1] if imported else None


def _find_in_files(source: Source, text: str) -> Held | None:
    found = [
        Held.assigned(path, assigned[0])
        for path in dict.fromkeys(_list_files(text))
        if (assigned := _find_version(source.read(path) or ""))
    ]
    return found[0] if len(found) == 1 else None


def _find_version(text: str) -> list[Assigned]:
    """What a file assigns to the first of the usual names that it has."""
    found = (find_assigned(text, (name,)) for name in _VERSIONS)
    first = next(filter(None, found), [])
    return first if len(first) == 1 else []


def _list_files(text: str) -> Iterator[str]:
    """The Python files that setup.py names."""
    for found in _PARTS.finditer(text):
        yield "/".join(part.strip("/") for part in _PART.findall(found[0]))
