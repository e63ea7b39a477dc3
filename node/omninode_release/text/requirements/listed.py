"""Where a list of requirements stands that no pyproject.toml holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from omninode_release.models.edges import EdgeKind
    from omninode_release.text.formats.toml_document import KeyPath


class Listed(NamedTuple):
    """A list of requirements in a file that a build reads."""

    file: str
    path: KeyPath
    """Where it stands there."""
    table: str
    """What a reader would look for in that file."""
    kind: EdgeKind
    extra: str | None = None
    """The extra that asks for it, as written."""
    unwritten: str | None = None
    """Why PIN leaves it alone; None where it does not."""
    guessed: bool = False
    """True where only a build can tell: it has to admit what is released, as others have to, and
    orders as a build requirement does, which a circle opens."""

    def read_from(self, path: str) -> Listed:
        """The same, all lines of another file."""
        return self._replace(file=path, path=())
