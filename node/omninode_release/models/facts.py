"""What a scan finds out about one repository; the planner turns it into a row of the plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from omninode_release.errors import ReleaseError
from omninode_release.models.commit import Commit
from omninode_release.models.forge import VersionUse


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a commit, and the text of those that may have a part in a release."""

    paths: tuple[str, ...] = ()
    """Every file; neither symbolic links nor submodules."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Path to text, where that is UTF-8."""
    unreadable: tuple[str, ...] = ()
    """The others of those that were to be read."""


@dataclass(frozen=True, slots=True)
class RepoFacts:
    """One repository as its remote's base branch has it."""

    repo: str
    path: Path
    problem: ReleaseError | None = None
    """Why the rest could not be found out."""
    base_branch: str = ""
    base_sha: str = ""
    last_tag: str | None = None
    """The highest release tag, whether the base contains it or not."""
    merged_tag: str | None = None
    """The highest release tag that the base contains, where ``last_tag`` is on another branch."""
    on_base: bool = True
    """False where the base does not contain ``last_tag``."""
    shares_history: bool = True
    """False where ``last_tag`` and the base have no commit in common, and none can be counted."""
    tag_formats: tuple[str, ...] = ()
    """The formats of its release tags, the one to make first; empty: those of the configuration."""
    foreign_tags: tuple[str, ...] = ()
    """Tags that look like its releases and are those of something else."""
    beyond_tags: tuple[str, ...] = ()
    """Releases that come after all that its release branch is for, highest first."""
    refusal: ReleaseError | None = None
    """Why it cannot be released, though everything could be read."""
    tags: dict[str, str] = field(default_factory=dict)
    """Every tag, contained or not, to its commit."""
    commits: Sequence[Commit] = ()
    """Of the base and neither of ``last_tag`` nor of ``merged_tag``, newest first; only of
    repositories that are asked to be released."""
    stand_in: Mapping[str, str] = field(default_factory=dict)
    """The tagged ones of the base's other commits since, which changed nothing of the package,
    each to the newest before it that did."""
    manifest: str | None = None
    """pyproject.toml at the base; empty where setup.cfg or setup.py stands in for it."""
    beside: Mapping[str, str] = field(default_factory=dict)
    """Path to text of the files at the base that tell its version and what it requires, where the
    manifest does not."""
    published: str | None = None
    """pyproject.toml at the last tag: what its users can install today."""
    published_beside: Mapping[str, str] = field(default_factory=dict)
    """The files beside that which told what it requires."""
    workflows: Mapping[str, str] = field(default_factory=dict)
    """Path to text of the publish workflow at the base, where its package is the whole
    repository's."""
    around: Tree = Tree()
    """The files at the repository's root, where its package stands in a folder."""
    locks_around: Mapping[str, str] = field(default_factory=dict)
    """Each uv.lock of another folder that takes the package from this one, to its version there."""
    elsewhere: tuple[Commit, ...] = ()
    """Commits since the last release that changed no package of the repository, newest first."""
    tree: Tree = Tree()
    """The tree at the base; only of repositories that are asked to be released."""
    missing_version_files: tuple[str, ...] = ()
    """Configured ``version_files`` that the base does not have."""
    link_fault: str | None = None
    """A symbolic link at the base that a release would follow, or that leaves the repository."""
    blocking_branch: str | None = None
    """A branch named ``release``, which leaves no room for ``release/<run_id>/<repo>``."""
    release_branches: tuple[str, ...] = ()
    """Refs of the branches below ``release/``, here and as they are on the remote."""
    declared_use: VersionUse | None = None
    """What the index says of the version that the manifest declares; None: it was not asked."""
    tagged_use: VersionUse | None = None
    """The same of the version of ``last_tag``, where that is on another branch."""
    yearly_tags: tuple[str, ...] = ()
    """Its newest releases, where they begin with the years that they were made in."""
    today: dt.date | None = None
    """The day the run began, UTC; a calendar version says it."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrgFacts:
    """Everything under omni_home that a plan depends on."""

    repos: dict[str, RepoFacts]
    """Repositories of the graph that are there."""
    outsiders: Mapping[str, Mapping[str, str]]
    """Other repositories directly under omni_home that have a manifest, and by path the files that
    tell what they require."""
    notes: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    """The user's variables."""
