"""What a pyproject.toml says about its package: name, version and requirements."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name, is_normalized_name
from packaging.version import Version

from omninode_release.errors import ErrorCode, ProgramFailed, ReleaseError
from omninode_release.errors.excerpt import show
from omninode_release.text.formats.toml_document import (
    list_at,
    parse_toml,
    refuse_mark,
    try_parse_toml,
    value_at,
)
from omninode_release.text.holders.ports import Source
from omninode_release.text.holders.registry import find_held, find_name_beside
from omninode_release.text.needs.registry import find_needs
from omninode_release.text.requirements import declared as tables
from omninode_release.text.versions.version import find_version_to_come, read_literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omninode_release.text.formats.toml_document import KeyPath
    from omninode_release.text.holders.ports import Held
    from omninode_release.text.requirements.declared import DeclaredRequirement

MANIFEST = tables.MANIFEST
"""Where a package says all this, at the root of its repository."""
OLDER = ("setup.cfg", "setup.py")
"""Where it says so to setuptools without any pyproject.toml."""
_UNRELEASABLE = "expected a package to publish"
_NAME_PATHS: tuple[KeyPath, ...] = (("project", "name"), ("tool", "poetry", "name"))


def _read_nothing(path: str) -> None:
    """What a manifest alone has beside it."""
    del path


# Where a tool is told that there is no package: its table, the key, and the value that says so.
_NO_PACKAGE = (
    ("uv", "package", False),
    ("uv", "managed", False),
    ("poetry", "package-mode", False),
    ("pdm", "distribution", False),
    ("rye", "virtual", True),
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A package that can be released: it has a name, and a version that a release can move on."""

    distribution: str
    """The name as written; compare normalised ones."""
    version: Version
    """Of a literal such as ``8.5.0.dev`` or ``8.5.0rc1`` the release it leads to."""
    requirements: tuple[DeclaredRequirement, ...]
    held: Held
    """Where the version stands."""
    develops: bool = False
    """True where ``version`` is the one to come: the literal is in development."""

    @property
    def says(self) -> str | None:
        """The version, where it is one to release; None in development, and where tags decide."""
        return None if self.develops or self.held.by_tag else str(self.version)

    def admits(self, version: str) -> bool:
        """True for the version that is written, and for any where tags decide."""
        return self.held.by_tag or Version(self.held.literal) == Version(version)

    @property
    def stands(self) -> Version:
        """The version that it is at, also one in development."""
        return Version(self.held.literal) if self.develops else self.version

    @property
    def holder(self) -> str:
        """What to call the file that says the version."""
        return self.held.path


def read_manifest(
    text: str,
    *,
    where: str,
    read: Callable[[str], str | None] = _read_nothing,
    tagged: Version | None = None,
) -> Manifest:
    """The manifest of a package to release.

    ``read`` reads the files beside it, in one of which the version may stand; where git's tags
    decide, it is ``tagged``, and 0.0.0 before the first. Raises VERSION_INVALID for a version that
    stands nowhere and for one that neither is X.Y.Z nor leads to it, SCAN_FAILED for TOML that
    cannot be read or has no name; both say ``where``.
    """
    parsed = parse_manifest(text, where=where)
    _refuse_workspace_root(parsed, where=where)
    source = Source(parsed, read, where)
    held = find_held(source)
    name = _require_name(_find_name(parsed) or find_name_beside(source), where=where)
    requirements = tuple(find_needs(source))
    if held.by_tag:
        return Manifest(name, tagged or Version("0.0.0"), requirements, held)
    leads_to = find_version_to_come(held.literal)
    try:
        version = leads_to or read_literal(held.literal)
    except ReleaseError as error:
        message = f"{where}, {held.place}: {error.message}"
        raise ReleaseError(error.code, message, hint=error.hint) from None
    return Manifest(name, version, requirements, held, develops=leads_to is not None)


def _require_name(name: str | None, *, where: str) -> str:
    """The distribution's name. Raises SCAN_FAILED for none, and for one that no index takes."""
    if name is None:
        raise ReleaseError(
            ErrorCode.SCAN_FAILED,
            f"{where} has no distribution name in [project] or [tool.poetry], nor has setup.cfg or"
            " setup.py.",
            hint=f'add name = "…" to [project] in {where}, or where its build reads it: setup.cfg',
        )
    # In lower case, a letter of another alphabet may be one of these.
    if not name.isascii() or not is_normalized_name(canonicalize_name(name)):
        raise ReleaseError(
            ErrorCode.SCAN_FAILED,
            f"{where}: expected a distribution's name of letters, digits, '.', '_' and '-', found"
            f" {show(name)}.",
            hint=f"correct the name in {where}: no package index takes it",
        )
    return name


def find_manifest(read: Callable[[str], str | None]) -> str | None:
    """The manifest's text: empty where older files stand in for it, None where none of them is."""
    text = read(MANIFEST)
    if text is None and any(read(path) is not None for path in OLDER):
        return ""
    return text


def read_declared(read: Callable[[str], bytes | None]) -> Manifest | None:
    """What a tree declares, by a function that reads its files; None where no sense is in them.

    The one answer to "which version does this commit declare?". Raises ProgramFailed where they
    could not be read.
    """
    try:
        text = read_text(read, MANIFEST) or ""
        return read_manifest(text, where=MANIFEST, read=partial(read_text, read))
    except ProgramFailed:
        raise
    except ReleaseError:
        return None


