"""PUBLISH: the version on the package index.

Effect: at most one start of the publish workflow, when no run of it for the tag is found.
Recognised by the index offering the version's files: the workflow's colour is a diagnosis, the
index is the judge.
"""

from __future__ import annotations

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.forge import WorkflowRun
from omninode_release.models.outputs import PublishOutput, TagOutput
from omninode_release.phases.base import Context, Step, wait_until


def done(step: Step, ctx: Context) -> PublishOutput | None:
    answer = ctx.index.look(step.distribution, step.new)
    if answer.state != "available":
        return None
    run = ctx.forge.workflow_run(step.evidence(TagOutput).tags)
    return PublishOutput(pypi_status="available", url=run.url if run else None, files=answer.files)


def apply(step: Step, ctx: Context) -> PublishOutput:
    earlier = ctx.forge.workflow_run(step.evidence(TagOutput).tags)
    if earlier is None or earlier.state == "failure":
        ctx.forge.dispatch(step.evidence(TagOutput).tags[-1])
    if ctx.skip_wait:
        return _without_waiting(step, ctx)
    published = wait_until(
        lambda: _published(step, ctx),
        what=f"{step.repo}: {step.distribution} {step.new} on the package index",
        seconds=ctx.wait_minutes * 60,
        polling=ctx.config.polling,
        ctx=ctx,
    )
    if published is None:
        raise ReleaseError(
            ErrorCode.PYPI_TIMEOUT,
            f"expected {step.distribution} {step.new} on the package index within"
            f" {ctx.wait_minutes:g} minutes, found it {_state(step, ctx)}.",
            hint=f"look at the workflow run, then omni-release --resume {step.run_id}"
            " (with --skip-pypi-wait to go on without it)",
        )
    return published


def _without_waiting(step: Step, ctx: Context) -> PublishOutput:
    run = ctx.forge.workflow_run(step.evidence(TagOutput).tags)
    return done(step, ctx) or PublishOutput(pypi_status="skipped", url=run.url if run else None)


def _published(step: Step, ctx: Context) -> PublishOutput | None:
    published = done(step, ctx)
    run = ctx.forge.workflow_run(step.evidence(TagOutput).tags)
    if published is None and run is not None and run.state == "failure":
        raise _failed(step, run)
    return published


def _state(step: Step, ctx: Context) -> str:
    return ctx.index.look(step.distribution, step.new).state


def _failed(step: Step, run: WorkflowRun) -> ReleaseError:
    return ReleaseError(
        ErrorCode.PUBLISH_FAILED,
        f"expected {step.distribution} {step.new} on the package index, found the publish workflow"
        f" failed ({run.url}) and no such version.",
        hint=f"mend what the run says, then omni-release --resume {step.run_id}",
        detail=run.detail,
    )
