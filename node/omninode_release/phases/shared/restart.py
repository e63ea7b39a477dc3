"""Withdrawing one repository's half-made release after its plan went stale and was approved anew.

Nothing else takes back what others can see: the run closes its open pull request and deletes its
release branch. It never touches a pull request that is merged.
"""

from __future__ import annotations

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.phases.ports import Context, Step
from omninode_release.phases.shared.claiming import hold_claim
from omninode_release.phases.shared.clean_up import remove_traces


def restart(step: Step, ctx: Context) -> None:
    """Close the pull request, delete the release branch and its worktree; twice is harmless."""
    pull = ctx.forge.find(step.branch)
    if pull is not None and pull.state == "merged":
        raise ReleaseError(
            ErrorCode.PLAN_STALE,
            f"{pull.url} was merged meanwhile; its release cannot be planned anew.",
            hint="tag and publish that merge by hand, or start a fresh run",
        )
    if pull is not None and pull.state == "open":
        seconds = ctx.config.timeouts.merge_minutes * 60
        with hold_claim(step, ctx, pull.number, action="close", seconds=seconds):
            ctx.forge.close(pull.number)
    remove_traces(step, ctx)
