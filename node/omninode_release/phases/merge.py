"""MERGE: the pull request squashed onto the base branch.

Effect: the merge. Recognised by the forge saying so *and* the merge commit being on the fetched
base branch *and* carrying the new version; an exit code proves none of the three.
"""

from __future__ import annotations

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.forge import PullRequest
from omninode_release.models.outputs import MergeOutput, PrOutput, WorktreeOutput
from omninode_release.phases.base import MANIFEST, Context, Step, late, wait_until
from omninode_release.phases.staleness import late_commits
from omninode_release.text.package import version_of


def done(step: Step, ctx: Context) -> MergeOutput | None:
    pull = ctx.forge.view(step.evidence(PrOutput).number)
    if pull.state != "merged":
        return None
    return _proven(step, ctx, pull)


def apply(step: Step, ctx: Context) -> MergeOutput:
    seconds = ctx.config.timeouts.merge_minutes * 60
    number = step.evidence(PrOutput).number
    ready = wait_until(
        lambda: _ready(step, ctx.forge.view(number)),
        what=f"{step.repo}: the checks of pull request {number}",
        seconds=seconds,
        polling=ctx.config.polling,
        ctx=ctx,
    )
    if ready is None:
        raise _failed(step, f"its checks were not green within {seconds / 60:g} minutes")
    # The last look before the one thing that cannot be taken back.
    late_commits(
        step, ctx, ctx.clone.fetch(step.base), since=step.evidence(WorktreeOutput).base_sha
    )
    ctx.forge.merge(
        number,
        head_sha=ready.head_sha,
        subject=f"{step.subject} (#{number})",
        body=step.trailers,
    )
    merged = wait_until(
        lambda: done(step, ctx),
        what=f"{step.repo}: the merge of pull request {number}",
        seconds=seconds,
        polling=ctx.config.polling,
        ctx=ctx,
    )
    if merged is None:
        raise _failed(step, "the forge took the merge and did not carry it out in time")
    return merged


def _ready(step: Step, pull: PullRequest) -> PullRequest | None:
    if pull.state != "open":
        raise _failed(step, f"it is {pull.state}")
    if pull.conflict:
        raise _failed(step, f"it conflicts with {step.base}")
    red = [check for check in pull.checks if check.state == "failure"]
    if red:
        names = ", ".join(f"{check.name} ({check.url})" for check in red)
        raise _failed(step, f"checks failed: {names}", detail=red[0].detail)
    if any(check.state == "pending" for check in pull.checks):
        return None
    return pull


def _proven(step: Step, ctx: Context, pull: PullRequest) -> MergeOutput:
    tip = ctx.clone.fetch(step.base)
    sha = pull.merge_sha
    if sha is None or not ctx.clone.is_ancestor(sha, tip):
        raise _failed(step, f"the forge says merged, but {sha} is not on {step.base}")
    manifest = ctx.clone.file(sha, MANIFEST)
    found = version_of(manifest) if manifest is not None else None
    if found != step.new:
        raise _failed(step, f"merge commit {sha[:12]} carries version {found}, not {step.new}")
    newer = ctx.clone.commits(f"{sha}^", step.evidence(WorktreeOutput).base_sha)
    return MergeOutput(merge_sha=sha, late=late(newer))


def _failed(step: Step, why: str, *, detail: str = "") -> ReleaseError:
    url = step.evidence(PrOutput).url
    return ReleaseError(
        ErrorCode.MERGE_FAILED,
        f"expected {url} to merge into {step.base}, but {why}.",
        hint=f"mend it on branch {step.branch} (worktree {step.path}) and commit there, then"
        f" omni-release --resume {step.run_id}",
        detail=detail,
    )
