"""COMMIT: one commit with version, pins, changelog and lock on the release branch.

Effect: the commit, of this release's files by name; the repository's hooks run. Recognised on the
branch, not in the worktree: subject, run trailer and the version in the branch's manifest.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from omninode_release.models.field_types import Sha
from omninode_release.phases.output import PhaseOutput
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
    for found in ctx.clone.commits(head, recorded.base_sha):
        if found.subject == step.subject and read_run_trailer(found.body) == step.run_id:
            return CommitOutput(sha=found.sha, subject=found.subject)
    return None


def apply(step: Step, ctx: Context) -> CommitOutput:
    require_still_ours(step, ctx)
    require_only_owned(step, ctx)
    message = f"{step.subject}\n\n{step.trailers}\n"
    sha = ctx.checkout.make_commit(message, list_owned_files(step), when=ctx.now())
    return CommitOutput(sha=sha, subject=step.subject)
