"""What a kind of file answers of the requirements in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omninode_release.models.edges import EdgeKind
from omninode_release.text.formats.toml_document import list_at, table_at

if TYPE_CHECKING:
    from omninode_release.text.holders.ports import Source

_EXTRA = re.compile(r"(?P<name>[^:]*)(?::.*)?", re.DOTALL)
_FILE = re.compile(r"file:(?P<paths>.*)", re.DOTALL)
KINDS = {
    "install_requires": EdgeKind.RUN,
    "setup_requires": EdgeKind.BUILD,
    "tests_require": EdgeKind.GROUP,
}
"""What setuptools calls the lists that no extra asks for."""
FIELDS = ("dependencies", "optional-dependencies")
"""What ``[project]`` calls what is installed always, and with an extra."""


def of_extra(key: str) -> tuple[EdgeKind, str | None]:
    """What setuptools makes of a key of ``extras_require``, which may end with a marker.

    With nothing else in it, as ``:python_version < "3.8"``, it is no extra at all.
    """
    found = _EXTRA.fullmatch(key)
    name = found["name"].strip() if found else key
    return (EdgeKind.EXTRA, name) if name else (EdgeKind.RUN, None)


def find_files(value: str) -> list[str]:
    """The files that setuptools reads for ``file: a.txt, b.txt``; none for another value."""
    found = _FILE.match(value.strip())
    return [each.strip() for each in found["paths"].split(",") if each.strip()] if found else []


def list_open_fields(source: Source) -> list[str]:
    """Which of the dependencies and the optional ones setup.cfg and setup.py decide.

    ``[project]`` shuts them out unless it calls the field dynamic, and then a table of setuptools
    in the same file goes before them.
    """
    left = [*FIELDS]
    if "project" in source.parsed:
        dynamic = list_at(source.parsed, ("project", "dynamic"))
        said = table_at(source.parsed, ("tool", "setuptools", "dynamic"))
        left = [field for field in FIELDS if field in dynamic and field not in said]
    is_read = left and source.may_be_setuptools and source.at("tool", "poetry") is None
    return left if is_read else []
