"""LOCK: every lock of the repository agrees with the new version and the pins.

Effect: the lock files rewritten, each by its own program; always run again, it is cheap and the
index moves. A lock that holds nothing which the release changes stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from omninode_release.models.phase import Phase
from omninode_release.phases.locks import by_command, by_program, by_uv
from omninode_release.phases.locks.changes import LockResult
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.shared.owned_files import take_back
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.text.locks.choice import FILES, UV_LOCK, find_locks, find_stale
from omninode_release.text.locks.requirements_files import find_requirements_files

if TYPE_CHECKING:
    from omninode_release.models.lock import LockSetting
    from omninode_release.phases.ports import Context, Step
    from omninode_release.text.locks.choice import Locks


class LockOutput(PhaseOutput):
    """The lock file agrees with the manifest, or there is none to agree."""

    locked: bool
    """Whether there is a lock file, which agrees now."""
    reason: Annotated[str, Field(examples=["no uv.lock is tracked"])] | None = None
    """Why nothing was locked."""
    moved: tuple[Annotated[str, Field(examples=["httpx 0.27.0 -> 0.27.2"])], ...] = ()
    """Packages other than ours and the pinned ones whose locked version changed."""
    files: tuple[Annotated[str, Field(examples=["poetry.lock"])], ...] | None = None
    """The files that were brought up to date; null where that is uv.lock alone."""

    def summary(self) -> str:
        moved = f"; also moved: {', '.join(self.moved)}" if self.moved else ""
        files = ", ".join(self.owned_files())
        return (self.reason or (f"{files} resolved" if files else "nothing was changed")) + moved

    def owned_files(self) -> tuple[str, ...]:
        if self.files is not None:
            return self.files
        return (UV_LOCK,) if self.locked else ()


OUTPUT = LockOutput


def done(step: Step, ctx: Context) -> LockOutput | None:
    del step, ctx  # spec, Idempotency Keys: always re-run
    return None


def apply(step: Step, ctx: Context) -> LockOutput:
    setting = ctx.config.lock_for(step.repo)
    if setting is not None and not isinstance(setting, str):
        recorded = step.recorded(LockOutput)
        known = recorded.owned_files() if recorded else None
        take_back(step, ctx, Phase.LOCK, known or ())  # another command may have made it
        return _make_output(by_command.write(step, ctx, setting, known))
    locks, stale = _find_work(step, ctx, setting)
    if not stale:
        return LockOutput(locked=False, reason=_explain(locks, setting))
    written = [
        by_uv.write(step, ctx) if name == "uv" else by_program.write(step, ctx, name, files)
        for name, files in stale.items()
    ]
    files = tuple(path for each in written for path in each.files)
    return _make_output(LockResult(files, tuple(each for one in written for each in one.moved)))


def needs_network(step: Step, ctx: Context) -> bool:
    """True where a program is going to be run that cannot be told to do without one."""
    return bool(_find_work(step, ctx, ctx.config.lock_for(step.repo))[1].keys() - {"uv"})


def _find_work(step: Step, ctx: Context, setting: LockSetting | None) -> tuple[Locks, Locks]:
    """The locks of the base that are still tracked, and those of them that are to be written."""
    base = step.evidence(WorktreeOutput).base_sha
    paths = frozenset([*ctx.clone.paths(base), UV_LOCK])
    texts = {path: ctx.clone.text(base, path) or "" for path in find_requirements_files(paths)}
    locks = find_locks(paths, texts, setting)
    kept = {
        name: tuple(path for path in files if _is_tracked(step, ctx, path))
        for name, files in locks.items()
    }
    locks = {name: files for name, files in kept.items() if files}
    pins = {pin.distribution: pin.version for pin in step.row.pins}
    return locks, find_stale(locks, texts, pins, edited=step.repo in ctx.config.after_bump)


def _is_tracked(step: Step, ctx: Context, path: str) -> bool:
    if path == UV_LOCK:
        _, ctx = by_uv.go_to_lock(step, ctx)
    return ctx.checkout.tracked(path)


def _explain(locks: Locks, setting: LockSetting | None) -> str:
    if setting == "none":
        return "lock: none"
    files = ", ".join(path for each in locks.values() for path in each)
    if files:
        return f"no pin of this release is in {files}"
    kinds = {**FILES, "requirements": "requirements file that can be made again"}
    return f"no {kinds[setting] if isinstance(setting, str) else UV_LOCK} is tracked"


def _make_output(written: LockResult) -> LockOutput:
    alone = written.files == (UV_LOCK,)
    return LockOutput(
        locked=bool(written.files), moved=written.moved, files=None if alone else written.files
    )
