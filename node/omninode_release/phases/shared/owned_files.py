"""Which files of the worktree belong to this release, and the refusal to release any other."""

from __future__ import annotations

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.outputs import BumpOutput, ChangelogOutput, LockOutput
from omninode_release.phases.ports import LOCK_FILE, Context, Step
from omninode_release.text.manifest import MANIFEST


def owned_files(step: Step) -> list[str]:
    """The files this release may change, as the evidence of earlier phases names them."""
    owned = [MANIFEST]
    if bumped := step.recorded(BumpOutput):
        owned += [path for path in bumped.files if path not in owned]
    if changelog := step.recorded(ChangelogOutput):
        owned.append(changelog.path)
    if (locked := step.recorded(LockOutput)) and locked.locked:
        owned.append(LOCK_FILE)
    return owned


def require_only_ours(step: Step, ctx: Context) -> None:
    """Raise WORKTREE_DIRTY when the worktree has changes in files this release does not own."""
    foreign = sorted(set(foreign_changes(step, ctx)))
    if foreign:
        raise ReleaseError(
            ErrorCode.WORKTREE_DIRTY,
            f"expected only this release's files to be changed in {step.path},"
            f" found {', '.join(foreign)}.",
            hint=f"git -C {step.path} add {' '.join(foreign)} && git -C {step.path} commit"
            f" -m 'fix: …' (or remove them), then omni-release --resume {step.run_id}",
        )


def foreign_changes(step: Step, ctx: Context) -> list[str]:
    owned = set(owned_files(step))
    return [change.path for change in ctx.checkout.changes() if change.path not in owned]
