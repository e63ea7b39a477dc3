"""Read every repository under omni_home: base branch, tags, commits, manifests.

The user's checkout is neither read nor moved. A real run asks the remote first and fetches what is
missing out of the way; a dry run reads the refs the clone has and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from omninode_release.adapters.git import REMOTE_TAGS, Answers, Git, Ref
from omninode_release.adapters.git.dates import find_days
from omninode_release.adapters.git.inside import PackageHistory
from omninode_release.adapters.git.scanning import MANY, ScanGit
from omninode_release.errors import ErrorCode, ProgramFailed, ReleaseError, ToolMissing, typed_git
from omninode_release.models.commit import PackedCommits
from omninode_release.models.facts import OrgFacts, RepoFacts
from omninode_release.planning.clones.around import (
    find_commits_elsewhere,
    find_locks_around,
    read_around,
)
from omninode_release.planning.clones.base_branch import (
    BASE,
    find_blocking_branch,
    find_local_base,
    list_release_branches,
    no_such_branch,
)
from omninode_release.planning.clones.base_files import read_base_beside, read_files
from omninode_release.planning.clones.folders import (
    find_strays,
    is_clone,
    list_clones,
    stands_alone,
)
from omninode_release.planning.clones.link_faults import find_link_fault
from omninode_release.planning.clones.stale import note_if_stale
from omninode_release.planning.clones.unreadable import explain_unreadable, require_whole_history
from omninode_release.planning.versions.date_habits import find_yearly
from omninode_release.planning.versions.release_tags import find_releases
from omninode_release.system.children import work_together
from omninode_release.text.manifests.files_beside import read_beside
from omninode_release.text.manifests.manifest import MANIFEST
from omninode_release.text.versions.tag_formats import by_prefix, read_tags

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from omninode_release.adapters.git import Patience
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.system.process import Runner

_PARALLEL = 8
_BY_LIBRARY = 2
"""The library reads in this process, mostly one clone at a time; more threads hinder each other."""
_Look: TypeAlias = Callable[[Git, str, bool], RepoFacts]


class _Fetched(NamedTuple):
    """What a remote has."""

    head: str
    tip: str
    is_blocked: bool
    """It has a branch named ``release``."""
    release_branches: tuple[str, ...]


@dataclass(frozen=True)
class Scan:
    """Where a scan looks, for which organisation, and what runs its programs."""

    omni_home: Path
    config: ReleaseConfig
    run: Runner
    patience: Patience | None = None
    """How a remote is asked again; None: it is asked once."""
    answers: Answers = field(default_factory=Answers)

    def read_clones(self, targets: Sequence[str], *, ask_remotes: bool) -> OrgFacts:
        """Facts from the refs the clones have; with ``ask_remotes`` a note for each stale clone."""
        at_once = _BY_LIBRARY if self._are_many else _PARALLEL
        facts = self._scan_all(targets, self._read_clone, at_once)
        stale = self._find_stale(facts) if ask_remotes else ()
        return replace(facts, notes=(*facts.notes, *stale))

    def fetch(self, targets: Sequence[str]) -> OrgFacts:
        """Facts from the remotes, after fetching each base branch and the release tags."""
        return self._scan_all(targets, partial(self._read_remote, {}), _PARALLEL)

    def git(self, repo: str) -> ScanGit:
        """The clone that holds ``repo``: ``<omni_home>/<repo>``, or a bare ``<repo>.git``."""
        clone = self.config.clone_of(repo)
        path = self.omni_home / clone
        bare = self.omni_home / f"{clone}.git"
        path = bare if is_clone(bare) and not is_clone(path) else path
        return ScanGit(
            path,
            self.run,
            self.config.timeouts.git_seconds,
            self.patience,
            self.config.place_of(repo),
            self.answers,
            by_library=self._are_many,
        )

    @cached_property
    def _are_many(self) -> bool:
        return len(self.config.graph.repos) >= MANY

    def _scan_all(self, targets: Sequence[str], look: _Look, at_once: int) -> OrgFacts:
        gits = {repo: self.git(repo) for repo in self.config.graph.repos}
        here = [repo for repo, git in gits.items() if is_clone(git.path)]
        known = {git.path for git in gits.values()}
        beside = [path for path in list_clones(self.omni_home) if path not in known]
        others = [path for path in beside if stands_alone(path)]  # in no tier
        clones: dict[str, list[str]] = {}
        for repo in here:
            clones.setdefault(self.config.clone_of(repo), []).append(repo)

        def scan(repos: Sequence[str]) -> list[RepoFacts]:
            """One package after the other: git locks the refs that it fetches to."""
            return [_keep_problem(look, gits[each], each, each in targets) for each in repos]

        found = work_together(scan, clones.values(), threads=at_once)
        texts = work_together(
            lambda path: _read_outsider(Git(path, self.run)), others, threads=at_once
        )
        by_name = {facts.repo: facts for several in found for facts in several}
        repos = {repo: by_name[repo] for repo in here}
        outsiders = dict(zip((path.name for path in others), texts, strict=True))
        # A graph that is declared says itself what it lacks.
        strays = find_strays(self.omni_home) if self.config.graph.is_computed else {}
        named = {name: files for name, files in outsiders.items() if files}
        return OrgFacts(repos, named, tuple(strays.values()))

    def _read_clone(self, git: Git, repo: str, wanted: bool) -> RepoFacts:  # noqa: FBT001
        # Where a real run fetched tags to, and the user's own.
        refs = git.refs(BASE, "refs/heads/", REMOTE_TAGS, "refs/tags/")
        base = find_local_base(git, refs, self.config.said_base(repo))
        tags = _list_tags(refs, (REMOTE_TAGS, "refs/tags/"))
        return self._gather_facts(git, repo, base, refs, tags, wanted=wanted)

    def _read_remote(
        self,
        known: dict[Path, _Fetched],
        git: Git,
        repo: str,
        wanted: bool,  # noqa: FBT001
    ) -> RepoFacts:
        """Each clone is fetched once: ``known`` is what the packages before have fetched."""
        there = known[git.path] = known.get(git.path) or self._fetch(git, repo)
        refs = git.refs("refs/heads/", REMOTE_TAGS)
        base = Ref(f"{BASE}{there.head}", there.tip)
        tags = _list_tags(refs, (REMOTE_TAGS,))
        facts = self._gather_facts(git, repo, base, refs, tags, wanted=wanted)
        facts = replace(facts, release_branches=facts.release_branches + there.release_branches)
        if there.is_blocked:
            return replace(facts, blocking_branch="release on the remote")
        return facts

    def _fetch(self, git: Git, repo: str) -> _Fetched:
        said = self.config.said_base(repo)
        asked = (f"refs/heads/{said}",) if said else ()
        remote = git.ls_remote("refs/heads/release", "refs/heads/release/*", *asked)
        head = said or remote.head
        if said and f"refs/heads/{said}" not in remote.refs:
            raise no_such_branch(repo, said, git)
        if head is None:
            raise ReleaseError(
                ErrorCode.SCAN_FAILED,
                f"the remote of {git.path} names no default branch: it is empty, or its HEAD is no"
                " branch.",
                hint=typed_git(git.path, "ls-remote", "--symref", "origin", "HEAD"),
            )
        tip = git.fetch(head, tags=True)
        below = list_release_branches(ref.replace("refs/heads/", BASE, 1) for ref in remote.refs)
        return _Fetched(head, tip, "refs/heads/release" in remote.refs, below)

    def _gather_facts(
        self,
        git: Git,
        repo: str,
        base: Ref,
        refs: list[Ref],
        by_tag: dict[str, Ref],
        *,
        wanted: bool,
    ) -> RepoFacts:
        require_whole_history(git)
        tags = {tag: ref.sha for tag, ref in by_tag.items()}
        found = find_releases(git, repo, base.sha, by_tag, self.config)
        without = [tags[tag] for tag in (found.last, found.merged) if tag]
        tagged = tags[found.last] if found.last else None
        read = read_files(git, self.config, repo, base.sha, tagged, wanted=wanted)
        history = git.history_inside(base.sha, None, *without) if wanted else PackageHistory(())
        facts = RepoFacts(
            repo=repo,
            path=git.path,
            base_branch=base.name.removeprefix(BASE).removeprefix("refs/heads/"),
            base_sha=base.sha,
            last_tag=found.last,
            merged_tag=found.merged,
            on_base=found.on_base,
            shares_history=found.shares_history,
            tag_formats=found.formats,
            foreign_tags=found.foreign,
            beyond_tags=found.beyond,
            refusal=found.refusal,
            tags=tags,
            commits=(PackedCommits if self._are_many else tuple)(history.commits),
            stand_in=history.find_stand_ins(tags.values()),
            beside=read_base_beside(git, base.sha, read.manifest, wanted=wanted),
            published_beside=_read_published(git, tagged, read.published) if tagged else {},
            blocking_branch=find_blocking_branch(git, refs),
            release_branches=list_release_branches(ref.name for ref in refs),
            **read._asdict(),
        )
        return self._look_closer(git, facts, without) if wanted else facts

    def _look_closer(self, git: Git, facts: RepoFacts, without: Sequence[str]) -> RepoFacts:
        """The facts with what matters only of a repository that may be released."""
        repo, base = facts.repo, facts.base_sha
        versioned, paths = self.config.version_files_of(repo), facts.tree.paths
        fault = find_link_fault(git, base, repo, facts.manifest, files=paths, versioned=versioned)
        elsewhere = find_commits_elsewhere(git, self.config, repo, base, without)
        around, years = read_around(git, base), self._find_yearly(git, facts)
        seen = replace(facts, elsewhere=elsewhere, around=around, yearly_tags=years)
        return replace(seen, link_fault=fault, locks_around=dict(find_locks_around(git, base)))

    def _find_yearly(self, git: Git, facts: RepoFacts) -> tuple[str, ...]:
        """Releases that begin with a year, where no scheme is said that counts or ignores it."""
        if facts.repo in self.config.version_scheme_of or self.config.version_scheme != "semver":
            return ()
        found = read_tags(facts.tags, by_prefix(facts.tag_formats, facts.repo))
        return find_yearly(found, facts.tags, partial(find_days, git))

    def _find_stale(self, facts: OrgFacts) -> tuple[str, ...]:
        """A note for each clone that is behind its remote, or whose remote did not answer."""
        notes = work_together(
            lambda each: note_if_stale(self.git(each.repo), each, self.config.said_base(each.repo)),
            [each for each in facts.repos.values() if each.problem is None],
            threads=max(len(facts.repos), 1),
        )
        return tuple(note for note in notes if note is not None)


def _list_tags(refs: list[Ref], roots: tuple[str, ...]) -> dict[str, Ref]:
    """Tags by short name; what a remote was seen to have goes before one that is only here."""
    return {
        ref.name.removeprefix(root): ref
        for root in reversed(roots)
        for ref in refs
        if ref.name.startswith(root)
    }


def _keep_problem(
    look: _Look,
    git: ScanGit,
    repo: str,
    wanted: bool,  # noqa: FBT001
) -> RepoFacts:
    """Facts, or the problem that kept them from being found: one bad clone hides no other."""
    try:
        return look(git, repo, wanted)
    except ToolMissing:
        raise
    except ProgramFailed as error:
        problem = explain_unreadable(git, error)
        return RepoFacts(repo, git.path, problem)
    except ReleaseError as error:
        return RepoFacts(repo, git.path, error)
    finally:
        git.close()


def _read_published(git: Git, tagged: str, manifest: str | None) -> dict[str, str]:
    """The files beside the manifest of a release that told what it requires."""
    if manifest and "[project]" in manifest and "dynamic" not in manifest:
        return {}  # as nearly always; to parse it takes milliseconds
    return read_beside(manifest or "", lambda path: git.file(tagged, path), needs_only=True)


def _read_outsider(git: Git) -> dict[str, str]:
    """The manifest of a repository outside the graph, and what it reads, where that can be read."""
    try:
        base = find_local_base(git, git.refs(BASE, "refs/heads/"))
        manifest = git.text(base.sha, MANIFEST)
        found = _read_published(git, base.sha, manifest)
    except ReleaseError:
        return {}
    return found if manifest is None else {MANIFEST: manifest, **found}
