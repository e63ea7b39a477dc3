"""A branch that leaves no room for that of the run is told in the plan.

Run ids are made of names and day, so anybody who can push may have made one beforehand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError, typed_git
from omninode_release.planning.rows import refuse_row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omninode_release.models.facts import RepoFacts
    from omninode_release.models.plan import RepoPlan
    from omninode_release.planning.organisation import Organisation

_HERE = "refs/heads/"


def refuse_blocked_branch(
    row: RepoPlan, rows: Mapping[str, RepoPlan], org: Organisation, *, run_id: str
) -> RepoPlan:
    """The row, or WORKTREE_CONFLICT where git needs a folder for a branch, or a branch for one."""
    del rows  # each look at a row is given them
    facts, branch = org.facts.repos[row.repo], f"release/{run_id}/{row.clone}"
    for ref in facts.release_branches:
        found = ref[ref.index("release/") :]
        if branch.startswith(f"{found}/") or found.startswith(f"{branch}/"):
            return refuse_row(row, _no_room_error(facts, branch, ref, found))
    return row


def _no_room_error(facts: RepoFacts, branch: str, ref: str, found: str) -> ReleaseError:
    other, where = found.replace("/", "-"), "here"
    rename = typed_git(facts.path, "branch", "-m", found, other)
    if not ref.startswith(_HERE):
        moved = (f"FETCH_HEAD:{_HERE}{other}", f":{_HERE}{found}")
        fetch = typed_git(facts.path, "fetch", "origin", found)
        rename, where = f"{fetch} && {typed_git(facts.path, 'push', 'origin', *moved)}", "there"
    return ReleaseError(
        ErrorCode.WORKTREE_CONFLICT,
        f"expected room for the branch {branch} in {facts.path} and on its remote, found the branch"
        f" {found} {where}: git has no room for both.",
        hint=f"rename it: {rename}",
    )
