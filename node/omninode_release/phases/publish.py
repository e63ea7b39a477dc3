"""PUBLISH: the version on the package index.

Effect: at most one start of the publish workflow, when no run of it for the tag is found, and a
Release of the tag where the configuration wants one. Recognised by the index offering the version's
files: the workflow's colour is a diagnosis, the index is the judge.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.field_types import IndexUrl, RunUrl, TagUrl
from omninode_release.models.result import PypiStatus
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.ports import WaitState, wait_until
from omninode_release.phases.shared.forge_release import (
    find_release,
    find_releases,
    find_run,
    find_start,
    make_release,
)
from omninode_release.phases.shared.pinned_versions import refuse_withdrawn
from omninode_release.phases.shared.tags import find_missing_tags, read_workflow
from omninode_release.phases.tag import TagOutput
from omninode_release.text.workflows.workflow import dispatch_trouble, list_inputs

if TYPE_CHECKING:
    from omninode_release.models.forge import Availability, WorkflowRun
    from omninode_release.phases.ports import Context, Step


class PublishOutput(PhaseOutput):
    """What the package index offers."""

    pypi_status: PypiStatus
    """``skipped``: not waited for; ``pending``: not there yet; ``failed``: nothing will come."""
    url: RunUrl | None = None
    """The workflow run that published."""
    red: Annotated[str, Field(examples=["notify failed"])] | None = None
    """What failed in that run, though the files are on the index; null where nothing did."""
    files: tuple[Annotated[str, Field(examples=["omnibase_core-1.5.0-py3-none-any.whl"])], ...] = ()
    """The version's files on the index."""
    release_url: TagUrl | None = None
    """The GitHub Release, where one is wanted."""

    page: IndexUrl | None = None
    """The version's page on the index; null where it has none."""

    def summary(self) -> str:
        told = ": ".join(filter(None, (self.pypi_status, ", ".join(self.files))))
        return f"{told}; its workflow run failed all the same ({self.red})" if self.red else told

    def find_link(self) -> str | None:
        return self.url

    def result_fields(self) -> dict[str, object]:
        return {"pypi_status": self.pypi_status, "publish_url": self.url, "index_url": self.page}


OUTPUT = PublishOutput


def done(step: Step, ctx: Context) -> PublishOutput | None:
    found = _find_published(step, ctx)
    releases = find_releases(step, ctx) if found is not None else None
    if found is None or releases is None:
        return found
    url = find_release(step, releases)
    return found.model_copy(update={"release_url": url}) if url else None


def apply(step: Step, ctx: Context) -> PublishOutput:
    _require_tags(step, ctx)
    releases = find_releases(step, ctx)
    url = make_release(step, ctx, releases) if releases is not None else None
    published = _find_published(step, ctx) or _publish(step, ctx)
    return published.model_copy(update={"release_url": url}) if url else published


def _require_tags(step: Step, ctx: Context) -> None:
    """A workflow builds what a tag names when it starts: still what this run has tagged.

    Raises TAG_CONFLICT for a tag that was moved, and PUBLISH_FAILED for one that was deleted.
    """
    tagged = step.evidence(TagOutput)
    missing = find_missing_tags(step, ctx, tagged.tags, tagged.sha)
    if missing:
        raise ReleaseError(
            ErrorCode.PUBLISH_FAILED,
            f"expected the tag {missing[0]} on the remote on {tagged.sha[:12]}, where this run has"
            " pushed it, found none.",
            hint=f"omni-release --resume {step.run_id} pushes it again and publishes",
        )


def _find_published(step: Step, ctx: Context) -> PublishOutput | None:
    """What the index has; of a repository that publishes nothing, that nothing is waited for."""
    if not ctx.config.publishes(step.repo):
        return PublishOutput(pypi_status="skipped")
    first = _look(step, ctx)
    if first.state != "available":
        return None
    try:
        run, answer = _look_at_both(step, ctx)
    except ReleaseError:  # the workflow may be gone by now, or out of this login's sight
        if first.growing:
            raise
        run, answer = None, first
    return _available_output(step, ctx, answer, run) if _is_whole(answer, run) else None


