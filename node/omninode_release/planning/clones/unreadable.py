"""Why a clone, or its remote, could not be read."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from omninode_release.adapters.git import REMOTE
from omninode_release.adapters.git.remedies import find_apple_remedy
from omninode_release.errors import CommandFailed, ErrorCode, ReleaseError, typed_git

if TYPE_CHECKING:
    from omninode_release.adapters.git import Git


def explain_unreadable(git: Git, error: ReleaseError) -> ReleaseError:
    """What stood in the way, as an error of that repository with what mends it."""
    hint = f"{typed_git(git.path, 'ls-remote', REMOTE)}, and mend what it says"
    try:
        git.ask("rev-parse", "--git-dir")  # ls-remote says nothing of a folder git does not trust
    except CommandFailed as cause:
        error = cause
        hint = find_apple_remedy(cause.message) or hint
        if "dubious ownership" in cause.message:
            hint = f"git config --global --add safe.directory {shlex.quote(str(git.path))}"
    else:
        if git.remote_url() is None:
            hint = git.advise_origin("URL")
    return ReleaseError(
        ErrorCode.SCAN_FAILED,
        f"the clone or its remote could not be read: {error.message}",
        hint=hint,
        detail=error.detail,
    )


def require_whole_history(git: Git) -> None:
    """Raise SCAN_FAILED for a clone that has not all commits."""
    if git.is_shallow():
        raise ReleaseError(
            ErrorCode.SCAN_FAILED,
            f"{git.path} is a shallow clone: commits since the last tag cannot be counted.",
            hint=typed_git(git.path, "fetch", "--unshallow"),
        )
