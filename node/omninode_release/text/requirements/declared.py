"""Every requirement that a pyproject.toml declares, in whatever table.

One walker knows all the tables a requirement can stand in, so that the drift guard, the plan and
the PIN step cannot disagree about where to look; ``needs`` knows the other files.
``build-system.requires`` is left out on purpose: what builds a package is not released together
with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from omninode_release.models.edges import EdgeKind
from omninode_release.text.formats.toml_document import escape_basic, list_at, table_at
from omninode_release.text.versions.version import holds_huge_number

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from omninode_release.text.formats.toml_document import KeyPath
    from omninode_release.text.requirements.listed import Listed

MANIFEST = "pyproject.toml"
"""Where a package says what it is, at the root of its repository."""
# The parts a pin must keep, as written. Looser than PEP 508 on purpose: a requirement from before
# it still has a name, and what a pin writes is read back by `packaging`.
_HEAD = re.compile(
    r"\s* (?P<name> [A-Z0-9] (?:[A-Z0-9._-]*[A-Z0-9])? ) (?:\s*\[[^\]]*\])?",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_SPACE = " \t\n\r\f\v"
POETRY_DIRECT = frozenset({"git", "path", "url", "file"})
"""Keys of a Poetry table that take a package from elsewhere than an index."""
_DEPENDENCIES: KeyPath = ("project", "dependencies")
_OPTIONAL: KeyPath = ("project", "optional-dependencies")
_POETRY: KeyPath = ("tool", "poetry")
_PDM_DEV: KeyPath = ("tool", "pdm", "dev-dependencies")
UV_SOURCES: KeyPath = ("tool", "uv", "sources")
"""Where uv is told to take a package from elsewhere."""
BUILD_REQUIRES: KeyPath = ("build-system", "requires")


class RequirementParts(NamedTuple):
    """A requirement string cut so that only its version part can be exchanged."""

    head: str
    """Everything up to the end of the extras."""
    specifier: str
    """The version specifier without parentheses, or ``@ url``."""
    tail: str
    """The marker with the space before it, or trailing space."""


@dataclass(frozen=True, slots=True)
class DeclaredRequirement:
    """One requirement as a manifest declares it."""

    path: KeyPath
    """Where its string stands; for a Poetry table without a version, the table itself."""
    table: str
    """The table a reader would look for, such as ``dependency-groups.core``."""
    name: str
    """Normalised (PyPA specification "Names and normalization")."""
    raw: str
    """The string at ``path``, or that table written on one line."""
    specifier: str
    """As written, without parentheses; ``""`` where none is; Poetry's syntax in its tables."""
    direct: bool
    """True for a direct URL (PEP 508, ``@``) and for Poetry's git, path, url and file tables."""
    runtime: bool
    """True where an installed package needs it: not for extras, groups and overrides."""
    extra: str | None = None
    """The extra of the package that brings it along, as written; empty where that is not read."""
    file: str = MANIFEST
    """Where it stands, from the root of the package."""
    unwritten: str | None = None
    """Why PIN does not write it; None where it does."""
    guessed: bool = False
    """True where only a build can tell whether, and with which version, it is required."""

    @property
    def place(self) -> str:
        """Where it stands, in words; of the manifest the table alone."""
        return self.table if self.file == MANIFEST else f"{self.table} of {self.file}"

    @property
    def is_poetry(self) -> bool:
        """True where Poetry's syntax applies instead of PEP 508."""
        return self.path[:2] == _POETRY

    @property
    def is_published(self) -> bool:
        """True where the package's users read it: not in groups, overrides and the like."""
        return self.runtime or self.extra is not None

    @property
    def requirement(self) -> Requirement | None:
        """Extras, specifier and marker parsed; None for Poetry's syntax and unreadable strings."""
        return None if self.is_poetry else _parse_requirement(self.raw)

    @property
    def extras(self) -> frozenset[str]:
        """The extras it asks for, normalised; those of a Poetry table are not looked at."""
        found = self.requirement
        return frozenset(map(canonicalize_name, found.extras)) if found else frozenset()


@lru_cache(maxsize=4096)
def _parse_requirement(raw: str) -> Requirement | None:
    """The parsed string, remembered and not to be changed; a plan asks for each a dozen times."""
    if holds_huge_number(raw):
        return None
    try:
        return Requirement(raw)
    except InvalidRequirement:
        return None


def is_installed(declared: DeclaredRequirement, extras: Collection[str]) -> bool:
    """True when a package that is installed with these extras brings the requirement along."""
    return declared.runtime or (
        declared.extra is not None and canonicalize_name(declared.extra) in extras
    )


def brings_along(declared: DeclaredRequirement) -> bool:
    """False where it only says which version it is to be, if something else requires it."""
    uv_says = declared.path[:2] == ("tool", "uv")
    return not uv_says or declared.path[2] == "dev-dependencies"


def split_requirement(raw: str) -> tuple[str, RequirementParts] | None:
    """The name as written and the parts of a requirement string; None where no name can be seen."""
    found = _HEAD.match(raw)
    if found is None:
        return None
    before, semicolon, marker = raw[found.end() :].partition(";")
    rest = before.strip(_SPACE)
    tail = before[len(before.rstrip(_SPACE)) :] + semicolon + marker
    if rest.startswith("(") and rest.endswith(")"):
        rest = rest[1:-1].strip()
    return found["name"], RequirementParts(found[0], rest, tail)


