"""A look at every clone under omni_home for what a configuration can say of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from omninode_release.adapters.git import Git
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.command_words import COMMANDS
from omninode_release.models.config import ReleaseConfig
from omninode_release.models.facts import OrgFacts, RepoFacts
from omninode_release.models.graph import Graph
from omninode_release.planning.packages import find_packages, list_repositories
from omninode_release.planning.scan import Scan
from omninode_release.system.process import Runner
from omninode_release.text.further_files import find_further_files, is_further_candidate
from omninode_release.text.manifest import (
    MANIFEST,
    NO_PACKAGE,
    read_manifest,
    require_releasable,
)
from omninode_release.text.uploads import Upload, find_uploads, is_workflow

_PARALLEL = 8


@dataclass(frozen=True)
class Found:
    """What one repository shows of the choices that a configuration makes."""

    facts: RepoFacts
    private: str | None = None
    """Why it is no package to publish, where it says so."""
    version_files: tuple[str, ...] = ()
    """Files that hold its version and that BUMP does not find by itself."""
    uploads: tuple[Upload, ...] = ()
    """Its workflows that publish, the one that a release would start first."""
    workflows: tuple[str, ...] = ()
    """The file names of all its workflows."""


@dataclass(frozen=True)
class Survey:
    """All clones under omni_home."""

    facts: OrgFacts
    found: Mapping[str, Found]
    """The repositories that hold a package."""
    others: tuple[str, ...]
    """The clones that hold none, and those whose name no repository can have."""

    @property
    def left_out(self) -> dict[str, str]:
        """What ``graph.ignore`` has to name, and why."""
        found = {
            name: f"{name} is a command word of omni-release"
            for name in self.others
            if name in COMMANDS
        }
        found |= {name: each.private for name, each in self.found.items() if each.private}
        return dict(sorted(found.items()))


def look_around(omni_home: Path, run: Runner) -> Survey:
    """Look at the refs that the clones have; nobody is asked and nothing changed.

    Raises CONFIG_INVALID where there is no package.
    """
    words = tuple(name for name in list_repositories(omni_home) if name in COMMANDS)
    config = ReleaseConfig(organization="-", graph=Graph(ignore=words))
    packages = find_packages(Scan(omni_home, config, run))
    graph = config.graph.with_computed((dict.fromkeys(packages, ()),))
    return _survey(Scan(omni_home, config.model_copy(update={"graph": graph}), run))


def _survey(scan: Scan) -> Survey:
    facts = scan.read_clones((), ask_remotes=False)
    with ThreadPoolExecutor(_PARALLEL) as pool:
        looked = pool.map(lambda each: _look(scan.git(each.repo), each), facts.repos.values())
        found = dict(zip(facts.repos, looked, strict=True))
    others = [name for name in list_repositories(scan.omni_home) if name not in found]
    return Survey(facts, found, tuple(others))


def _look(git: Git, facts: RepoFacts) -> Found:
    if facts.problem is not None:
        return Found(facts)
    paths = git.paths(facts.base_sha)
    wanted = [path for path in paths if is_workflow(path) or is_further_candidate(path)]
    texts = {
        path: data.decode("utf-8", errors="replace")
        for (_, path), data in git.files((facts.base_sha, path) for path in wanted).items()
    }
    return Found(
        facts=facts,
        private=_find_private(facts),
        version_files=tuple(_find_version_files(facts, texts)),
        uploads=tuple(find_uploads({p: text for p, text in texts.items() if is_workflow(p)})),
        workflows=tuple(path.rpartition("/")[2] for path in texts if is_workflow(path)),
    )


def _find_private(facts: RepoFacts) -> str | None:
    """What the planner says of a package that is not to be published."""
    for judge in (read_manifest, require_releasable):
        try:
            judge(facts.manifest or "", where=f"{facts.repo}/{MANIFEST}")
        except ReleaseError as error:
            if error.code is ErrorCode.SCAN_FAILED and NO_PACKAGE in error.message:
                return error.message
    return None


def _find_version_files(facts: RepoFacts, texts: Mapping[str, str]) -> Iterator[str]:
    try:
        version = read_manifest(facts.manifest or "", where=MANIFEST).version
    except ReleaseError:
        return
    python = {path: text for path, text in texts.items() if is_further_candidate(path)}
    yield from find_further_files(facts.manifest or "", facts.repo, python, str(version))
