"""What a phase is given and what it must answer: the seam between the engine and the world.

The world is the Protocols of ``adapters/ports.py``; phases know nothing else of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from omninode_release.events import Waiting
from omninode_release.models.place import WHOLE
from omninode_release.models.template import fill_template, match_template, names_place
from omninode_release.phases.output import PhaseOutput, find_output
from omninode_release.system.wait import NotYet, Pauses, poll
from omninode_release.text.commits.release_commit import (
    find_part_of,
    write_release_subject,
    write_run_trailer,
)
from omninode_release.text.versions.version import tag_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from omninode_release.adapters.git_ports import Checkout, Clone
    from omninode_release.adapters.ports import Claims, Files, Forge, Index, Workflows
    from omninode_release.adapters.tool_ports import Collector, Commands, Hooks, Locker, Resolver
    from omninode_release.events import Report
    from omninode_release.models.commit import Commit
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.lock import LockName
    from omninode_release.models.phase import Phase
    from omninode_release.models.place import Place
    from omninode_release.models.plan import RepoPlan
    from omninode_release.system.clock import Clock

_T = TypeVar("_T")
_E = TypeVar("_E", bound=PhaseOutput)


@dataclass(frozen=True)
class Step:
    """What is to be done for one repository: its row of the plan and the evidence so far."""

    run_id: str
    row: RepoPlan
    distribution: str
    base: str
    """The base branch's name."""
    branch: str
    """``release/<run_id>/<repository>``."""
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
    subject_template: str | None = None
    """What ``commit_subject`` says."""
    place: Place = WHOLE
    """Which files of the repository are the package's."""
    number: int = 0
    """Its row's place in the plan."""
    companions: tuple[Step, ...] = ()
    """The same step of the other packages that share branch and pull request with it."""
    released: Mapping[str, str] = field(default_factory=dict)
    """What this run has released and a lock of the package will hold: normalised name, version."""
    siblings: frozenset[str] = frozenset()
    """The normalised names of the organisation's other packages."""

    @property
    def home(self) -> Path:
        """The package's folder in the worktree."""
        return self.path / self.place.folder

    def outer(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Paths of the package as the repository has them."""
        return tuple(map(self.place.outer, paths))

    @property
    def together(self) -> tuple[Step, ...]:
        """It and its companions, in the order of the plan."""
        return tuple(sorted((self, *self.companions), key=lambda each: each.number))

    @property
    def branch_after(self) -> str:
        """The branch of what follows the release, ``after-release/<run_id>/<repository>``."""
        return f"after-{self.branch}"

    @property
    def repo(self) -> str:
        return self.row.repo

    def recorded(self, kind: type[_E]) -> _E | None:
        """The evidence an earlier phase left, if it has been recorded."""
        return find_output(self.outputs.values(), kind)

    def evidence(self, kind: type[_E]) -> _E:
        """The evidence of a phase that comes before this one."""
        found = self.recorded(kind)
        if found is None:
            raise ValueError(f"{self.repo}: no {kind.__name__} has been recorded")
        return found

    def tags_to_make(self, ctx: EntryContext) -> tuple[str, ...]:
        """The tag that is always made (spec, step 11), and those that a workflow may listen to."""
        formats = ctx.config.tag_formats_to_make(self.repo, self.row.tag_format)
        return tuple(tag_name(fmt, self.repo, self.new) for fmt in formats)

    def commits_to_release(self, ctx: EntryContext, tip: str) -> Sequence[Commit]:
        """Commits of ``tip`` that no release has, newest first."""
        tags = (self.row.last_tag, self.row.merged_tag)
        without = [f"refs/omni-release/tags/{tag}" for tag in tags if tag]
        return ctx.clone.commits_inside(tip, None, *without)

    @property
    def subject(self) -> str:
        """Subject of the release commit (spec, step 7)."""
        if self.subject_template is not None:
            return self.fill(self.subject_template)
        released = [f"{each.repo} v{each.new}" for each in self.together]
        return write_release_subject(released, self.ticket)

    def fill(self, template: str) -> str:
        """A text of the configuration about this release."""
        return fill_template(template, self._values | {"ticket": self.ticket or ""})

    def is_release_subject(self, subject: str) -> bool:
        """True for the subject of a release of this version, by whichever run."""
        template = self.subject_template
        if template is None:
            part = find_part_of(subject, self.repo)
            return f"{part} ".startswith(f"release: {self.repo} v{self.new} ")
        known = {"repo": self.repo, "version": self.new}
        if self.row.path is not None or self.row.repository is not None:
            # It may name several packages, each by name and version.
            named = (each for name, each in known.items() if names_place(template, name))
            known = {} if all(each in subject for each in named) else known
        return match_template(template, known).fullmatch(subject) is not None

    @property
    def _values(self) -> dict[str, str]:
        steps = self.together
        return {
            "repo": _list_once(each.repo for each in steps),
            "version": _list_once(each.new for each in steps),
            "old": _list_once(each.old for each in steps),
            "run_id": self.run_id,
            "level": _list_once(str(each.row.bump or "") for each in steps),
        }

    @property
    def trailers(self) -> str:
        """What ties a commit or tag to this run and to what was approved."""
        return f"{write_run_trailer(self.run_id)}\nRelease-Plan: {self.plan_hash}"


@dataclass(frozen=True)
class EntryContext:
    """What tells which tags and which changelog entry a release makes; no service is asked."""

    config: ReleaseConfig
    clone: Clone
    files: Files
    forge: Workflows
    collector: Collector


@dataclass(frozen=True)
class Context(EntryContext):
    """The world as one repository's phases see it."""

    forge: Forge
    checkout: Checkout
    claims: Claims
    index: Index
    resolver: Resolver
    lockers: Mapping[LockName, Locker]
    """What locks beside uv."""
    lock_commands: Commands
    """Runs a command that locks, with the folders that it can resolve from."""
    hooks: Hooks
    commands: Commands
    clock: Clock
    report: Report
    origin: str
    """The remote's address when the forge was opened with it."""
    skip_wait: bool
    wait_minutes: float
    """How long PUBLISH waits for the index."""

    def beside(self, step: Step) -> Context:
        """The same for a companion, whose files are others of the same repository."""
        return replace(
            self,
            clone=self.clone.inside(step.place),
            checkout=self.checkout.inside(step.place),
            files=self.files.inside(step.place.folder),
        )

    def now(self) -> str:
        """The time to date a commit or tag with, ISO 8601."""
        return self.clock.now().strftime("%Y-%m-%dT%H:%M:%S+00:00")


class WaitState(NamedTuple):
    """How something that is waited for stands, for a person."""

    words: str = ""
    link: str | None = None
    """Where it can be looked at."""


def _list_once(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))


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
    probe: Callable[[], _T | None],
    *,
    what: str,
    seconds: float,
    step: Step,
    ctx: Context,
    find_state: Callable[[], WaitState] = WaitState,
) -> _T | None:
    """Ask ``probe`` again and again until it answers, or None after ``seconds``.

    ``find_state`` answers how what is waited for stood at the last look.
    """

    def look() -> _T | NotYet:
        answer = probe()
        if answer is not None:
            return answer
        state = find_state().words
        return NotYet(f"{what}: {state}" if state else what)

    def report(why: str, left: float) -> None:
        ctx.report(Waiting(why, left, step.repo, find_state().link))

    polling = ctx.config.polling
    found = poll(
        look,
        ctx.clock,
        seconds=seconds,
        pauses=Pauses.for_event(polling.min_seconds, polling.max_seconds),
        report=report,
    )
    return None if isinstance(found, NotYet) else found


def wait_for_own(
    probe: Callable[[], _T | None], *, what: str, step: Step, ctx: Context
) -> _T | None:
    """The same for what the run itself did a moment ago, which others show late."""
    seconds = ctx.config.timeouts.own_grace_seconds
    return wait_until(probe, what=what, seconds=seconds, step=step, ctx=ctx)