def read_text(read: Callable[[str], bytes | None], path: str) -> str | None:
    """A file as text; None where there is none, and where its bytes are not UTF-8."""
    data = read(path)
    try:
        return data.decode("utf-8") if data is not None else None
    except UnicodeDecodeError:
        return None


def read_name(data: bytes) -> str | None:
    """What a manifest calls its package; None where it cannot be read."""
    try:
        return _find_name(parse_manifest(data.decode("utf-8"), where=MANIFEST))
    except (ReleaseError, UnicodeDecodeError):
        return None


def _find_name(parsed: Mapping[str, Any]) -> str | None:
    name = next((found for at in _NAME_PATHS if (found := value_at(parsed, at))), None)
    return name if isinstance(name, str) else None


def _refuse_workspace_root(parsed: Mapping[str, Any], *, where: str) -> None:
    """Raise SCAN_FAILED for the root of a workspace that is no package itself.

    Without ``[project]`` uv calls it a legacy virtual root, without ``[build-system]`` a virtual
    project (docs.astral.sh/uv, Projects, Build systems).
    """
    poetry_name = value_at(parsed, ("tool", "poetry", "name"))
    if poetry_name is not None or value_at(parsed, ("tool", "uv", "workspace")) is None:
        return
    if "project" not in parsed:
        raise _unreleasable(where, "it is the root of a workspace and has no [project]")
    if "build-system" not in parsed and value_at(parsed, ("tool", "uv", "package")) is not True:
        raise _unreleasable(where, "it is the root of a workspace and has no [build-system]")


def require_releasable(text: str, *, where: str, publishes: bool = True) -> None:
    """Raise SCAN_FAILED or VERSION_INVALID for a package that says it is not to be published.

    It may say so where its release ``publishes`` nothing.

    Sources: docs.astral.sh/uv, ``tool.uv.package`` and ``managed``; python-poetry.org,
    ``package-mode``; pdm-project.org, ``distribution``; rye.astral.sh, ``virtual``;
    packaging.python.org, ``dynamic`` and the classifiers that begin with ``Private ::``.
    """
    parsed = parse_manifest(text, where=where)
    if publishes:
        _refuse_workspace_root(parsed, where=where)
        _refuse_private(parsed, where=where)
    is_dynamic = "version" in list_at(parsed, ("project", "dynamic"))
    if is_dynamic and value_at(parsed, ("project", "version")) is not None:
        raise ReleaseError(
            ErrorCode.VERSION_INVALID,
            f"{where}: expected one source of the version, found a literal in [project] that its"
            " dynamic names as well.",
            hint=f"take one of the two out of {where}: no build back end accepts both",
        )


def says_unreleasable(error: ReleaseError) -> bool:
    """True for what is raised of a package that is not to be published."""
    return error.code is ErrorCode.SCAN_FAILED and _UNRELEASABLE in error.message


def _refuse_private(parsed: Mapping[str, Any], *, where: str) -> None:
    for tool, key, says_no in _NO_PACKAGE:
        if value_at(parsed, ("tool", tool, key)) is says_no:
            raise _unreleasable(where, f"tool.{tool}.{key} is {str(says_no).lower()}")
    for table in ("project", "tool.poetry"):
        classifiers = list_at(parsed, (*table.split("."), "classifiers"))
        private = [each for each in classifiers if str(each).startswith("Private ::")]
        if private:
            raise _unreleasable(where, f"[{table}] has the classifier {private[0]!r}")


def _unreleasable(where: str, found: str) -> ReleaseError:
    repo = where.partition("/")[0]
    return ReleaseError(
        ErrorCode.SCAN_FAILED,
        f"{where}: {_UNRELEASABLE}; {found}.",
        hint=f"take {repo} out of the run, or that setting out of {where}; where a tag is all there"
        f" is of its release, say so by publish_of.{repo}.trigger: none",
    )


def read_distribution(read: Callable[[str], str | None]) -> str | None:
    """The package's name, also of one whose version cannot be read; None where it has none."""
    parsed = try_parse_toml(read(MANIFEST))
    return _find_name(parsed) or find_name_beside(Source(parsed, read, MANIFEST))


def read_requirements(
    text: str, *, where: str, read: Callable[[str], str | None] = _read_nothing
) -> tuple[DeclaredRequirement, ...]:
    """The requirements alone, also of a project whose version is dynamic or missing.

    Raises SCAN_FAILED for a manifest, or a setup.cfg in its place, that cannot be read.
    """
    return tuple(find_needs(Source(parse_manifest(text, where=where), read, where)))


def parse_manifest(
    text: str, *, where: str, code: ErrorCode = ErrorCode.SCAN_FAILED
) -> Mapping[str, Any]:
    """The parsed document; raises ``code`` naming file and line where it is not TOML."""
    refuse_mark(text, where=where, code=code)
    try:
        return parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        raise ReleaseError(
            code, f"{where} is not valid TOML: {error}.", hint=f"repair {where} on the base branch"
        ) from None
