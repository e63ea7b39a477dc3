"""WORKTREE: a worktree of the clone at the freshly fetched base tip, on the release branch.

Effect: the branch ``release/<run_id>/<repo>`` and a folder on it, with every file of its commit,
also where the clone is sparse. Recognised by that folder being a worktree on that branch. A branch
whose worktree is gone is adopted, never reset; what a killed git left half made is
mended first, and so are files that git leaves out or does not look at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError, typed_git
from omninode_release.models.field_types import Branch, Folder, Sha
from omninode_release.phases.output import LateCommit, PhaseOutput
from omninode_release.phases.shared.late_commits import late_commits
from omninode_release.system.presence import is_folder, is_same, is_there

if TYPE_CHECKING:
    from omninode_release.adapters.git_ports import WorktreeEntry
    from omninode_release.phases.ports import Context, Step


class WorktreeOutput(PhaseOutput):
    """Where the release is prepared."""

    worktree_path: Folder
    """The worktree's folder, absolute."""
    branch: Branch
    """The release branch that is checked out there."""
    base_sha: Sha
    """The base branch's tip the release branch starts at."""
    late: tuple[LateCommit, ...] = ()
    """Commits between the plan and that tip."""

    def summary(self) -> str:
        late = f", {len(self.late)} late commits" if self.late else ""
        return f"{self.worktree_path} at {self.base_sha[:12]}{late}"

    def state_fields(self) -> dict[str, object]:
        return {
            "worktree_path": self.worktree_path,
            "branch": self.branch,
            "base_sha": self.base_sha,
        }

    def late_commits(self) -> tuple[LateCommit, ...]:
        return self.late


OUTPUT = WorktreeOutput


def done(step: Step, ctx: Context) -> WorktreeOutput | None:
    entry = find_worktree(step, ctx)
    if entry is None and is_there(step.path) and any(step.path.iterdir()):
        raise _conflict_error(step, "a folder that is no worktree of this clone")
    if entry is None or _is_broken(step, entry):
        return None
    if entry.branch != step.branch:
        raise _conflict_error(step, f"a worktree on {entry.branch or 'a detached HEAD'}")
    if ctx.checkout.hidden():
        return None
    _require_known_branch(step, ctx)
    return _make_output(step, ctx)


def apply(step: Step, ctx: Context) -> WorktreeOutput:
    entry = find_worktree(step, ctx)
    if entry is not None and not _is_broken(step, entry):
        ctx.checkout.reveal()
        return _make_output(step, ctx)
    if entry is not None:
        ctx.clone.remove_worktree(step.path)
    if ctx.clone.branch_sha(step.branch):
        _require_known_branch(step, ctx)
        ctx.clone.add_worktree(step.path, step.branch)
        return _make_output(step, ctx)
    recorded = step.recorded(WorktreeOutput)
    start = recorded.base_sha if recorded else ctx.clone.fetch(step.base)
    if recorded is None:
        late_commits(step, ctx, start)
    ctx.clone.add_worktree(step.path, step.branch, start=start)
    return _make_output(step, ctx)


def find_worktree(step: Step, ctx: Context) -> WorktreeEntry | None:
    """The worktree of the release as git lists it; None where there is none."""
    return next((each for each in ctx.clone.worktrees() if is_same(each.path, step.path)), None)


def _require_known_branch(step: Step, ctx: Context) -> None:
    """Raise WORKTREE_CONFLICT for a branch of that name with a history the run does not know.

    Before anything is recorded of it the run can have made it only on the base branch, without a
    commit; afterwards it contains the commit it was made on.
    """
    head, recorded = ctx.clone.branch_sha(step.branch), step.recorded(WorktreeOutput)
    if head is None:
        return
    start = recorded.base_sha if recorded else step.row.base_sha
    tip = head if recorded else ctx.clone.fetch(step.base)
    if (start and not ctx.clone.is_ancestor(start, head)) or not ctx.clone.is_ancestor(head, tip):
        look = typed_git(ctx.clone.path, "log", step.branch)
        rename = typed_git(ctx.clone.path, "branch", "-m", step.branch, "OTHER")
        raise ReleaseError(
            ErrorCode.WORKTREE_CONFLICT,
            f"expected the branch {step.branch} to be of this run's making, found it at"
            f" {head[:12]}, which this run does not know.",
            hint=f"{look} says what it is; {rename} keeps it out of the way, then"
            f" omni-release --resume {step.run_id}",
        )


def _is_broken(step: Step, entry: WorktreeEntry) -> bool:
    """True when the worktree must be made again: its folder is gone, or git did not finish it."""
    return entry.half_made or not is_folder(step.path)


def _make_output(step: Step, ctx: Context) -> WorktreeOutput:
    recorded = step.recorded(WorktreeOutput)
    if recorded is not None:
        return recorded
    base = ctx.clone.fork_point(step.branch, step.base)
    newer = ctx.clone.commits(base, step.row.base_sha)
    return WorktreeOutput(
        worktree_path=str(step.path), branch=step.branch, base_sha=base, late=LateCommit.of(newer)
    )


def _conflict_error(step: Step, found: str) -> ReleaseError:
    return ReleaseError(
        ErrorCode.WORKTREE_CONFLICT,
        f"expected {step.path} to be free or a worktree on {step.branch}, found {found}.",
        hint=f"move {step.path} away, then omni-release --resume {step.run_id}",
    )
