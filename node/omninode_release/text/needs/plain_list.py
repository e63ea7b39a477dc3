"""A file of requirements, one on a line, from which a build takes the package's dependencies.

Sources: setuptools.pypa.io, "Dynamic Metadata"; github.com/repo-helper/hatch-requirements-txt;
docs.openstack.org/pbr, "Requirements".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from omninode_release.models.edges import EdgeKind
from omninode_release.text.formats.line_edits import BYTE_ORDER_MARK
from omninode_release.text.formats.toml_document import list_at, table_at, value_at
from omninode_release.text.locks.compiled import TAKING_IN, follow_references
from omninode_release.text.needs.ports import list_open_fields
from omninode_release.text.requirements.listed import Listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from omninode_release.text.formats.toml_document import KeyPath
    from omninode_release.text.holders.ports import Source

_SETUPTOOLS: KeyPath = ("tool", "setuptools", "dynamic")
_HATCH: KeyPath = ("tool", "hatch", "metadata", "hooks", "requirements_txt")
_USUAL = "requirements.txt"
_JOINED = re.compile(r"\\[ \t\r]*\n")
_OPTION = re.compile(r"\s--[a-z]")
_PBR = re.compile(r"\bpbr[ \t]*=[ \t]*True\b")


def read(text: str) -> Mapping[KeyPath, str]:
    """Every line that is a requirement, without its comment; an option of pip is none.

    A backslash at its end makes one of two lines.
    """
    whole = _JOINED.sub("", text.removeprefix(BYTE_ORDER_MARK))
    lines = (line.partition(" #")[0].strip() for line in whole.split("\n"))
    items = (_OPTION.split(line)[0].strip() for line in lines)
    wanted = (each for each in items if each and each[0] not in "#-")
    return {(at,): each for at, each in enumerate(wanted)}


def find_lists(source: Source) -> Iterator[Listed]:
    """The files that tables of pyproject.toml name, and the one that pbr knows."""
    dynamic = list_at(source.parsed, ("project", "dynamic"))
    for place in (_SETUPTOOLS, _HATCH):
        found = table_at(source.parsed, place)
        if "dependencies" in dynamic:
            own = found.get("dependencies")
            for path in _list_hatch(source) if place == _HATCH else _list_paths(own):
                yield Listed(path, (), "dependencies", EdgeKind.RUN)
        if "optional-dependencies" in dynamic:
            for extra, each in table_at(found, ("optional-dependencies",)).items():
                for path in _list_paths(each):
                    table = f"optional-dependencies.{extra}"
                    yield Listed(path, (), table, EdgeKind.EXTRA, extra)
    is_left = "project" not in source.parsed or "dependencies" in dynamic
    if ("pbr" in source.build_requirements and is_left) or _is_pbr(source):
        listed = Listed(_USUAL, (), "dependencies", EdgeKind.RUN)
        yield from map(listed.read_from, follow(source, [_USUAL]))


def follow(source: Source, paths: Iterable[str]) -> Iterator[str]:
    """The files, and those that their lines ``-r`` take in: pbr and programs follow them.

    setuptools refuses such a line, and hatch-requirements-txt passes it by.
    """
    return follow_references(paths, source.read, TAKING_IN)


def _list_hatch(source: Source) -> list[str]:
    """The files of hatch-requirements-txt, which names one itself where its table names none."""
    table = value_at(source.parsed, _HATCH)
    return _list_paths(table) or ([_USUAL] if table is not None else [])


def _is_pbr(source: Source) -> bool:
    is_open = bool(list_open_fields(source))
    return is_open and _PBR.search(source.read("setup.py") or "") is not None


def _list_paths(node: object) -> list[str]:
    """What a table has under ``file``, ``files`` or ``filename``; a list is one of paths."""
    if isinstance(node, Mapping):
        keys = (key for key in ("file", "files", "filename") if key in node)
        return [path for key in keys for path in _list_paths(node[key])]
    if isinstance(node, str):
        return [node.removeprefix("./")]
    return [path for each in node for path in _list_paths(each)] if isinstance(node, list) else []
