"""The throw-away tree that one row is rehearsed in, and what the phases are given there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from omninode_release.adapters.hooks import open_hooks
from omninode_release.adapters.lockers import open_lockers
from omninode_release.adapters.tree_commands import LockCommands
from omninode_release.adapters.uv import Unpublished
from omninode_release.errors import ErrorCode
from omninode_release.models.check import Check
from omninode_release.models.phase import Phase
from omninode_release.phases.shared.tags import release_tags
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.release.scanned_clone import ScannedClone
from omninode_release.system.presence import is_there
from omninode_release.system.worktree_files import Tree
from omninode_release.text.locks.toml_lock import POETRY_LOCK
from omninode_release.text.manifests.manifest import read_declared

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from omninode_release.adapters.git import Git
    from omninode_release.adapters.uv import Uv
    from omninode_release.models.plan import RepoPlan
    from omninode_release.phases.lint import HooksFailed
    from omninode_release.phases.output import PhaseOutput
    from omninode_release.phases.ports import Context, Step
    from omninode_release.release.steps import Stage
    from omninode_release.release.world import World
    from omninode_release.system.process import Programs


@dataclass(frozen=True)
class RehearsedTree:
    """The tree of one row; packages of one repository share the folder."""

    row: RepoPlan
    stage: Stage
    world: World
    outputs: dict[Phase, PhaseOutput] = field(default_factory=dict)
    """What the phases have left so far."""

    def unpack(self) -> None:
        """Have the commit that is released in it, which is what WORKTREE would leave."""
        sha = self.row.base_sha or ""
        if not is_there(self.path):  # or it is that of another package of the repository
            self.clone.unpack(sha, self.path, self.step.branch)
        self.outputs[Phase.WORKTREE] = WorktreeOutput(
            worktree_path=str(self.path), branch=self.step.branch, base_sha=sha
        )

    def commit(self, trees: Collection[RehearsedTree]) -> None:
        """What the build finds in git is what a release leaves there, and nothing else is beside.

        meson-python packs the last commit, and setuptools-git-versioning asks whether anything has
        changed since. Where tags decide the version, those that TAG will make are on it.
        """
        declared = read_declared(self._read)
        is_by_tag = declared is not None and declared.held.by_tag
        context, sha = self.make_context(), self.row.base_sha or ""
        tags = release_tags(self.step, context, sha) if is_by_tag else ()
        self.clone.tag_unpacked(self.path, tags, [path for tree in trees for path in tree.owned])
        self.clean(trees)

    def clean(self, trees: Iterable[RehearsedTree]) -> None:
        """Remove what programs left; what the rows of all ``trees`` of the folder own stays."""
        self.clone.clean_unpacked(self.path, [path for tree in trees for path in tree.owned])

    @property
    def owned(self) -> list[str]:
        """The files of the repository that the row's phases have written."""
        return [path for output in self.outputs.values() for path in output.owned_files()]

    def _read(self, path: str) -> bytes | None:
        text = Tree(self.path, self.step.place.folder).read(path)
        return None if text is None else text.encode("utf-8")

    @property
    def path(self) -> Path:
        return self.stage.tree(self.row.clone)

    @property
    def step(self) -> Step:
        """What a phase is given of the row."""
        return self.stage.step(self.row, self.world.config, self.outputs)

    @property
    def clone(self) -> Git:
        git = self.world.site(self.row.repo).git
        return ScannedClone(
            git.path, self._programs, git.seconds, place=git.place, answers=git.answers
        )

    @property
    def _programs(self) -> Programs:
        return self.world.programs.at(f"{self.row.repo}/rehearsal")

    def make_context(self) -> Context:
        """What the phases are given."""
        config, uv = self.world.config, self.uv
        links = uv.find_links_of(self.path) if self.row.pins else None
        minutes = config.timeouts.lint_minutes
        # What is not in the folder will not come into it by waiting.
        at_once = config.timeouts.model_copy(update={"lock_minutes": 0.0})
        ctx = self.world.context(self.row, self.path, self.stage.plan.run_id, self._programs)
        return replace(
            ctx,
            config=config.model_copy(update={"timeouts": at_once}),
            clone=self.clone,
            resolver=uv,
            lockers=open_lockers(uv, self._programs.environ),
            lock_commands=LockCommands(uv, self._programs.environ),
            hooks=open_hooks(config.hooks_for(self.row.repo), self._programs, minutes * 60, links),
        )

    @property
    def uv(self) -> Uv:
        """uv, which finds what the rows before have built."""
        run = self._programs
        inherited = run.environ.get("UV_FIND_LINKS", "")
        unpublished = Unpublished(self.stage.wheels, inherited, offline=self.stage.offline)
        return replace(self.world.uv(run), unpublished=unpublished)


def refuse_left(row: RepoPlan, paths: Iterable[str]) -> Check:
    """What the run would stop at: files that its steps change and that no release owns."""
    return Check(
        row.repo,
        "files",
        "failed",
        f"expected only this release's files to be changed in {row.clone} by BUMP to LOCK, found"
        f" {', '.join(paths)}.",
        f"take out what makes them, or add them to .gitignore, on {row.base_branch} of"
        f" {row.clone}, and start again",
        ErrorCode.WORKTREE_DIRTY,
    )


def judges_stand_in(error: HooksFailed, trees: Iterable[RehearsedTree]) -> bool:
    """True where a hook holds a poetry.lock to its hash: what was built is in it by its path."""
    written = (path for tree in trees for path in tree.owned if tree.row.pins)
    is_locked = any(path.endswith(POETRY_LOCK) for path in written)
    return is_locked and len(error.hooks) == 1 and POETRY_LOCK in error.detail