def _look_at_both(step: Step, ctx: Context) -> tuple[WorkflowRun | None, Availability]:
    """The workflow run, and then the index, which has all that an ended run has uploaded."""
    return find_run(step, ctx), _look(step, ctx)


def _is_whole(answer: Availability, run: WorkflowRun | None) -> bool:
    """True once all files are there: a lock made before lacks the wheels of some platforms.

    A release may have fewer wheels than the last one: when the workflow has ended, no more come.
    """
    is_at_work = run is not None and run.state == "running"
    return answer.state == "available" and not (answer.growing and is_at_work)


def _look(step: Step, ctx: Context) -> Availability:
    expect = ctx.config.publish_for(step.repo).expect
    answer = ctx.index.look(step.distribution, step.new, expect=expect)
    if not ctx.skip_wait:
        refuse_withdrawn(step, answer, wanted=f"{step.distribution} {step.new}")
    return answer


def _publish(step: Step, ctx: Context) -> PublishOutput:
    watch = _IndexWatch(step, ctx, past=_start_run(step, ctx))
    if ctx.skip_wait:
        return _look_once(step, ctx, past=watch.past)
    published = wait_until(
        watch.find_published,
        what=f"{step.distribution} {step.new} on the package index",
        seconds=ctx.wait_minutes * 60,
        step=step,
        ctx=ctx,
        find_state=lambda: watch.state,
    )
    return published or _look_last(step, ctx)


def _look_last(step: Step, ctx: Context) -> PublishOutput:
    """What can be installed at the deadline, of a workflow that is still at work as well."""
    run, answer = _look_at_both(step, ctx)
    if answer.state == "available":
        return _available_output(step, ctx, answer, run)
    raise ReleaseError(
        ErrorCode.PYPI_TIMEOUT,
        f"expected {step.distribution} {step.new} on the package index within"
        f" {ctx.wait_minutes:g} minutes, found it {answer.words}{_describe_run(run)}.",
        hint=f"look at {run.url if run else 'the workflow'}, then omni-release --resume"
        f" {step.run_id} (with --skip-pypi-wait to go on without it)",
    )


def _describe_run(run: WorkflowRun | None) -> str:
    if run is None:
        return ", and no workflow run for its tag"
    return f", and its workflow run: {', '.join(filter(None, (run.state, run.detail)))}"


def _start_run(step: Step, ctx: Context) -> str | None:
    """Make sure that there is a workflow run to follow; the id of an ended run that is not it.

    A workflow run shows up some seconds after the tag was pushed, or after a killed run of ours
    dispatched it, and a second one beside it would try to publish the same files. A red one is
    started once more when a person has read of it and resumed the run since.
    """
    tags = step.evidence(TagOutput).tags
    past = find_run(step, ctx)
    if past is None and ctx.forge.runs_elsewhere and _run_shows_up(step, ctx):
        return None
    may_start_again = step.failed_before or not ctx.forge.runs_elsewhere
    if past is not None and not (past.state == "failure" and may_start_again):
        return None
    _require_dispatch(step, ctx, past)
    _require_tags(step, ctx)
    ctx.forge.runs.dispatch(tags[-1])
    return past.id or None if past else None


