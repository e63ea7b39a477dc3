"""Commits that reached a base branch after the plan was approved, and what they do to it.

An approval is for these versions of this plan. A late commit that leaves the level as it is goes
along and is reported; one that would change it makes the plan stale.
"""

from __future__ import annotations

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import Note
from omninode_release.models.commit import Commit
from omninode_release.phases.ports import Context, Step
from omninode_release.text.commits import decide


def late_commits(step: Step, ctx: Context, tip: str, *, since: str | None = None) -> list[Commit]:
    """Commits of ``tip`` that the plan (or ``since``, a newer look) did not know.

    Raises PLAN_STALE when the base branch was rewound, when late commits are refused, or when
    they change the level that was approved.
    """
    known = since or step.row.base_sha
    if known is None or known == tip:
        return []
    if not ctx.clone.is_ancestor(known, tip):
        raise _stale_error(
            step, f"{step.base} no longer contains {known[:12]}, the commit planned on"
        )
    newer = ctx.clone.commits(tip, known)
    if ctx.config.late_commits == "refuse":
        raise _stale_error(step, f"{len(newer)} new commits, the newest {_describe(newer[0])}")
    if not step.row.forced:
        _require_same_level(step, ctx, tip)
    ctx.report(Note(f"{step.repo}: {len(newer)} late commits on {step.base} go along"))
    return newer


def _require_same_level(step: Step, ctx: Context, tip: str) -> None:
    since = f"refs/omni-release/tags/{step.row.last_tag}" if step.row.last_tag else None
    decision = decide(ctx.clone.commits(tip, since), default_bump=ctx.config.default_bump)
    if decision.level is not step.row.bump and decision.commit is not None:
        raise _stale_error(
            step,
            f"{_describe(decision.commit)} makes it a {decision.level} release,"
            f" {step.row.bump} was approved",
        )


def _describe(commit: Commit) -> str:
    return f"{commit.sha[:12]} ({commit.subject})"


def _stale_error(step: Step, why: str) -> ReleaseError:
    return ReleaseError(
        ErrorCode.PLAN_STALE,
        f"{step.base} of {step.repo} moved after the approval: {why}.",
        hint=f"omni-release --resume {step.run_id} plans this repository anew and asks again",
    )
