"""Locks that a command of the organisation brings up to date; git says which files it changed."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.config_names import say_key
from omninode_release.models.place import WHOLE
from omninode_release.phases.locks.changes import LockResult, list_moved
from omninode_release.phases.shared.owned_files import Failure, run_commands
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.text.locks.any_lock import is_lock
from omninode_release.text.manifests.manifest import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omninode_release.phases.ports import Context, Step


def write(step: Step, ctx: Context, argv: Sequence[str], known: Sequence[str] | None) -> LockResult:
    """Run it; ``known`` is what it was recorded to have changed before. Raises LOCK_FAILED."""
    manifest = ctx.files.read(MANIFEST)
    key = say_key(ctx.config, "lock", step.repo)
    failure = Failure(ErrorCode.LOCK_FAILED, key)
    files = run_commands(step, ctx, ctx.lock_commands, [argv], known=known, failure=failure)
    if ctx.files.read(MANIFEST) != manifest:
        raise ReleaseError(
            ErrorCode.LOCK_FAILED,
            f"expected {step.home}/{MANIFEST} to be as PIN left it after `{shlex.join(argv)}`,"
            " found it changed.",
            hint=f"correct the command ({key}), then omni-release --resume {step.run_id}",
        )
    base = step.evidence(WorktreeOutput).base_sha
    moved: list[str] = []
    ctx = ctx.beside(replace(step, place=WHOLE))  # as git names the files
    for path in filter(is_lock, files):
        moved += list_moved(step, path, ctx.clone.text(base, path), ctx.files.read(path))
    return LockResult(files, tuple(moved))
