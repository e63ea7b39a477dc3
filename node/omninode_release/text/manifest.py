"""What a pyproject.toml says about itself: name, version, and every requirement it declares.

One walker knows all the tables a requirement can stand in, so that the drift guard, the plan and
the PIN step cannot disagree about where to look. ``build-system.requires`` is left out on purpose:
what builds a package is not released together with it.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.toml_document import parse_toml, value_at
from omninode_release.text.versions import parse_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from semver import Version

    from omninode_release.text.toml_document import KeyPath

# The parts a pin must keep, as written. Looser than PEP 508 on purpose: a requirement from before
# it still has a name, and what a pin writes is read back by `packaging`.
_REQUIREMENT = re.compile(
    r"""
    (?P<head> \s* (?P<name> [A-Z0-9] (?:[A-Z0-9._-]*[A-Z0-9])? ) (?:\s*\[[^\]]*\])? )
    (?: \s* (?P<rest> [^\s;] .*? ) )?
    (?P<tail> \s* (?:;.*)? )
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE | re.ASCII,
)
MANIFEST = "pyproject.toml"
_POETRY_DIRECT = frozenset({"git", "path", "url", "file"})
_VERSION_PATHS: tuple[KeyPath, ...] = (("project", "version"), ("tool", "poetry", "version"))
_NAME_PATHS: tuple[KeyPath, ...] = (("project", "name"), ("tool", "poetry", "name"))


class RequirementParts(NamedTuple):
    """A requirement string cut so that only its version part can be exchanged."""

    head: str
    """Everything up to the end of the extras."""
    specifier: str
    """The version specifier without parentheses, or ``@ url``."""
    tail: str
    """The marker with the space before it, or trailing space."""


