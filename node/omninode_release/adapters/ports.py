"""What is needed of the world: one Protocol for each thing that acts on it.

Phases know the world only through these, so the same phases run in a simulated one. Which forge and
which index that is, a provider each answers for: the registry holds those.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from omninode_release.adapters.git import Git
    from omninode_release.adapters.uv import Links
    from omninode_release.models.check import Check
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.forge import (
        Availability,
        IndexFile,
        PullRequest,
        VersionUse,
        WorkflowRun,
    )
    from omninode_release.models.plan import RepoPlan
    from omninode_release.models.publish import Kind, Publish
    from omninode_release.system.clock import Clock
    from omninode_release.system.paths import Places
    from omninode_release.system.process import Runner
    from omninode_release.system.secrets import Secrets

Minimum = tuple[int, int]
"""The oldest version of a program that works: major and minor."""


class Files(Protocol):
    """The worktree's files; paths are relative to it, line ends are kept."""

    def read(self, path: str) -> str | None: ...
    def write(self, path: str, text: str) -> None: ...
    def exists(self, path: str) -> bool: ...
    def remove(self, path: str) -> None: ...
    def inside(self, folder: str) -> Files: ...


class Workflows(Protocol):
    """What is known of a repository's publish workflow without asking its forge."""

    @property
    def runs_elsewhere(self) -> bool:
        """True when runs start and end by themselves; otherwise ``dispatch`` carries one out."""

    @property
    def workflow_path(self) -> str:
        """Where the publish workflow stands in the repository."""

    def is_started_by(self, tag: str, workflow: str) -> bool:
        """True when pushing ``tag`` starts the publish workflow, whose text is ``workflow``."""


class PullRequests(Protocol):
    """The pull requests of one repository."""

    def find(self, branch: str, base: str) -> PullRequest | None:
        """The newest pull request of ``branch``, in any state: of those into ``base`` if any is."""

    def create(self, *, branch: str, base: str, title: str, body: str) -> PullRequest: ...
    def view(self, number: int) -> PullRequest: ...
    def close(self, number: int) -> None: ...

    def describe(self, number: int, body: str) -> None:
        """Replace what the pull request says of itself; ``view`` tells what that is now."""

    def merge(self, number: int, *, head_sha: str, subject: str, body: str) -> None:
        """Squash-merge at ``head_sha`` alone, or enter the merge queue; ``view`` tells which."""

    def update_branch(self, number: int, *, head_sha: str) -> None:
        """Merge the base branch into the pull request's, only while its head is ``head_sha``."""

    def find_labels(self, number: int) -> frozenset[str]: ...

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """Give a pull request labels; twice is harmless."""


class WorkflowRuns(Protocol):
    """The runs of one repository's publish workflow."""

    def find(self, tags: Sequence[str], sha: str, *, pushed: bool = True) -> WorkflowRun | None:
        """The newest run for one of ``tags`` at ``sha``; ``pushed``: also one by a push of it."""

    def dispatch(self, tag: str) -> None:
        """Start the workflow at ``tag``, which is on the remote."""


class Releases(Protocol):
    """The Releases of one repository: tags with notes."""

    def find(self, tag: str) -> str | None:
        """The address of the Release of ``tag``. Raises PUBLISH_FAILED for a draft of one."""

    def create(
        self, tag: str, *, sha: str, title: str, notes: str, early: bool, below: bool
    ) -> str:
        """Publish a Release of a tag on ``sha``, unless ``below`` as the latest; its address."""


class Forge(Workflows, Protocol):
    """What a forge has of one repository."""

    @property
    def pulls(self) -> PullRequests: ...
    @property
    def runs(self) -> WorkflowRuns: ...

    @property
    def releases(self) -> Releases | None:
        """None where a tag cannot become a Release."""

    def compare_url(self, since: str | None, tip: str) -> str | None:
        """Where a person sees what ``tip`` has and the tag ``since`` has not; None if nowhere."""

    def tag_url(self, tag: str) -> str | None:
        """Where a person sees a tag; None if nowhere."""


class Claims(Protocol):
    """Claims on the repository's pull requests, where other tools could act on them, too."""

    def take(self, number: int, action: str) -> str | None:
        """Claim it; answers the holder where it is claimed already. Raises MERGE_FAILED."""

    def keep(self, number: int, action: str) -> None:
        """Renew the claim. Raises MERGE_FAILED when another tool has taken it over."""

    def release(self, number: int) -> None:
        """Give the claim up, if it is ours."""


