"""A look at every clone under omni_home for what a configuration can say of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from omninode_release.adapters.git.dates import find_days
from omninode_release.errors import ReleaseError
from omninode_release.models.command_words import COMMANDS
from omninode_release.models.commit import Level
from omninode_release.models.config import ReleaseConfig
from omninode_release.models.graph import Graph
from omninode_release.models.place import WHOLE
from omninode_release.planning.clones.folders import find_strays
from omninode_release.planning.clones.packages import find_packages, list_repositories
from omninode_release.planning.guards.holders import list_stale_files
from omninode_release.planning.organisation import Organisation
from omninode_release.planning.rows import plan_row
from omninode_release.planning.scan import Scan
from omninode_release.planning.survey.entry_habits import find_entries_by_hand
from omninode_release.planning.survey.pin_habits import find_habits
from omninode_release.planning.survey.subfolders import find_places
from omninode_release.planning.versions.date_habits import find_date_form
from omninode_release.system.children import work_together
from omninode_release.text.manifests.manifest import MANIFEST, require_releasable, says_unreleasable
from omninode_release.text.versions.tag_formats import by_prefix, find_pre_release_tags, read_tags
from omninode_release.text.versions.version import bump, tag_name
from omninode_release.text.workflows.uploads import find_uploads
from omninode_release.text.workflows.workflow import is_action, is_workflow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from omninode_release.adapters.git import Git
    from omninode_release.models.facts import OrgFacts, RepoFacts
    from omninode_release.models.place import PackagePlace
    from omninode_release.planning.survey.pin_habits import Habit
    from omninode_release.system.process import Runner
    from omninode_release.text.workflows.uploads import Upload

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
    calver: str | None = None
    """The form of its versions, where its newest tags say the date."""
    dated: tuple[str, ...] = ()
    """Those tags."""
    by_hand: str | None = None
    """Where it shows that people write the entries of its changelog."""

    def is_published_by(self, workflow: str) -> bool:
        """True where the workflow of that name uploads, and a release starts it if it does any."""
        counted = [each for each in self.uploads if each.is_started] or self.uploads
        return any(each.workflow == workflow for each in counted)


@dataclass(frozen=True)
class Survey:
    """All clones under omni_home."""

    facts: OrgFacts
    found: Mapping[str, Found]
    """The repositories that hold a package."""
    others: tuple[str, ...]
    """The clones that hold none, and those whose name no repository can have."""
    places: Mapping[str, PackagePlace] = field(default_factory=dict)
    """Where a package stands that is not alone at the root of a repository of its name."""
    habits: tuple[Habit, ...] = ()
    """How packages require each other."""
    strays: Mapping[str, str] = field(default_factory=dict)
    """Folders that look like clones and are none, and why."""

    @property
    def left_out(self) -> dict[str, str]:
        """What ``graph.ignore`` has to name, and why."""
        found = {
            name: f"{name} is a command word of omni-release; to be released, its folder has to be"
            " called otherwise"
            for name in self.others
            if name in COMMANDS
        }
        found |= {name: each.private for name, each in self.found.items() if each.private}
        return dict(sorted(found.items()))


def look_around(omni_home: Path, run: Runner) -> Survey:
    """Look at the refs that the clones have; no remote is asked and nothing changed.

    Raises CONFIG_INVALID where there is no package.
    """
    words = tuple(name for name in list_repositories(omni_home) if name in COMMANDS)
    config = ReleaseConfig(organization="-", graph=Graph(ignore=words))
    places = find_places(Scan(omni_home, config, run))
    config = config.model_copy(update={"packages": places})
    packages = find_packages(Scan(omni_home, config, run))
    graph = config.graph.with_computed((dict.fromkeys(packages, ()),))
    return _survey(Scan(omni_home, config.model_copy(update={"graph": graph}), run))


def _survey(scan: Scan) -> Survey:
    facts = scan.read_clones(scan.config.graph.repos, ask_remotes=False)
    org = Organisation(scan.config, facts)
    looked = work_together(
        lambda repo: _look(scan.git(repo), facts.repos[repo], org), facts.repos, threads=_PARALLEL
    )
    found = dict(zip(facts.repos, looked, strict=True))
    others = [name for name in list_repositories(scan.omni_home) if name not in found]
    held = {*map(scan.config.clone_of, scan.config.packages)}
    others = [name for name in others if name not in held]
    strays = find_strays(scan.omni_home)
    return Survey(facts, found, tuple(others), scan.config.packages, find_habits(org), strays)


def _look(git: Git, facts: RepoFacts, org: Organisation) -> Found:
    if facts.problem is not None:
        return Found(facts)
    whole = git.inside(WHOLE)
    paths = [path for path in whole.paths(facts.base_sha) if is_workflow(path) or is_action(path)]
    files = whole.files((facts.base_sha, path) for path in paths)
    texts = {path: data.decode("utf-8", errors="replace") for (_, path), data in files.items()}
    tags = read_tags(facts.tags, by_prefix(facts.tag_formats, facts.repo))
    calver, dated = find_date_form(tags, facts.tags, partial(find_days, git)) or (None, ())
    tag = facts.last_tag or tag_name(next(iter(facts.tag_formats), "v{version}"), facts.repo, "1.0")
    return Found(
        facts=facts,
        private=_find_private(facts) or _find_no_release(facts, org),
        version_files=find_version_files(facts, org),
        uploads=tuple(find_uploads(texts, tag)),
        workflows=tuple(path.rpartition("/")[2] for path in texts if is_workflow(path)),
        calver=calver,
        dated=dated,
        by_hand=find_entries_by_hand(facts, tags, git.commits_inside),
    )


def _find_private(facts: RepoFacts) -> str | None:
    """What the planner says of a package that is not to be published."""
    try:
        require_releasable(facts.manifest or "", where=f"{facts.repo}/{MANIFEST}")
    except ReleaseError as error:
        return error.message if says_unreleasable(error) else None
    return None


def _find_no_release(facts: RepoFacts, org: Organisation) -> str | None:
    """Why a package without a release tag is none, beside packages that have some.

    The root of a repository may hold them together and no more; what is 0.0.0 is a tool of theirs.
    """
    formats, beside = by_prefix(facts.tag_formats, facts.repo), org.config.list_beside(facts.repo)
    if len(beside) < 2 or facts.last_tag or find_pre_release_tags(facts.tags, formats):
        return None
    if not org.config.place_of(facts.repo).folder:
        clone = org.config.clone_of(facts.repo)
        return (
            f"no release tag is that of the root of {clone}, and packages in its folders have some"
        )
    manifest = org.manifests.get(facts.repo)
    if manifest is None or manifest.held.by_tag or any(manifest.version.release):
        return None
    others = [org.facts.repos[each] for each in beside if each in org.facts.repos]
    why = f"no release tag is its own, packages beside it have some, and it is {manifest.version}"
    return why if any(each.last_tag for each in others) else None


def find_version_files(facts: RepoFacts, org: Organisation) -> tuple[str, ...]:
    """Where the planner would find the old version beside what BUMP writes by itself."""
    manifest = org.manifests.get(facts.repo)
    if manifest is None:
        return ()
    row = plan_row(facts.repo, facts, org.config, None)
    if row.new is None:  # nothing to release now: what counts is what a release would leave
        new = bump(manifest.version, Level.PATCH, major_on_zero=True)
        row = row.model_copy(update={"new": str(new)})
    return list_stale_files(row, facts, org)
