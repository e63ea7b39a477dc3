"""What a holder is asked about, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.toml_document import value_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omninode_release.text.toml_document import KeyPath

MANIFEST = "pyproject.toml"
"""Where a package says what it is, at the root of its repository."""


@dataclass(frozen=True, slots=True)
class Held:
    """The one place that decides a repository's version, and what stands there."""

    literal: str
    """The version as it is written, the parts of a tuple joined by dots; empty for tags."""
    place: str
    """What to call it in a message."""
    path: str = MANIFEST
    """The file, from the root of the repository."""
    key: KeyPath = ()
    """Where it stands in a TOML file."""
    span: tuple[int, int] = (0, 0)
    """Where it stands in any other text."""
    separator: str = "."
    """What stands between its numbers there."""
    tool: str | None = None
    """What takes the version from git's tags, where no file holds it."""

    @property
    def by_tag(self) -> bool:
        """True where there is nothing to write: the tag decides."""
        return self.tool is not None


@dataclass(frozen=True, slots=True)
class Source:
    """One tree of a repository, as far as it tells of the version."""

    parsed: Mapping[str, Any]
    """Its pyproject.toml."""
    read_any: Callable[[str], str | None]
    """A file's text, by its path from the root; None where there is none that can be read."""
    where: str
    """What to call its pyproject.toml in a message."""

    def at(self, *path: str) -> object:
        """What pyproject.toml has there."""
        return value_at(self.parsed, path)

    def read(self, path: str) -> str | None:
        """A file's text; None where there is none, or the path leads out of the repository."""
        inside = path.isprintable() and path and path[0] != "/" and ".." not in path.split("/")
        return self.read_any(path) if inside else None

    @property
    def is_dynamic(self) -> bool:
        """True where [project] leaves the version to the build back end."""
        dynamic = self.at("project", "dynamic")
        return isinstance(dynamic, list) and "version" in dynamic

    @property
    def backend(self) -> str:
        """The build back end's name, empty for the default."""
        return str(self.at("build-system", "build-backend") or "")

    @property
    def build_requirements(self) -> list[str]:
        """What the build needs, normalised names only."""
        found = self.at("build-system", "requires")
        return [normalise(str(each)) for each in found] if isinstance(found, list) else []

    def unheld(self, what: str, found: str) -> ReleaseError:
        """The error for a version that stands nowhere it could be written."""
        return ReleaseError(
            ErrorCode.VERSION_INVALID,
            f"{self.where}: expected a literal version {what}; {found}.",
            hint=f'write version = "X.Y.Z" into [project] of {self.where}, or the literal where'
            " it is looked for",
        )


class Holder(Protocol):
    """One way to hold a version; satisfied by a module."""

    def find(self, source: Source) -> Held | None:
        """The place; None where the repository does not use this way. Raises VERSION_INVALID."""
        ...


def normalise(requirement: str) -> str:
    """The name of a requirement, in lower case with dashes."""
    name = requirement.strip()
    for end, each in enumerate(name):
        if not (each.isalnum() or each in "-_."):
            name = name[:end]
            break
    return name.lower().replace("_", "-").replace(".", "-")


def as_path(value: object) -> str | None:
    """A path as a table of a tool names it, without what says "from here"."""
    return value.removeprefix("./") if isinstance(value, str) and value else None
