"""Which state root has the run that worktrees are of: two that share clones may give one name.

A file beside the worktrees of a run names the root, from the first step until the run is over.
Without it, one root would go on in the worktree of the other's run, or clean it away.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError, raise_storage_errors, typed
from omninode_release.system.files import read_file
from omninode_release.system.presence import is_file, is_same

if TYPE_CHECKING:
    from omninode_release.system.paths import Places


def find_other_root(places: Places, run_id: str) -> Path | None:
    """The other state root that has an open run of this name in these worktrees."""
    with contextlib.suppress(OSError, ValueError):
        root = Path(os.fsdecode(read_file(places.owner(run_id))))
        is_other = not is_same(root, places.root)
        return root if is_other and _has_open_run(replace(places, root=root), run_id) else None
    return None


def _has_open_run(places: Places, run_id: str) -> bool:
    """True where it may have one, too: the root of another user cannot be looked into."""
    try:
        return is_file(places.state(run_id))
    except PermissionError:
        return True


def has_lost_run(places: Places, run_id: str) -> bool:
    """True where a run of ours began in worktrees of that name, and its state is gone."""
    with contextlib.suppress(OSError, ValueError):
        owner = Path(os.fsdecode(read_file(places.owner(run_id))))
        return is_same(owner, places.root) and not is_file(places.state(run_id))
    return False


def require_own_worktrees(places: Places, run_id: str) -> None:
    """Raise RUN_EXISTS where the worktrees of that name are of another root's run."""
    root = find_other_root(places, run_id)
    if root is None:
        return
    there = typed(("export", f"ONEX_STATE_DIR={root}"))
    raise ReleaseError(
        ErrorCode.RUN_EXISTS,
        f"expected no run {run_id} of another state folder in these clones, found one that is not"
        f" over in {root}.",
        hint=f"{there}, then omni-release --resume {run_id} for that one; or choose another"
        " --run-id for a fresh run",
    )


def claim_worktrees(places: Places, run_id: str) -> None:
    """Write down whose they are. Raises RUN_EXISTS where another root was first."""
    path = places.owner(run_id)
    own = os.fsencode(places.root)
    with raise_storage_errors(path, resume=f"omni-release --resume {run_id}"):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("xb") as file:
                file.write(own)
        except FileExistsError:
            require_own_worktrees(places, run_id)
            path.write_bytes(own)


def let_go_of_worktrees(places: Places, run_id: str) -> None:
    """Forget it of a run that is over; what stays after trouble is of no open run."""
    if find_other_root(places, run_id) is None:
        with contextlib.suppress(OSError):
            places.owner(run_id).unlink(missing_ok=True)
