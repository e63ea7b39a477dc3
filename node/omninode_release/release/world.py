"""Connecting the phases to the world that the configuration names."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import uuid4

from packaging.utils import canonicalize_name

from omninode_release.adapters.git import Answers, Git, Patience
from omninode_release.adapters.hooks import open_hooks
from omninode_release.adapters.lockers import open_lockers
from omninode_release.adapters.ports import IndexSite, RepositorySite
from omninode_release.adapters.registry import FORGES, INDEXES
from omninode_release.adapters.towncrier import Towncrier
from omninode_release.adapters.tree_commands import LockCommands, TreeCommands
from omninode_release.adapters.uv import Uv
from omninode_release.models.phase import PhaseState
from omninode_release.phases.ports import Context
from omninode_release.phases.registry import read_outputs
from omninode_release.planning.guards.outsiders import find_pins_to_lock
from omninode_release.release import progress
from omninode_release.release.steps import make_step
from omninode_release.system.worktree_files import Tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from omninode_release.adapters.ports import ForgeProvider, Index, IndexProvider
    from omninode_release.adapters.uv import Links
    from omninode_release.events import Report
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.phase import Phase
    from omninode_release.models.plan import RepoPlan
    from omninode_release.models.state import RunState
    from omninode_release.phases.ports import Step
    from omninode_release.release.session import Session
    from omninode_release.system.clock import Clock
    from omninode_release.system.paths import Places
    from omninode_release.system.process import Programs


@dataclass(frozen=True)
class World:
    """Everything a run acts on; calling it gives one phase what it needs."""

    config: ReleaseConfig
    places: Places
    programs: Programs
    clock: Clock
    report: Report
    clone: Callable[[str], Path]
    skip_pypi_wait: bool
    pypi_minutes: float
    index_url: str | None = None
    """The package index's address, where the user gave one."""
    instance: str = field(default_factory=lambda: uuid4().hex)
    """Tells this process from the next of the same run."""
    sites: dict[str, RepositorySite] = field(default_factory=dict)
    """Kept, with what their clones have answered: it stays as it is while a run is at work."""
    answers: Answers = field(default_factory=Answers)
    """Those of the session: packages may share a clone, and the scan has asked before."""

    @classmethod
    def of(cls, session: Session) -> World:
        """The world of one invocation, once its programs are known to journal and lock."""
        request = session.request
        url = session.environment.variables.get("OMNI_RELEASE_INDEX_URL")
        return cls(
            config=session.config,
            places=session.places,
            programs=session.programs,
            clock=session.clock,
            report=session.report,
            clone=lambda repo: session.scan().git(repo).path,
            skip_pypi_wait=request.skip_pypi_wait,
            pypi_minutes=request.pypi_timeout_minutes,
            index_url=url or session.config.index_url,
            answers=session.answers,
        )

    def __call__(self, state: RunState, row: RepoPlan, phase: Phase) -> tuple[Step, Context]:
        path = self.places.worktree(state.run_id, row.clone)
        run = self.programs.at(f"{row.repo}/{phase}")
        step = self._step(state, row, path, phase)
        others = progress.list_companions(state, row)
        companions = tuple(self._step(state, each, path, phase) for each in others)
        step = replace(step, companions=companions)
        return step, self.context(row, path, state.run_id, run)

    def context(self, row: RepoPlan, path: Path, run_id: str, run: Programs) -> Context:
        """The world as the phases of a repository see it, whose files stand in ``path``."""
        site = self.site(row.repo)
        git, uv = replace(site.git, run=run), self.uv(run)
        return Context(
            config=self.config,
            clone=git,
            checkout=git.at(path),
            files=Tree(path, git.place.folder),
            forge=self.forge_provider.open_forge(site, run),
            claims=self.forge_provider.open_claims(site, run_id=run_id, instance=self.instance),
            index=self.index,
            resolver=uv,
            lockers=open_lockers(uv, run.environ),
            lock_commands=LockCommands(uv, run.environ),
            collector=Towncrier(run, self.config.timeouts.git_seconds),
            hooks=open_hooks(
                self.config.hooks_for(row.repo), run, self.config.timeouts.lint_minutes * 60
            ),
            commands=TreeCommands(run, self.config.timeouts.after_bump_minutes * 60),
            clock=self.clock,
            report=self.report,
            origin=site.origin,
            skip_wait=self.skip_pypi_wait,
            wait_minutes=self.pypi_minutes,
        )

    def uv(self, run: Programs) -> Uv:
        """uv, resolving from where the index wants it to."""
        return Uv(run, self.config.timeouts.lock_minutes * 60, self._links())

    def _step(self, state: RunState, row: RepoPlan, path: Path, phase: Phase) -> Step:
        repo = state.repos[row.repo]
        step = make_step(
            state,
            row,
            self.config,
            path=path,
            plan_hash=repo.approved_hash or state.plan_hash,
            outputs=read_outputs(repo.outputs),
        )
        return replace(
            step,
            withdrawn=repo.withdrawn,
            failed_before=any(
                each.event == "FAILED" and each.phase is phase.leads_to
                for each in repo.phase_history
            ),
            number=[each.repo for each in state.plan.entries].index(row.repo),
            released=_find_released(state, row),
            siblings=self._find_siblings(state, row),
        )

    def _find_siblings(self, state: RunState, row: RepoPlan) -> frozenset[str]:
        # A repository that is not in the plan has told this run no other name than its own.
        named = {each.repo: each.package for each in state.plan.entries}
        known = dict.fromkeys(self.config.graph.repos) | named
        names = {repo: name or repo for repo, name in known.items() if repo != row.repo}
        return frozenset(map(canonicalize_name, names.values()))

    @cached_property
    def forge_provider(self) -> ForgeProvider:
        return FORGES[self.config.forge]()

    @cached_property
    def index_provider(self) -> IndexProvider:
        return INDEXES[self.config.index]()

    @cached_property
    def index(self) -> Index:
        """The package index the configuration names. Raises CONFIG_INVALID for a bad address."""
        return self.index_provider.open_index(self.index_site)

    @cached_property
    def index_site(self) -> IndexSite:
        return IndexSite(
            self.config,
            self.places,
            self.clock,
            self.index_url,
            environ=self.programs.environ,
            run=self.programs.at("index"),
        )

    def _links(self) -> Links | None:
        return self.index_provider.links(self.index_site)

    def site(self, repo: str) -> RepositorySite:
        """The repository as its forge is opened with it."""
        if repo not in self.sites:
            run = self.programs.at("preflight")
            self.sites[repo] = RepositorySite(
                repo=repo,
                git=Git(
                    self.clone(repo),
                    run,
                    self.config.timeouts.git_seconds,
                    Patience(self.clock, self.config.polling),
                    self.config.place_of(repo),
                    self.answers,
                ),
                config=self.config,
                places=self.places,
                clock=self.clock,
                environ=self.programs.environ,
                secrets=self.programs.secrets,
                links=self._links,
            )
        return self.sites[repo]


def _find_released(state: RunState, row: RepoPlan) -> dict[str, str]:
    """What the run has released and the row pins, or what is pinned does in turn."""
    done = {name for name, repo in state.repos.items() if repo.phase is PhaseState.DONE}
    pins = find_pins_to_lock(row, {each.repo: each for each in state.plan.entries})
    return {
        str(canonicalize_name(each.distribution)): each.version
        for each in pins.values()
        if each.repo in done
    }