class Index(Protocol):
    """The package index."""

    def look(
        self, distribution: str, version: str, *, expect: Iterable[Kind] | None = None
    ) -> Availability:
        """What can be installed of a version now.

        ``expect`` is what it is complete with; None: what the last release had.
        """

    def find_use(self, distribution: str, version: str) -> VersionUse:
        """What keeps a version from being published."""

    def list_files(self, distribution: str, version: str) -> tuple[IndexFile, ...]:
        """The files of a version with their digests, by name; yanked ones, too.

        Raises PUBLISH_FAILED for an answer that is not an index's, CannotTell where none came.
        """

    def page_url(self, distribution: str, version: str) -> str | None:
        """Where a person sees a version that is there; None if nowhere."""


@dataclass(frozen=True)
class IndexSite:
    """What a package index is opened with."""

    config: ReleaseConfig
    places: Places
    clock: Clock
    url: str | None
    """The address that the user gave, perhaps with a password; None where there is none."""
    seconds: float = 60
    """How long one question may take, retries included."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """The user's, which says how the network is left."""
    run: Runner | None = None
    """Runs what knows the user's passwords."""


class IndexProvider(Protocol):
    """A kind of package index; satisfied by a module."""

    def open_index(self, site: IndexSite) -> Index:
        """The index. Raises CONFIG_INVALID for an address that is none."""

    def links(self, site: IndexSite) -> Links | None:
        """The folder uv has to resolve from; None where the user's own index has everything."""

    def readiness(self, site: IndexSite) -> Iterable[Check]:
        """All that a release needs of the index, also what is fine; changes nothing."""


@dataclass(frozen=True)
class RepositorySite:
    """One repository's clone, and what its forge is opened with."""

    repo: str
    """Its name in the tier graph."""
    git: Git
    config: ReleaseConfig
    places: Places
    clock: Clock
    environ: Mapping[str, str]
    """The user's environment."""
    secrets: Secrets
    """What must not stand in anything that is published."""
    links: Callable[[], Links | None]
    """Answers what the index wants uv to resolve from."""

    @cached_property
    def origin(self) -> str:
        """The remote's address, empty where there is none; all steps need it, git is asked once."""
        return self.git.remote_url() or ""

    @cached_property
    def committer(self) -> str:
        """Who a commit is by, as git writes it."""
        return self.git.identity()


@dataclass(frozen=True)
class PlannedRelease:
    """What a forge is told of one repository's release before the gate."""

    row: RepoPlan
    tags: tuple[str, ...]
    """Any of them may start the publish workflow."""
    own_run: str | None
    """The run whose branch and pull request are expected to be there."""
    merged: bool
    """The pull request is merged, and need not be mergeable."""
    makes_release: bool = False
    """The tag becomes a Release, whatever starts the publish workflow."""
    said_base: str | None = None
    """The base branch, where the configuration names it."""
    subject: str | None = None
    """What ``commit_subject`` says: the commit that is tagged begins with it."""
    ticket: str | None = None
    """What that commit names, too."""
    tagged: frozenset[str] = frozenset()
    """Tags that the remote was just seen to have."""
    is_over: Callable[[str], bool] = lambda _: False
    """True for the name of a run that cannot be resumed: it has ended, or its state is lost."""


class ForgeProvider(Protocol):
    """A kind of forge; satisfied by a module."""

    PROGRAMS: Mapping[str, Minimum | None]
    """The programs it needs besides git, uv and pre-commit."""

    def open_forge(self, site: RepositorySite, run: Runner) -> Forge:
        """The forge of one repository, whose programs ``run`` runs.

        Raises CONFIG_INVALID, with what to type, for an origin that is none of this forge's.
        """

    def workflows(self, publish: Publish) -> Workflows:
        """The publish workflow that a configuration names; asks nothing."""

    def open_claims(self, site: RepositorySite, *, run_id: str, instance: str) -> Claims:
        """The claims that one process (``instance``) of a run makes on its pull requests."""

    def readiness(self, site: RepositorySite, release: PlannedRelease) -> Iterable[Check]:
        """All that a release needs of the forge, also what is fine; changes nothing.

        The first check is whether the origin is one of this forge's. A forge that answers nothing
        is not ready.
        """
