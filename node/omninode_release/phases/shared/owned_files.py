"""The files of the worktree that a release owns, and the refusal to release any other."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError, typed_git
from omninode_release.text.manifest import MANIFEST

if TYPE_CHECKING:
    from omninode_release.phases.ports import Context, Step


def list_owned_files(step: Step) -> list[str]:
    """The files this release may change, as the evidence of earlier phases names them.

    Packages of one repository are released by one commit.
    """
    owned = [path for each in step.together for path in _list_own(each)]
    return list(dict.fromkeys(owned))


def _list_own(step: Step) -> list[str]:
    named = (path for output in step.outputs.values() for path in output.owned_files())
    own = [step.place.outer(MANIFEST)] if (step.home / MANIFEST).is_file() else []
    return [*own, *named]


def require_only_owned(step: Step, ctx: Context) -> None:
    """Raise WORKTREE_DIRTY when the worktree has changes in files this release does not own."""
    foreign = sorted(set(list_foreign_changes(step, ctx)))
    if foreign:
        raise ReleaseError(
            ErrorCode.WORKTREE_DIRTY,
            f"expected only this release's files to be changed in {step.path},"
            f" found {', '.join(foreign)}.",
            hint=f"{typed_git(step.path, 'add', '--', *foreign)} &&"
            f" {typed_git(step.path, 'commit', '-m', 'fix: …')} (or remove them), then"
            f" omni-release --resume {step.run_id}",
        )


def digest_file(step: Step, path: str) -> str | None:
    """What tells one content of a file of the worktree from another; None where there is none.

    A file need not be text, and may be a link.
    """
    file = step.path / path
    if file.is_symlink():
        return f"link to {file.readlink()}"
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None


def list_foreign_changes(step: Step, ctx: Context) -> list[str]:
    owned = set(list_owned_files(step))
    return [change.path for change in ctx.checkout.changes() if change.path not in owned]
