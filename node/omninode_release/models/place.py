"""Where a package stands: in which repository, and in which of its folders."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, NamedTuple

from packaging.utils import canonicalize_name
from pydantic import AfterValidator, Field

from omninode_release.errors.excerpt import show
from omninode_release.models.graph import RepoName
from omninode_release.models.model import Model

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_NO_NAMES = frozenset({"release", "releases", "version", "versions"})
"""What tags of any package may begin with."""


def _check_folder(path: str) -> str:
    pure = PurePosixPath(path)
    strange = pure.is_absolute() or ".." in pure.parts or str(pure) != path or path == "."
    if strange or "\\" in path or any(part.lower() == ".git" for part in pure.parts):
        like = "such as packages/core, with no / at either end"
        raise ValueError(f"expected a folder inside the repository, {like}; found {show(path)}")
    return path


Folder = Annotated[str, Field(examples=["packages/core"]), AfterValidator(_check_folder)]
"""A folder inside a repository, with ``/`` and without one at either end."""


class PackagePlace(Model):
    """Where one package stands that is not alone at the root of a repository of its name."""

    repository: RepoName | None = None
    """The clone under omni_home that holds it; the package's own name when null."""
    path: Folder | None = None
    """Its folder inside that repository; the root when null."""


class Place(NamedTuple):
    """The part of a repository's files that is one package's."""

    folder: str = ""
    """Empty for the root."""
    apart: tuple[str, ...] = ()
    """Folders inside it that are other packages'."""

    def outer(self, path: str) -> str:
        """A path of the package as the repository has it."""
        return f"{self.folder}/{path}" if self.folder else path

    def inner(self, path: str) -> str | None:
        """A path of the repository as the package has it; None for one that is not in it."""
        if any(path.startswith(f"{each}/") for each in self.apart):
            return None
        if not self.folder:
            return path
        before = f"{self.folder}/"
        return path.removeprefix(before) if path.startswith(before) else None


WHOLE = Place()
"""All files of a repository."""


def list_folder_names(
    folder: str, *, beside: Collection[str], names: Iterable[str]
) -> Iterator[str]:
    """What tags may call the package of a folder, beside its own name.

    That is the folder, whole or, where no other of ``beside`` ends alike, its last part; none that
    is one of ``names``, which are packages of the repository.
    """
    last = folder.rpartition("/")[2]
    alike = [each for each in beside if each.rpartition("/")[2] == last]
    found = (folder, folder.replace("/", "-"), *([last] if len(alike) < 2 else []))
    taken = _NO_NAMES | {canonicalize_name(each) for each in names}
    yield from dict.fromkeys(each for each in found if canonicalize_name(each) not in taken)