def _require_dispatch(step: Step, ctx: Context, past: WorkflowRun | None) -> None:
    """Raise PUBLISH_FAILED for a workflow that a Release alone starts: there is one by now."""
    tagged, publish = step.evidence(TagOutput), ctx.config.publish_for(step.repo)
    trouble = dispatch_trouble(read_workflow(step, ctx, tagged.sha), list_inputs(publish))
    if not ctx.forge.runs_elsewhere or trouble is None or find_start(step, ctx) != "release":
        return
    found = f"{past.url} failed" if past else "none"
    advice = "start that run again on the forge"
    if past is None:
        advice = (
            "make the Release a draft and publish it again, in your own name (one that a workflow"
            " made with its own token starts nothing)"
        )
    raise ReleaseError(
        ErrorCode.PUBLISH_FAILED,
        f"expected a run of {publish.workflow} for the Release of {tagged.tags[0]}, found {found},"
        f" and {trouble}.",
        hint=f"{advice}, then omni-release --resume {step.run_id}",
    )


def _run_shows_up(step: Step, ctx: Context) -> bool:
    tags = step.evidence(TagOutput).tags
    found = wait_until(
        lambda: find_run(step, ctx),
        what=f"a run of {ctx.config.publish_for(step.repo).workflow} for {tags[-1]}",
        seconds=ctx.config.timeouts.workflow_grace_seconds,
        step=step,
        ctx=ctx,
    )
    return found is not None


def _look_once(step: Step, ctx: Context, *, past: str | None) -> PublishOutput:
    """Ask the index once; a later tier that must lock the version waits for it there.

    A workflow run that has failed by now is a failure all the same.
    """
    run, answer = _look_at_both(step, ctx)
    if _is_whole(answer, run):
        return _available_output(step, ctx, answer, run)
    if run is not None and run.state == "failure" and (past is None or run.id != past):
        raise _publish_error(step, run, answer)
    status: PypiStatus = "pending" if answer.files else "skipped"
    return PublishOutput(pypi_status=status, url=run.url if run else None, files=answer.files)


@dataclass
class _IndexWatch:
    """Follows one run until the index has the version, and remembers what it saw between looks."""

    step: Step
    ctx: Context
    past: str | None
    """The run that is not the one to follow."""
    state: WaitState = field(default_factory=WaitState)
    """How that run stood."""
    red_since: dict[str, float] = field(default_factory=dict)
    """By run: when it was first seen to have failed; one that is run again is another."""

    def find_published(self) -> PublishOutput | None:
        run, answer = _look_at_both(self.step, self.ctx)
        if _is_whole(answer, run):
            return _available_output(self.step, self.ctx, answer, run)
        if run is not None and (self.past is None or run.id != self.past):
            self._note_state(run, answer)
            if run.state == "failure" and self._is_believed(run):
                raise _publish_error(self.step, run, answer)
        return None

    def _is_believed(self, run: WorkflowRun) -> bool:
        """True when the index had its time: a job may fail after the upload and before it shows."""
        now = self.ctx.clock.monotonic()
        since = self.red_since.setdefault(run.id, now)
        grace = self.ctx.config.timeouts.index_grace_seconds
        return not self.ctx.forge.runs_elsewhere or now - since >= grace

    def _note_state(self, run: WorkflowRun, answer: Availability) -> None:
        if self.ctx.forge.runs_elsewhere:
            words = ", ".join(filter(None, (run.state, run.detail, answer.growing)))
            self.state = WaitState(f"its workflow run: {words}", run.url)


def _available_output(
    step: Step, ctx: Context, answer: Availability, run: WorkflowRun | None
) -> PublishOutput:
    red = (run.detail or run.state) if run and run.state == "failure" else None
    return PublishOutput(
        pypi_status="available",
        url=run.url if run else None,
        red=red,
        files=answer.files,
        page=ctx.index.page_url(step.distribution, step.new),
    )


def _publish_error(step: Step, run: WorkflowRun, answer: Availability) -> ReleaseError:
    there = f"only {', '.join(answer.files)}" if answer.files else "no such version"
    return ReleaseError(
        ErrorCode.PUBLISH_FAILED,
        f"expected {step.distribution} {step.new} on the package index, found the publish workflow"
        f" failed ({run.url}) and {there}.",
        hint=f"mend what the run says, then omni-release --resume {step.run_id}",
        detail=run.detail,
    )
