"""The last look at a release branch and its base before they are brought together."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from omninode_release.errors import ReleaseError
from omninode_release.events import Note
from omninode_release.phases.output import LateCommit
from omninode_release.phases.pull_request import list_others, shorten
from omninode_release.phases.push import PushOutput
from omninode_release.phases.shared.late_commits import late_commits
from omninode_release.phases.shared.release_branch import require_approved
from omninode_release.phases.shared.still_ours import require_still_ours
from omninode_release.phases.worktree import WorktreeOutput

if TYPE_CHECKING:
    from omninode_release.models.forge import PullRequest
    from omninode_release.phases.ports import Context, Step


def look_unless_merged(
    step: Step, ctx: Context, pull: PullRequest
) -> tuple[LateCommit, ...] | None:
    """``_look_again``, and None where a person merged the pull request in this very moment.

    What the base branch has then is this release itself.
    """
    try:
        return _look_again(step, ctx, pull)
    except ReleaseError:
        with suppress(ReleaseError):  # the first one says more
            if ctx.forge.pulls.view(pull.number).state == "merged":
                return None
        raise


def _look_again(step: Step, ctx: Context, pull: PullRequest) -> tuple[LateCommit, ...]:
    """The commits of others at the head, told in the pull request. Raises PLAN_STALE."""
    tip = require_still_ours(step, ctx)
    late_commits(step, ctx, tip, since=step.evidence(WorktreeOutput).base_sha)
    known = [step.evidence(PushOutput).sha, ctx.clone.branch_sha(step.branch)]
    found = require_approved(step, ctx, pull.head_sha, tip, known=known)
    others = LateCommit.of(found, on_release_branch=True)
    untold = [each for each in others if each.sha not in pull.body]
    if untold:
        body = f"{pull.body.rstrip()}\n\n{list_others(untold)}\n"
        more = ctx.forge.compare_url(step.row.last_tag, pull.head_sha)
        ctx.forge.pulls.describe(pull.number, shorten(body, more))
        told = ", ".join(each.words for each in untold)
        ctx.report(Note(f"{step.repo}: commits by others on {step.branch} go along: {told}"))
    return others
