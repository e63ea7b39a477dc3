"""What a phase is given and what it must answer: the seam between the engine and the world.

Phases know the world only through the Protocols here, so that they can run in a simulated one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from omninode_release.events import Report, Waiting
from omninode_release.models.commit import Commit
from omninode_release.models.config import Polling, ReleaseConfig
from omninode_release.models.forge import IndexAnswer, PullRequest, WorkflowRun
from omninode_release.models.phase import Phase
from omninode_release.models.plan import RepoPlan
from omninode_release.phases.output import PhaseOutput
from omninode_release.system.clock import Clock
from omninode_release.text.versions import tag_name

_T = TypeVar("_T")
_E = TypeVar("_E", bound=PhaseOutput)

MANIFEST = "pyproject.toml"
LOCK_FILE = "uv.lock"


class Files(Protocol):
    """The worktree's files; paths are relative to it, line ends are kept."""

    def read(self, path: str) -> str | None: ...
    def write(self, path: str, text: str) -> None: ...
    def exists(self, path: str) -> bool: ...


class WorktreeEntry(Protocol):
    @property
    def path(self) -> Path: ...
    @property
    def branch(self) -> str | None: ...
    @property
    def half_made(self) -> bool: ...


class Change(Protocol):
    @property
    def path(self) -> str: ...


class Clone(Protocol):
    """The user's clone: its objects, our branches in it, and its remote."""

    def branch_sha(self, branch: str) -> str | None: ...
    def commit_of(self, name: str) -> str | None: ...
    def commit(self, sha: str) -> Commit: ...
    def commits(self, base: str, since: str | None) -> list[Commit]: ...
    def fork_point(self, branch: str, base: str) -> str: ...
    def is_ancestor(self, old: str, new: str) -> bool: ...
    def file(self, revision: str, path: str) -> bytes | None: ...
    def fetch(self, branch: str, *, tags: bool = False) -> str: ...
    def remote_refs(self, *patterns: str) -> dict[str, str]: ...
    def push(self, *specs: str) -> None: ...
    def delete_remote_branch(self, branch: str, sha: str) -> None: ...
    def forget_remote_branch(self, branch: str) -> None: ...
    def worktrees(self) -> Sequence[WorktreeEntry]: ...
    def add_worktree(self, path: Path, branch: str, *, start: str | None = None) -> None: ...
    def remove_worktree(self, path: Path) -> None: ...
    def delete_branch(self, branch: str) -> None: ...
    def make_tag(self, name: str, sha: str, message: str, *, when: str) -> None: ...


class Checkout(Protocol):
    """The worktree as git sees it."""

    def changes(self) -> Sequence[Change]: ...
    def tracked(self, path: str) -> bool: ...
    def locks(self, branch: str) -> Sequence[Path]: ...
    def remove_locks(self, branch: str) -> None: ...
    def make_commit(self, message: str, paths: Sequence[str], *, when: str) -> str: ...


class Forge(Protocol):
    """Pull requests and the publish workflow of one repository."""

    @property
    def runs_elsewhere(self) -> bool:
        """True when runs start and end by themselves; if not, ``dispatch`` carries one out."""
        ...

    def find(self, branch: str) -> PullRequest | None:
        """The newest pull request of ``branch``, in any state."""
        ...

    def create(self, *, branch: str, base: str, title: str, body: str) -> PullRequest: ...
    def view(self, number: int) -> PullRequest: ...
    def close(self, number: int) -> None: ...

    def merge(self, number: int, *, head_sha: str, subject: str, body: str) -> None:
        """Squash-merge, only while the head is ``head_sha``; ``view`` tells what came of it.

        Where the base branch has a merge queue, the pull request enters that instead.
        """
        ...

    def update_branch(self, number: int, *, head_sha: str) -> None:
        """Merge the base branch into the pull request's, only while its head is ``head_sha``."""
        ...

    def workflow_run(self, tags: tuple[str, ...]) -> WorkflowRun | None: ...
    def dispatch(self, tag: str) -> None: ...


class Claims(Protocol):
    """Who acts on a pull request of the repository, where other runs could act on it, too."""

    def take(self, number: int, action: str) -> str | None:
        """Claim it; the answer is the holder where there is another. Raises MERGE_FAILED."""
        ...

    def keep(self, number: int, action: str) -> None:
        """Show that this run is still at it. Raises MERGE_FAILED when another has taken it."""
        ...

    def release(self, number: int) -> None:
        """Release it, if this run holds it."""
        ...


