"""COMMIT: one commit with version, pins, changelog and lock on the release branch.

Effect: the commit, of this release's files by name; the repository's hooks run, and a commit is
taken back that they make another release of. Recognised on the branch, not in the worktree:
subject, which hooks may add to, run trailer and the version in the branch's manifest.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.field_types import Sha
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.shared.kept_files import list_otherwise
from omninode_release.phases.shared.owned_files import list_owned_files, require_only_owned
from omninode_release.phases.shared.still_ours import require_still_ours
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.text.commits.release_commit import read_run_trailer
from omninode_release.text.manifests.manifest import read_declared

if TYPE_CHECKING:
    from omninode_release.phases.ports import Context, Step


class CommitOutput(PhaseOutput):
    """The release commit."""

    sha: Sha
    """Its id on the release branch."""
    subject: Annotated[str, Field(examples=["release: omnibase_core v1.5.0 [OMN-1234]"])]
    """The first line of its message."""

    def summary(self) -> str:
        return f"{self.sha[:12]} {self.subject}"

    def find_commit(self) -> str | None:
        return self.sha


OUTPUT = CommitOutput


def done(step: Step, ctx: Context) -> CommitOutput | None:
    head = ctx.clone.branch_sha(step.branch)
    recorded = step.recorded(WorktreeOutput)
    if head is None or recorded is None:
        return None
    declared = read_declared(partial(ctx.clone.file, head))
    if declared is None or not declared.admits(step.new):
        return None
    # A person may have committed a fix on top of it, so the whole branch is looked at.
    return _find_own(step, ctx, head, recorded.base_sha)


def apply(step: Step, ctx: Context) -> CommitOutput:
    require_still_ours(step, ctx)
    require_only_owned(step, ctx)
    paths, message = list_owned_files(step), f"{step.subject}\n\n{step.trailers}\n"
    before = ctx.clone.branch_sha(step.branch)
    given, head = ctx.checkout.make_commit(message, paths, when=ctx.now())
    made, found = _find_own(step, ctx, head, before), list_otherwise(step, ctx, given, head)
    if made is None:
        found = ["no commit with this run's subject and trailer"]
    if made is None or found:
        ctx.checkout.undo_commit(before or step.evidence(WorktreeOutput).base_sha, given)
        raise ReleaseError(
            ErrorCode.COMMIT_FAILED,
            f"expected git's hooks to commit in {step.path} what is approved and nothing else,"
            f" found {', '.join(found)}.",
            hint=f"mend the hook in {ctx.checkout.find_hooks()} (its commit is taken back), then"
            f" omni-release --resume {step.run_id}",
        )
    return made


def _find_own(step: Step, ctx: Context, head: str, since: str | None) -> CommitOutput | None:
    """The release commit of this run among those of ``head`` that ``since`` does not contain."""
    for found in ctx.clone.commits(head, since):
        if step.subject in found.subject and read_run_trailer(found.body) == step.run_id:
            return CommitOutput(sha=found.sha, subject=found.subject)
    return None