@dataclass(frozen=True, slots=True)
class Declared:
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

    @property
    def poetry(self) -> bool:
        """True where Poetry's syntax applies instead of PEP 508."""
        return self.path[:2] == ("tool", "poetry")

    @property
    def requirement(self) -> Requirement | None:
        """Extras, specifier and marker parsed; None for Poetry's syntax and unreadable strings."""
        try:
            return None if self.poetry else Requirement(self.raw)
        except InvalidRequirement:
            return None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A package that can be released: it has a name and a literal version."""

    distribution: str
    """The name as written; compare normalised ones."""
    version: Version
    version_path: KeyPath
    requirements: tuple[Declared, ...]
    sources: Mapping[str, str]
    """Normalised names that ``[tool.uv.sources]`` takes from elsewhere than an index."""


def read_manifest(text: str, *, where: str) -> Manifest:
    """The manifest of a package to release.

    Raises VERSION_INVALID for a dynamic, missing or non-X.Y.Z version and SCAN_FAILED for TOML
    that cannot be read or has no name; both say ``where``.
    """
    parsed = load(text, where=where)
    path = version_path(parsed, where=where)
    name = next((found for at in _NAME_PATHS if (found := value_at(parsed, at))), None)
    if not isinstance(name, str):
        raise ReleaseError(
            ErrorCode.SCAN_FAILED,
            f"{where} has no distribution name in [project] or [tool.poetry].",
            hint=f'add name = "…" to [project] in {where}',
        )
    try:
        version = parse_version(str(value_at(parsed, path)))
    except ReleaseError as error:
        message = f"{where}, {'.'.join(map(str, path))}: {error.message}"
        raise ReleaseError(error.code, message, hint=error.hint) from None
    return Manifest(name, version, path, tuple(requirements_in(parsed)), source_overrides(parsed))


def version_of(data: bytes) -> str | None:
    """The version a manifest declares; None where it cannot be read as one."""
    try:
        return str(read_manifest(data.decode("utf-8"), where=MANIFEST).version)
    except (ReleaseError, UnicodeDecodeError):
        return None


def read_requirements(text: str, *, where: str) -> tuple[Declared, ...]:
    """The requirements alone, also of a project whose version is dynamic or missing.

    Raises SCAN_FAILED for TOML that cannot be read.
    """
    return tuple(requirements_in(load(text, where=where)))


def load(text: str, *, where: str, code: ErrorCode = ErrorCode.SCAN_FAILED) -> Mapping[str, Any]:
    """The parsed document; raises ``code`` naming file and line where it is not TOML."""
    try:
        return parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        raise ReleaseError(
            code, f"{where} is not valid TOML: {error}.", hint=f"repair {where} on the base branch"
        ) from None


def version_path(parsed: Mapping[str, Any], *, where: str) -> KeyPath:
    """Where the version stands, ``[project]`` first; raises VERSION_INVALID where it does not.

    Poetry 2 keeps a literal version in ``[tool.poetry]`` and calls it dynamic in ``[project]``: it
    counts, because it is a literal.
    """
    for path in _VERSION_PATHS:
        if value_at(parsed, path) is not None:
            return path
    dynamic = value_at(parsed, ("project", "dynamic"))
    if isinstance(dynamic, list) and "version" in dynamic:
        found = "it is dynamic ([project] dynamic names it), and this tool edits no other file"
    elif "project" in parsed or value_at(parsed, ("tool", "poetry")) is not None:
        found = "neither [project] nor [tool.poetry] has one"
    else:
        found = "there is neither a [project] nor a [tool.poetry] table"
    raise ReleaseError(
        ErrorCode.VERSION_INVALID,
        f"{where}: expected a literal version; {found}.",
        hint=f'write version = "X.Y.Z" into [project] of {where}',
    )


def find_version(text: str, *, where: str) -> tuple[KeyPath, str]:
    """Where the version to bump stands, and what it says.

    Raises VERSION_INVALID where there is no literal version and BUMP_FAILED where the file is not
    TOML or its version is not a string.
    """
    parsed = load(text, where=where, code=ErrorCode.BUMP_FAILED)
    path = version_path(parsed, where=where)
    version = value_at(parsed, path)
    if not isinstance(version, str):
        raise ReleaseError(
            ErrorCode.BUMP_FAILED,
            f"{where}: {'.'.join(map(str, path))} is not a string.",
            hint=f'write the version of {where} as a string, for example "0.4.1"',
        )
    return path, version


def split_requirement(raw: str) -> tuple[str, RequirementParts] | None:
    """The name as written and the parts of a requirement string; None where no name can be seen."""
    found = _REQUIREMENT.fullmatch(raw)
    if found is None:
        return None
    rest = found["rest"] or ""
    if rest.startswith("(") and rest.endswith(")"):
        rest = rest[1:-1].strip()
    return found["name"], RequirementParts(found["head"], rest, found["tail"])


def requirements_in(parsed: Mapping[str, Any]) -> Iterator[Declared]:
    """Every requirement of every table, in the order of the tables.

    A string without a recognisable name is skipped and one that only an older syntax explains is
    kept: reading is for finding dependencies; whoever rewrites one checks that it can be read.
    """
    for path in _arrays(parsed):
        for at, raw in enumerate(_list(parsed, path)):
            # {include-group = "…"} (PEP 735) declares nothing of its own
            if isinstance(raw, str) and (declared := _pep508((*path, at), raw)):
                yield declared
    for path in _poetry_tables(parsed):
        for name, constraint in _table(parsed, path).items():
            if name != "python":
                yield from _poetry((*path, name), name, constraint)


def source_overrides(parsed: Mapping[str, Any]) -> dict[str, str]:
    """Names that uv takes from a path, a repository or the workspace; choosing an index is fine."""
    overrides = {}
    for name, entry in _table(parsed, ("tool", "uv", "sources")).items():
        tables = [table for table in (entry if isinstance(entry, list) else [entry]) if table]
        elsewhere = [table for table in tables if "index" not in table]
        if elsewhere:
            overrides[str(canonicalize_name(name))] = ", ".join(map(_shown, elsewhere))
    return overrides


def _arrays(parsed: Mapping[str, Any]) -> Iterator[KeyPath]:
    """The arrays of PEP 508 strings that a manifest can have (PEP 621, PEP 735, uv's settings)."""
    yield ("project", "dependencies")
    for table in (("project", "optional-dependencies"), ("dependency-groups",)):
        for key in _table(parsed, table):
            yield (*table, key)
    for key in ("dev-dependencies", "override-dependencies", "constraint-dependencies"):
        yield ("tool", "uv", key)


def _poetry_tables(parsed: Mapping[str, Any]) -> Iterator[KeyPath]:
    poetry = ("tool", "poetry")
    yield (*poetry, "dependencies")
    yield (*poetry, "dev-dependencies")
    for group in _table(parsed, (*poetry, "group")):
        yield (*poetry, "group", group, "dependencies")


def _pep508(path: KeyPath, raw: str) -> Declared | None:
    split = split_requirement(raw)
    if split is None:
        return None
    name, parts = split
    direct = parts.specifier.startswith("@")
    return Declared(
        path=path,
        table=".".join(map(str, path[:-1])),
        name=canonicalize_name(name),
        raw=raw,
        specifier="" if direct else parts.specifier,
        direct=direct,
        runtime=path[:-1] == ("project", "dependencies"),
    )


def _poetry(path: KeyPath, name: str, constraint: object) -> Iterator[Declared]:
    """One entry: a constraint, a table with one, or an array of such tables (one per marker)."""
    if isinstance(constraint, list):
        for at, each in enumerate(constraint):
            yield from _poetry((*path, at), name, each)
        return
    table = constraint if isinstance(constraint, dict) else {}
    version = table.get("version") if table else constraint
    written = isinstance(version, str)
    label = path[:-1] if path[-1] == name else path[:-2]
    yield Declared(
        path=(*path, "version") if table and written else path,
        table=".".join(map(str, label)),
        name=canonicalize_name(name),
        raw=version if isinstance(version, str) else _shown(constraint),
        specifier=version if isinstance(version, str) else "",
        direct=not _POETRY_DIRECT.isdisjoint(table),
        runtime=label == ("tool", "poetry", "dependencies"),
    )


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_shown(each)}" for key, each in value.items()) + "}"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def _table(parsed: Mapping[str, Any], path: KeyPath) -> Mapping[str, Any]:
    found = value_at(parsed, path)
    return found if isinstance(found, dict) else {}


def _list(parsed: Mapping[str, Any], path: KeyPath) -> list[Any]:
    found = value_at(parsed, path)
    return found if isinstance(found, list) else []