class Index(Protocol):
    """The package index."""

    def look(self, distribution: str, version: str) -> IndexAnswer: ...


class Resolver(Protocol):
    """Brings the lock file into agreement with the manifest."""

    def lock(self, tree: Path, *, refresh: Sequence[str]) -> None: ...


class HookRun(Protocol):
    @property
    def passed(self) -> bool: ...
    @property
    def failed(self) -> tuple[str, ...]: ...
    @property
    def output(self) -> str: ...


class Hooks(Protocol):
    """The repository's own pre-commit hooks."""

    def run_all(self, tree: Path) -> HookRun: ...


@dataclass(frozen=True)
class Step:
    """What is to be done for one repository: its row of the plan and the evidence so far."""

    run_id: str
    row: RepoPlan
    distribution: str
    base: str
    """The base branch's name."""
    branch: str
    """``release/<run_id>/<repo>``."""
    path: Path
    """Where the worktree stands, or will."""
    old: str
    new: str
    started_at: datetime
    ticket: str | None
    plan_hash: str
    outputs: Mapping[Phase, PhaseOutput]
    withdrawn: tuple[int, ...] = ()
    """Pull requests of this branch that this run closed itself (``restart``)."""
    failed_before: bool = False
    """This very step has failed once, and a person has resumed the run since."""
    interrupted: bool = False
    """The invocation before this one was killed while it was at work on this repository."""

    @property
    def repo(self) -> str:
        return self.row.repo

    def recorded(self, kind: type[_E]) -> _E | None:
        """The evidence an earlier phase left, if it has been recorded."""
        return next((each for each in self.outputs.values() if isinstance(each, kind)), None)

    def evidence(self, kind: type[_E]) -> _E:
        """The evidence of a phase that comes before this one."""
        found = self.recorded(kind)
        if found is None:
            raise ValueError(f"{self.repo}: no {kind.__name__} has been recorded")
        return found

    def tag(self, ctx: Context) -> str:
        """The tag that is always made (spec, step 11)."""
        return tag_name(ctx.config.tag_formats[0], self.repo, self.new)

    @property
    def subject(self) -> str:
        """Subject of the release commit (spec, step 7)."""
        ticket = f" [{self.ticket}]" if self.ticket else ""
        return f"release: {self.repo} v{self.new}{ticket}"

    @property
    def trailers(self) -> str:
        """What ties a commit or tag to this run and to what was approved."""
        return f"Release-Run: {self.run_id}\nRelease-Plan: {self.plan_hash}"


@dataclass(frozen=True)
class Context:
    """The world as one repository's phases see it."""

    config: ReleaseConfig
    clone: Clone
    checkout: Checkout
    files: Files
    forge: Forge
    claims: Claims
    index: Index
    resolver: Resolver
    hooks: Hooks
    clock: Clock
    report: Report
    skip_wait: bool
    wait_minutes: float
    """How long PUBLISH waits for the index."""

    def now(self) -> str:
        """The time to date a commit or tag with, ISO 8601."""
        return self.clock.now().strftime("%Y-%m-%dT%H:%M:%S+00:00")


class PhaseHandler(Protocol):
    """One phase; satisfied by a module."""

    @property
    def OUTPUT(self) -> type[PhaseOutput]:  # noqa: N802 - a constant of the module
        """The class of the evidence that the phase leaves."""
        ...

    def done(self, step: Step, ctx: Context) -> PhaseOutput | None:
        """The evidence if the phase's effect is in the world already; reads only.

        Asks the world, never the record: the record may lag behind it after a crash.
        """
        ...

    def apply(self, step: Step, ctx: Context) -> PhaseOutput:
        """Make the phase's one outward effect and answer the evidence for it.

        Called only after ``done`` answered None. Raises ReleaseError; a CommandFailed becomes the
        first code the contract lists for the phase.
        """
        ...


def wait_until(
    probe: Callable[[], _T | None], *, what: str, seconds: float, polling: Polling, ctx: Context
) -> _T | None:
    """Ask ``probe`` again and again until it answers, or None after ``seconds``.

    The first questions come quickly, later ones every ``polling.max_seconds``.
    """
    deadline = ctx.clock.monotonic() + seconds
    pause = polling.min_seconds
    while (answer := probe()) is None:
        left = deadline - ctx.clock.monotonic()
        if left <= 0:
            return None
        ctx.report(Waiting(what, left))
        ctx.clock.sleep(min(pause, left))
        pause = min(pause * 1.5, polling.max_seconds)
    return answer
