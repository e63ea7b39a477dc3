"""Connecting the phases to the world that the configuration names."""

from __future__ import annotations

import importlib.metadata
import random
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from omninode_release.adapters.claims import ClaimFolder, NoClaims
from omninode_release.adapters.git import Git
from omninode_release.adapters.github.api import GitHubApi
from omninode_release.adapters.github.forge import GitHubForge
from omninode_release.adapters.github.slug import slug_of_origin
from omninode_release.adapters.local.checks import LocalChecks
from omninode_release.adapters.local.forge import LocalForge
from omninode_release.adapters.local.index import LocalIndex
from omninode_release.adapters.local.repository import BareRepository
from omninode_release.adapters.local.runs import LocalRuns
from omninode_release.adapters.ports import Claims, Forge
from omninode_release.adapters.precommit import PreCommit
from omninode_release.adapters.pypi.index import PyPIIndex, pypi_index
from omninode_release.adapters.uv import Uv
from omninode_release.errors import CommandFailed, ErrorCode, ReleaseError, TimedOut
from omninode_release.events import Report
from omninode_release.models.config import ReleaseConfig
from omninode_release.models.forge import Slug
from omninode_release.models.phase import Phase
from omninode_release.models.plan import RepoPlan
from omninode_release.models.state import RunState
from omninode_release.phases.ports import Context, Step
from omninode_release.system.clock import Clock
from omninode_release.system.files import Places, Tree
from omninode_release.system.process import Programs, Runner

_MINIMUM = {
    "git": (2, 38),  # merge-tree --write-tree
    "gh": (2, 23),  # the oldest that was tried
}
_T = TypeVar("_T")
_IDENT = re.compile(r"(?P<name>.*) <(?P<email>.*)> \d+ [+-]\d{4}")


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
    """Where ``index: pypi`` asks; the public index when None."""
    instance: str = field(default_factory=lambda: uuid4().hex)
    """Tells this process from the next of the same run."""
    asked: dict[tuple[str, Path], Any] = field(default_factory=dict)
    """What a clone has answered that stays as it is while a run is at work."""

    def __call__(self, state: RunState, row: RepoPlan, phase: Phase) -> tuple[Step, Context]:
        run = self.programs.at(f"{row.repo}/{phase}")
        git = Git(self.clone(row.repo), run, self.config.timeouts.git_seconds)
        path = self.places.worktree(state.run_id, row.repo)
        step = self._step(state, row, path, phase)
        return step, Context(
            config=self.config,
            clone=git,
            checkout=git.at(path),
            files=Tree(path),
            forge=self._forge(git, row.repo, run),
            claims=self._claims(git, state.run_id),
            index=self.index,
            resolver=self._uv(run),
            hooks=PreCommit(run, self.config.timeouts.lint_minutes * 60, run.redacted),
            clock=self.clock,
            report=self.report,
            skip_wait=self.skip_pypi_wait,
            wait_minutes=self.pypi_minutes,
        )

    def _step(self, state: RunState, row: RepoPlan, path: Path, phase: Phase) -> Step:
        repo = state.repos[row.repo]
        old, new = row.versions
        return Step(
            run_id=state.run_id,
            row=row,
            distribution=row.distribution or row.repo,
            base=row.base_branch or "main",
            branch=f"release/{state.run_id}/{row.repo}",
            path=path,
            old=old,
            new=new,
            started_at=state.started_at,
            ticket=state.ticket,
            plan_hash=repo.approved_hash or state.plan_hash,
            outputs=repo.evidence,
            withdrawn=repo.withdrawn,
            failed_before=any(
                each.event == "FAILED" and each.phase is phase.leads_to
                for each in repo.phase_history
            ),
            interrupted=repo.in_progress is not None,
        )

    @cached_property
    def index_folder(self) -> Path:
        return (self.places.omni_home / self.config.local.index_dir).resolve()

    @cached_property
    def index(self) -> LocalIndex | PyPIIndex:
        """The package index the configuration names. Raises CONFIG_INVALID for a bad address."""
        return LocalIndex(self.index_folder) if self.config.index == "local" else self.pypi

    @cached_property
    def pypi(self) -> PyPIIndex:
        return pypi_index(self.index_url, self.clock)

    def _uv(self, run: Runner) -> Uv:
        local = self.config.index == "local"
        return Uv(
            run=run,
            seconds=self.config.timeouts.lock_minutes * 60,
            find_links=self.index_folder if local else None,
            only_links=local and self.config.local.index_only,
        )

    def origin(self, repo: str) -> str:
        """Where a clone comes from. Raises CONFIG_INVALID if not from the configured forge."""
        git = self._git(repo)
        if self.config.forge == "local":
            return str(self._once("origin", _remote_folder, git))
        slug = self._slug(git)
        return f"{slug.host}/{slug.path}"

    def inquiry(self, repo: str) -> GitHubForge:
        """GitHub, for questions before the release that nobody wants to wait for long."""
        git = self._git(repo)
        forge = self._github(git, git.run)
        return replace(forge, api=forge.api.brief())

    def _git(self, repo: str) -> Git:
        run = self.programs.at("preflight")
        return Git(self.clone(repo), run, self.config.timeouts.git_seconds)

    def _slug(self, git: Git) -> Slug:
        host = self.programs.environ.get("GH_HOST")
        return self._once("slug", lambda git: slug_of_origin(git, host), git)

    def _once(self, what: str, ask: Callable[[Git], _T], git: Git) -> _T:
        """Every step of a repository needs its origin and who commits; a clone is asked once."""
        key = what, git.path
        if key not in self.asked:
            self.asked[key] = ask(git)
        answer: _T = self.asked[key]
        return answer

    def _forge(self, git: Git, repo: str, run: Runner) -> Forge:
        match self.config.forge:
            case "github":
                return self._github(git, run)
            case "local":
                return self._local(git, repo, run)

    def _claims(self, git: Git, run_id: str) -> Claims:
        if self.config.forge == "local":
            return NoClaims()
        folder = self.places.claims
        return ClaimFolder(folder, self._slug(git), run_id, self.instance, self.clock)

    def _github(self, git: Git, run: Runner) -> GitHubForge:
        api = GitHubApi(
            slug=self._slug(git),
            cwd=git.path,
            run=run,
            clock=self.clock,
            jitter=random.random,
            polling=self.config.polling,
            seconds=self.config.timeouts.api_seconds,
        )
        return GitHubForge(api, self.config.publish.workflow)

    def _local(self, git: Git, repo: str, run: Runner) -> LocalForge:
        index, uv = LocalIndex(self.index_folder), self._uv(run)

        def publish(tree: Path) -> None:
            with tempfile.TemporaryDirectory(prefix="omni-release-") as out:
                index.publish(uv.build(tree, Path(out)))

        origin = BareRepository(git.at(self._once("origin", _remote_folder, git)))
        timeouts = self.config.timeouts
        return LocalForge(
            origin=origin,
            repo=repo,
            workflow=self.config.publish.workflow,
            checks=LocalChecks(origin, self.config.local.checks, run, timeouts.checks_minutes * 60),
            runs=LocalRuns(origin, repo, publish),
            identity=self._once("identity", _identity, git),
            now=lambda: self.clock.now().strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        )