def find_requirements(parsed: Mapping[str, Any]) -> Iterator[DeclaredRequirement]:
    """Every requirement of every table, in the order of the tables.

    A string without a recognisable name is skipped and one that only an older syntax explains is
    kept: reading is for finding dependencies; the pin checks what it rewrites. A table of Poetry's
    that only adds to a requirement, such as where its lock takes it from, is none of its own.
    """
    named: set[str] = set()
    for path in _array_paths(parsed):
        for at, raw in enumerate(list_at(parsed, path)):
            # {include-group = "…"} (PEP 735) declares nothing of its own.
            if isinstance(raw, str) and (declared := read_pep508((*path, at), raw)):
                named.add(declared.name)
                yield declared
    main = (*_POETRY, "dependencies") if _publishes_poetry(parsed) else None
    for path in _poetry_table_paths(parsed):
        for name, constraint in table_at(parsed, path).items():
            found = _read_poetry((*path, name), name, constraint, published=path == main)
            for each in found if name != "python" else ():
                if path == main or each.specifier or each.direct or each.name not in named:
                    yield each


def find_source_overrides(parsed: Mapping[str, Any]) -> dict[str, str]:
    """Normalised names that ``[tool.uv.sources]`` takes from elsewhere than an index, and where."""
    overrides = {}
    for name, entry in table_at(parsed, UV_SOURCES).items():
        tables = [table for table in (entry if isinstance(entry, list) else [entry]) if table]
        elsewhere = [each for each in tables if not (isinstance(each, dict) and "index" in each)]
        if elsewhere:
            overrides[str(canonicalize_name(name))] = ", ".join(map(write_inline, elsewhere))
    return overrides


def _array_paths(parsed: Mapping[str, Any]) -> Iterator[KeyPath]:
    """The arrays of PEP 508 strings that a manifest can have (PEP 621, PEP 735, PDM, uv)."""
    yield _DEPENDENCIES
    for table in (_OPTIONAL, ("dependency-groups",)):
        for key in table_at(parsed, table):
            yield (*table, key)
    for key in table_at(parsed, _PDM_DEV):
        yield (*_PDM_DEV, key)
    for key in ("dev-dependencies", "override-dependencies", "constraint-dependencies"):
        yield ("tool", "uv", key)


def _poetry_table_paths(parsed: Mapping[str, Any]) -> Iterator[KeyPath]:
    yield (*_POETRY, "dependencies")
    yield (*_POETRY, "dev-dependencies")
    for group in table_at(parsed, (*_POETRY, "group")):
        yield (*_POETRY, "group", group, "dependencies")


def _publishes_poetry(parsed: Mapping[str, Any]) -> bool:
    """True where a build reads Poetry's own table.

    Beside requirements in ``[project]`` that is for the lock alone (poetry-core,
    ``DependencyGroup.dependencies``), unless a Poetry before 2.0 knows nothing of ``[project]``.
    """
    is_dynamic = "dependencies" in list_at(parsed, ("project", "dynamic"))
    has_extras = bool(table_at(parsed, _OPTIONAL)) and not is_dynamic
    in_project = bool(list_at(parsed, _DEPENDENCIES)) or has_extras
    return not in_project or "name" in table_at(parsed, _POETRY)


def read_pep508(
    path: KeyPath, raw: str, *, listed: Listed | None = None
) -> DeclaredRequirement | None:
    """The requirement; in another file than the manifest as the list says that has it."""
    split = split_requirement(raw)
    if split is None:
        return None
    name, parts = split
    direct = parts.specifier.startswith("@")
    declared = DeclaredRequirement(
        path=path,
        table=".".join(map(str, path[:-1])),
        name=canonicalize_name(name),
        raw=raw,
        specifier="" if direct else parts.specifier,
        direct=direct,
        runtime=path[:-1] == _DEPENDENCIES,
        extra=str(path[2]) if path[:2] == _OPTIONAL else None,
    )
    return declared if listed is None else _place(declared, listed)


def _place(declared: DeclaredRequirement, listed: Listed) -> DeclaredRequirement:
    return replace(
        declared,
        table=listed.table,
        runtime=listed.kind is EdgeKind.RUN,
        extra=listed.extra,
        file=listed.file,
        unwritten=listed.unwritten,
        guessed=listed.guessed,
    )


def _read_poetry(
    path: KeyPath, name: str, constraint: object, *, published: bool
) -> Iterator[DeclaredRequirement]:
    """One entry: a constraint, a table with one, or an array of such tables (one per marker)."""
    if isinstance(constraint, list):
        for at, each in enumerate(constraint):
            yield from _read_poetry((*path, at), name, each, published=published)
        return
    table = constraint if isinstance(constraint, dict) else {}
    version = table.get("version") if table else constraint
    written = isinstance(version, str)
    label = path[:-1] if path[-1] == name else path[:-2]
    is_optional = table.get("optional") is True
    yield DeclaredRequirement(
        path=(*path, "version") if table and written else path,
        table=".".join(map(str, label)),
        name=canonicalize_name(name),
        raw=version if isinstance(version, str) else write_inline(constraint),
        specifier=version if isinstance(version, str) else "",
        direct=not POETRY_DIRECT.isdisjoint(table),
        runtime=published and not is_optional,
        extra="" if published and is_optional else None,
    )


def write_inline(value: object) -> str:
    """A parsed value on one line, as TOML has it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {write_inline(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(write_inline, value))}]"
    return f'"{escape_basic(value)}"' if isinstance(value, str) else str(value).lower()
