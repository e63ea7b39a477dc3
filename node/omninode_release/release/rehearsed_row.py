"""One repository's part of a rehearsal: BUMP to LOCK and a build, in a throw-away tree."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from omninode_release.adapters.lockers import open_lockers
from omninode_release.adapters.lockers.command import LockCommands
from omninode_release.adapters.uv import Unpublished
from omninode_release.contract.load import load_contract
from omninode_release.errors import CommandFailed, ErrorCode, ReleaseError
from omninode_release.models.check import Check
from omninode_release.models.phase import Phase
from omninode_release.phases.lock import LockOutput, needs_network
from omninode_release.phases.locks.by_uv import require_cutoff_admits
from omninode_release.phases.registry import phase_handler
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.release.built_files import require_own_content, require_package
from omninode_release.release.scanned_clone import ScannedClone
from omninode_release.system.worktree_files import Tree
from omninode_release.text.manifest import read_declared
from omninode_release.text.uv_output import explain_uv, is_offline
from omninode_release.text.versions import tag_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omninode_release.adapters.git import Git
    from omninode_release.adapters.uv import Uv
    from omninode_release.models.plan import RepoPlan
    from omninode_release.phases.output import PhaseOutput
    from omninode_release.phases.ports import Context, Step
    from omninode_release.release.stage import Stage
    from omninode_release.release.world import World
    from omninode_release.system.process import Programs

_EDITS = (Phase.BUMP, Phase.PIN, Phase.CHANGELOG)
_NEEDED = frozenset({Phase.BUMP, Phase.PIN})
"""Without these there is nothing worth locking or building."""
_RESUME = re.compile(r"omni-release --resume \S+")
_COMMIT = "commit that"


@dataclass
class RowRehearsal:
    """The rehearsal of one row, against what the rows before it have left in ``stage``."""

    row: RepoPlan
    stage: Stage
    world: World
    outputs: dict[Phase, PhaseOutput] = field(default_factory=dict)
    is_stuck: bool = False
    """True once a step has failed that the others need."""

    def edit(self) -> Iterator[Check]:
        """What BUMP to CHANGELOG would fail by; what cannot be locked or built then is stuck."""
        self.is_stuck = True
        try:
            self._unpack()
            context = self._make_context()
        except ReleaseError as error:
            unforeseen = error.code is ErrorCode.INTERNAL_ERROR
            code = ErrorCode.SCAN_FAILED if unforeseen else error.code
            yield self._failure("rehearsal", code, error)
            return
        for phase in _EDITS:
            failure = self._try_phase(phase, context)
            if failure is not None:
                yield failure
                if phase in _NEEDED:
                    return
        self.is_stuck = False

    def lock(self) -> Iterator[Check]:
        """What LOCK would fail by."""
        if not self.is_stuck:
            yield from filter(None, [self._try_lock(self._make_context())])

    def build(self) -> Iterator[Check]:
        """What a build would fail by."""
        if not self.is_stuck:
            yield from filter(None, [self._try_build()])

    # The phases, on the tree.

    def _unpack(self) -> None:
        sha = self.row.base_sha or ""
        if not self._tree.exists():  # or it is that of another package of the repository
            self._clone.unpack(sha, self._tree)
        self.outputs[Phase.WORKTREE] = WorktreeOutput(
            worktree_path=str(self._tree), branch=self._step.branch, base_sha=sha
        )

    def _try_phase(self, phase: Phase, ctx: Context) -> Check | None:
        step, handler = self._step, phase_handler(phase)
        try:
            self.outputs[phase] = handler.done(step, ctx) or handler.apply(step, ctx)
            if phase is Phase.LOCK:
                require_cutoff_admits(step, ctx, self.stage.list_others(self.row))
        except ReleaseError as error:
            code = load_contract().code_in(phase, error.code)
            return self._failure(phase, code, error)
        return None

    def _try_lock(self, ctx: Context) -> Check | None:
        if self.stage.offline and needs_network(self._step, ctx):
            why = "not locked, for a program that does it cannot be told to use no network"
            return Check(self.row.repo, "lock", "unknown", why)
        failure = self._try_phase(Phase.LOCK, ctx)
        if failure and self.row.pins and isinstance(ctx.config.lock_for(self.row.repo), tuple):
            # It need not look into the folders where what is pinned was built.
            return failure._replace(state="unknown", code=None)
        output = self.outputs.get(Phase.LOCK)
        if any(
            pin.together for pin in self.row.pins
        ):  # it is built later: there is nothing to find
            return failure
        if failure is None and isinstance(output, LockOutput) and not output.locked:
            return self._try_to_resolve()
        return failure

    def _try_to_resolve(self) -> Check | None:
        """A warning for a repository that LOCK passes over, where its requirements do not fit."""
        try:
            self._uv.lock(self._step.home, refresh=())
        except ReleaseError as error:
            return self._failure("requirements", ErrorCode.LOCK_FAILED, error)._replace(
                state="warning", code=None
            )
        return None

    # The build.

    def _try_build(self) -> Check | None:
        out = self.stage.folder / ".out" / self.row.repo
        out.mkdir(parents=True)
        try:
            self._tag_tree()
            files = self._uv.build(self._step.home, out)
            require_package(files, self._step.distribution, self._step.new)
            links = self._clone.find_links(self.row.base_sha or "")
            require_own_content(files, self._tree, links, self._step.place)
        except ReleaseError as error:
            return self._failure("build", ErrorCode.PUBLISH_FAILED, error)
        for file in files:
            file.rename(self.stage.wheels / file.name)
        return None

    def _tag_tree(self) -> None:
        """Where tags decide the version, the build finds the one that TAG will make."""
        declared = read_declared(self._read)
        if declared is not None and declared.held.by_tag:
            formats = self.world.config.tag_formats_to_make(self.row.repo, self.row.tag_format)
            tags = [tag_name(fmt, self.row.repo, self._step.new) for fmt in formats]
            self._clone.tag_unpacked(self._tree, tags)

    def _read(self, path: str) -> bytes | None:
        text = Tree(self._tree, self._step.place.folder).read(path)
        return None if text is None else text.encode("utf-8")

    # What the phases are given.

    @property
    def _tree(self) -> Path:
        return self.stage.tree(self.row.clone)

    @property
    def _step(self) -> Step:
        return self.stage.step(self.row, self.world.config, self.outputs)

    @property
    def _clone(self) -> Git:
        git = self.world.site(self.row.repo).git
        return ScannedClone(git.path, self._programs, git.seconds, place=git.place)

    @property
    def _programs(self) -> Programs:
        return self.world.programs.at(f"{self.row.repo}/rehearsal")

    def _make_context(self) -> Context:
        config = self.world.config
        # What is not in the folder will not come into it by waiting.
        at_once = config.timeouts.model_copy(update={"lock_minutes": 0.0})
        return replace(
            self.world.context(self.row, self._tree, self.stage.plan.run_id, self._programs),
            config=config.model_copy(update={"timeouts": at_once}),
            clone=self._clone,
            resolver=self._uv,
            lockers=open_lockers(self._uv, self._programs.environ),
            lock_commands=LockCommands(self._uv, self._programs.environ),
        )

    @property
    def _uv(self) -> Uv:
        run = self._programs
        inherited = run.environ.get("UV_FIND_LINKS", "")
        unpublished = Unpublished(self.stage.wheels, inherited, offline=self.stage.offline)
        return replace(self.world.uv(run), unpublished=unpublished)

    # What comes of it.

    def _failure(self, what: str, code: ErrorCode, error: ReleaseError) -> Check:
        text = error.message
        if isinstance(error, CommandFailed) and error.argv[0] == "uv":
            text = f"`uv {error.argv[1]}` fails: {explain_uv(error.stderr)}"
        unknown = self.stage.offline and is_offline(error.detail)
        hint = self._reword(error.hint or "")
        return Check(
            self.row.repo,
            what,
            "unknown" if unknown else "failed",
            text.replace(str(self._tree), self.row.clone),
            hint.replace(str(self._tree), self.row.clone),
            None if unknown else code,
        )

    def _reword(self, hint: str) -> str:
        """What to do about a failure of a step, where nothing is begun and nothing to resume."""
        base = f"{self.row.base_branch} of {self.row.clone}"
        if not hint:
            return f"mend what it names, on {base} if it is there, then start again"
        return _RESUME.sub("start again", hint.replace(_COMMIT, f"land that on {base}"))
