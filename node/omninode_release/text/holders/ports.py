"""What a holder is asked about, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from packaging.utils import canonicalize_name

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.formats.toml_document import list_at, value_at
from omninode_release.text.holders.python_source import find_assigned
from omninode_release.text.requirements.declared import (
    BUILD_REQUIRES,
    MANIFEST,
    split_requirement,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omninode_release.text.formats.toml_document import KeyPath
    from omninode_release.text.holders.python_source import Assigned
    from omninode_release.text.versions.version import Separator

    Read = Callable[[str], str | None]
    """A file's text, by its path from the package's root; None where there is none."""


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
    separator: Separator = "."
    """What stands between its numbers there."""
    tool: str | None = None
    """What takes the version from git's tags, where no file holds it."""

    @classmethod
    def assigned(cls, path: str, found: Assigned) -> Held:
        """A literal in a Python file, which is called by its path."""
        return cls(found.literal, path, path, span=found.span, separator=found.separator)

    @property
    def by_tag(self) -> bool:
        """True where there is nothing to write: the tag decides."""
        return self.tool is not None


@dataclass(frozen=True, slots=True)
class Source:
    """One tree of a repository, as far as it tells of the version."""

    parsed: Mapping[str, Any]
    """Its pyproject.toml."""
    read_any: Read
    """A file's text, by its path from the root; None where there is none that can be read."""
    where: str
    """What to call its pyproject.toml in a message."""

    def at(self, *path: str) -> object:
        return value_at(self.parsed, path)

    def read(self, path: str) -> str | None:
        """A file's text; None where there is none, or the path leads out of the repository."""
        inside = path.isprintable() and path and path[0] != "/" and ".." not in path.split("/")
        return self.read_any(path) if inside else None

    @property
    def is_dynamic(self) -> bool:
        """True where [project] leaves the version to the build back end."""
        return "version" in list_at(self.parsed, ("project", "dynamic"))

    @property
    def backend(self) -> str:
        """The build back end's name, empty for the default."""
        return str(self.at("build-system", "build-backend") or "")

    @property
    def has_own_backend(self) -> bool:
        """True where the back end lies in the tree (PEP 517), and may call any other."""
        return self.at("build-system", "backend-path") is not None

    @property
    def may_be_setuptools(self) -> bool:
        """True where setuptools may build it: by default, and behind a back end of its own."""
        return not self.backend or "setuptools" in self.backend or self.has_own_backend

    @property
    def poetry_version(self) -> object:
        """Poetry's literal; None also where [project] leaves the version to another back end."""
        is_others = self.is_dynamic and self.backend and "poetry" not in self.backend
        if is_others and not self.has_own_backend:
            return None
        return self.at("tool", "poetry", "version")

    @property
    def build_requirements(self) -> list[str]:
        """What the build needs, normalised names only."""
        split = (split_requirement(str(each)) for each in list_at(self.parsed, BUILD_REQUIRES))
        return [canonicalize_name(found[0]) for found in split if found is not None]

    def read_dunder_version(self, path: str, said: str) -> Held:
        """The one literal that a Python file assigns to ``__version__``. Raises VERSION_INVALID."""
        found = find_assigned(self.read(path) or "", ("__version__",))
        if len(found) == 1:
            return Held.assigned(path, found[0])
        raise self.unheld(said, f"it assigns {len(found)} of them plainly to __version__")

    def unheld(self, what: str, found: str) -> ReleaseError:
        """The error for a version that stands nowhere it could be written."""
        return ReleaseError(
            ErrorCode.VERSION_INVALID,
            f"{self.where}: expected a literal version {what}; {found}.",
            hint=f"{self.advise_literal()}, or the literal where it is looked for",
        )

    def advise_literal(self) -> str:
        """How to hold the version plainly."""
        if "project" not in self.parsed and any(map(self.read, ("setup.cfg", "setup.py"))):
            return "write version = X.Y.Z into [metadata] of setup.cfg"
        more = ', and take "version" out of dynamic there' if self.is_dynamic else ""
        return f'write version = "X.Y.Z" into [project] of {self.where}{more}'


class Holder(Protocol):
    """One way to hold a version; satisfied by a module."""

    def find(self, source: Source) -> Held | None:
        """The place; None where the repository does not use this way. Raises VERSION_INVALID."""
        ...


def as_path(value: object) -> str | None:
    """A path as a table of a tool names it, without what says "from here"."""
    return value.removeprefix("./") if isinstance(value, str) and value else None
