"""Which package stands where: what a configuration says of packages in repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.models.place import PackagePlace, Place, list_folder_names
from omninode_release.models.tag_format import names_package

if TYPE_CHECKING:
    from omninode_release.models.graph import Graph


class Placement:
    """The part of a configuration that answers where a package is, and what is beside it."""

    if TYPE_CHECKING:
        graph: Graph
        packages: dict[str, PackagePlace]
        base_branches: dict[str, str]
        tag_formats: tuple[str, ...]
        tag_formats_of: dict[str, tuple[str, ...]]
        model_fields_set: set[str]

    def clone_of(self, repo: str) -> str:
        """The repository that holds the package ``repo``: its own name, unless it is said."""
        said = self.packages.get(repo)
        return (said and said.repository) or repo

    def said_base(self, repo: str) -> str | None:
        """The branch that ``base_branches`` names for it, or for the repository that holds it."""
        return self.base_branches.get(repo, self.base_branches.get(self.clone_of(repo)))

    @property
    def clones(self) -> frozenset[str]:
        """Every name of the graph, and every repository that holds one."""
        return frozenset({*self.graph.repos, *map(self.clone_of, self.graph.repos)})

    def list_beside(self, repo: str) -> tuple[str, ...]:
        """Every package of the repository that holds ``repo``, itself among them."""
        clone = self.clone_of(repo)
        return tuple(name for name in self.packages if self.clone_of(name) == clone) or (repo,)

    def is_shared(self, repo: str) -> bool:
        """True where its repository holds other packages, too."""
        return len(self.list_beside(repo)) > 1

    def needs_named_tags(self, repo: str) -> bool:
        """True where a tag such as ``v1.2.0`` could be that of another package beside it."""
        return self.is_shared(repo) and bool(self._folder_of(repo))

    def place_of(self, repo: str) -> Place:
        """Which files of its repository are the package's."""
        folders = {name: self._folder_of(name) for name in self.list_beside(repo)}
        own = Place(folders.pop(repo))
        return Place(own.folder, tuple(each for each in folders.values() if own.inner(f"{each}/")))

    def list_folder_names(self, repo: str) -> tuple[str, ...]:
        """What its tags may call a package after the folder that it stands in."""
        folder, beside = self._folder_of(repo), self.list_beside(repo)
        if not folder:
            return ()
        folders, names = [*map(self._folder_of, beside)], (self.clone_of(repo), *beside)
        return tuple(list_folder_names(folder, beside=folders, names=names))

    def _folder_of(self, repo: str) -> str:
        said = self.packages.get(repo)
        return (said and said.path) or ""

    def own_formats(self, repo: str) -> tuple[str, ...]:
        """Those of ``tag_formats`` that tell its tags from those of packages beside it."""
        if not self.needs_named_tags(repo):
            return self.tag_formats
        return tuple(each for each in self.tag_formats if names_package(each))

    def declared_tag_formats(self, repo: str) -> tuple[str, ...] | None:
        """The formats that were written for ``repo``; None where its tags are to decide."""
        if repo in self.tag_formats_of:
            return self.tag_formats_of[repo]
        return self.own_formats(repo) if "tag_formats" in self.model_fields_set else None

    def tag_formats_to_make(self, repo: str, first: str | None) -> tuple[str, ...]:
        """The format that is made for ``repo``, and those that its workflow may listen to instead.

        ``first`` is what its row of the plan says. None is among them that the plan does not read:
        a tag of it is no release of ``repo``, and in no other's way.
        """
        formats = self.tag_formats_of.get(repo) or self.own_formats(repo)
        return tuple(dict.fromkeys((first or formats[0], *formats)))