def tool_version(programs: Programs, cwd: Path, name: str) -> str:
    """A program's version, which goes into the journal.

    Raises TOOL_MISSING, also for one that is too old or does not run.
    """
    path, tools = programs.find(name), programs.at("tools")
    version = _installed_with_us(name, path)
    if version is None:
        try:
            done = tools((name, "--version"), cwd=cwd, timeout=60)
        except (CommandFailed, TimedOut) as error:
            raise ReleaseError(
                ErrorCode.TOOL_MISSING,
                f"expected {name} --version to answer, found: {error.message}",
                hint=f"mend or reinstall {path}",
            ) from error
        version = done.stdout.partition("\n")[0].strip()
    tools.note(f"{version} ({path})", cwd=cwd)
    _require_version(name, version)
    return version


def _installed_with_us(name: str, path: str) -> str | None:
    """The version of a program that pip put beside us: pre-commit takes 0.3 s to tell its own."""
    if Path(path).parent != Path(sys.executable).parent:
        return None
    try:
        return f"{name} {importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:
        return None


def _require_version(name: str, answer: str) -> None:
    least = _MINIMUM.get(name)
    found = re.search(r"(\d+)\.(\d+)", answer)
    if least and (found is None or (int(found[1]), int(found[2])) < least):
        raise ReleaseError(
            ErrorCode.TOOL_MISSING,
            f"expected {name} {least[0]}.{least[1]} or later, found {answer.strip()!r}.",
            hint=f"install a newer {name}",
        )


def _remote_folder(git: Git) -> Path:
    url = git.remote_url() or ""
    path = Path(url.removeprefix("file://"))
    folder = path if path.is_absolute() else git.path / path
    if not url or not folder.is_dir():
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"forge: local needs a bare repository on this machine as origin of {git.path},"
            f" found {url or 'no origin'}.",
            hint=f"git -C {git.path} remote set-url origin PATH, or choose another forge",
        )
    return folder.resolve()


def _identity(git: Git) -> dict[str, str]:
    found = _IDENT.fullmatch(git.identity())
    name, email = (found["name"], found["email"]) if found else ("", "")
    return {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", name), ("EMAIL", email))
    }
