"""Everything a report shows of a plan or a run, as one value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from omninode_release.console.report.timeline import read_timeline
from omninode_release.errors import ErrorCode, typed
from omninode_release.models.phase import PhaseState
from omninode_release.models.plan import PlanStatus
from omninode_release.phases.changelog import ChangelogOutput
from omninode_release.phases.merge import MergeOutput
from omninode_release.phases.output import find_output
from omninode_release.phases.publish import PublishOutput
from omninode_release.phases.registry import read_outputs
from omninode_release.phases.tag import TagOutput
from omninode_release.text.next_commands import find_resume

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from omninode_release.console.report.timeline import Span
    from omninode_release.models.plan import Plan, RepoPlan
    from omninode_release.models.seen import Seen
    from omninode_release.models.state import Approval, GateRecord, RepoState, RunStanding, RunState
    from omninode_release.models.verification import Verification
    from omninode_release.phases.output import LateCommit


class Standing(StrEnum):
    """How far a repository is, in the word a report shows."""

    PLANNED = "planned"
    RUNNING = "in progress"
    STOPPED = "stopped"
    RELEASED = "released"
    FAILED = "failed"
    BLOCKED = "blocked"
    REFUSED = "refused"
    SKIPPED = "nothing to release"


@dataclass(frozen=True)
class Release:
    row: RepoPlan
    standing: Standing
    step: str
    """The last step that is done; empty before the first."""
    error: str
    code: str
    pull: tuple[str, str] | None
    """What its pull request is called, and its address."""
    tags: tuple[str, ...]
    merged_as: str
    publish_url: str
    files: tuple[str, ...]
    entry: str
    """Its changelog entry."""
    late: tuple[LateCommit, ...]


@dataclass(frozen=True)
class RunReport:
    """A plan, or a run of it."""

    run_id: str
    status: str
    """How it ended or stands; ``plan`` for a plan."""
    plan_hash: str
    releases: tuple[Release, ...]
    warnings: tuple[str, ...]
    seen: tuple[Seen, ...]
    started_at: datetime | None = None
    ended_at: datetime | None = None
    gate: GateRecord | None = None
    approvals: tuple[Approval, ...] = ()
    verify: Verification | None = None
    error: str = ""
    next: str = ""
    """What goes on with a run that stopped and has no error to say it."""
    spans: tuple[Span, ...] = ()

    @property
    def released(self) -> int:
        return sum(each.standing is Standing.RELEASED for each in self.releases)


def report_plan(plan: Plan) -> RunReport:
    """What there is to show of a plan that nothing has been done of."""
    return RunReport(
        run_id=plan.run_id,
        status="plan",
        plan_hash=plan.plan_hash,
        releases=tuple(_make_release(row, None) for row in plan.entries),
        warnings=plan.warnings,
        seen=plan.seen,
    )


def report_run(
    state: RunState, journal: Iterable[Mapping[str, Any]], standing: RunStanding | None = None
) -> RunReport:
    """What there is to show of a run, finished or not."""
    stands = standing or state.status
    releases = [_make_release(row, state.repos.get(row.repo)) for row in state.plan.entries]
    if stands != "in_progress":  # nothing is at work on what was begun
        releases = [_stop(each) for each in releases]
    return RunReport(
        run_id=state.run_id,
        status=stands.replace("_", " "),
        plan_hash=state.plan_hash,
        releases=tuple(releases),
        warnings=tuple(dict.fromkeys((*state.plan.warnings, *state.warnings))),
        seen=state.plan.seen,
        started_at=state.started_at,
        ended_at=state.updated_at,
        gate=state.gate,
        approvals=state.approvals,
        verify=state.verify,
        error=state.error or "",
        next=typed(find_resume(state)) if stands == "interrupted" else "",
        spans=read_timeline(state, journal),
    )


def _stop(release: Release) -> Release:
    is_begun = release.standing is Standing.RUNNING
    return replace(release, standing=Standing.STOPPED) if is_begun else release


def _make_release(row: RepoPlan, repo: RepoState | None) -> Release:
    outputs = tuple(read_outputs(repo.outputs).values()) if repo else ()
    published = find_output(outputs, PublishOutput)
    tagged, merged = find_output(outputs, TagOutput), find_output(outputs, MergeOutput)
    changelog = find_output(outputs, ChangelogOutput)
    begun = repo is not None and repo.completed_phase is not PhaseState.PLANNED
    return Release(
        row=row,
        standing=_find_standing(row, repo),
        step=repo.completed_phase.value if repo and begun else "",
        error=(repo.error if repo else row.error) or "",
        code=str((repo.error_code if repo else row.error_code) or ""),
        pull=(f"#{repo.pr_number}", repo.pr_url) if repo and repo.pr_url else None,
        tags=tagged.tags if tagged else (),
        merged_as=merged.merge_sha if merged else "",
        publish_url=(published.url or "") if published else "",
        files=published.files if published else (),
        entry=changelog.entry if changelog else "",
        late=tuple(commit for output in outputs for commit in output.late_commits()),
    )


def _find_standing(row: RepoPlan, repo: RepoState | None) -> Standing:
    by_row = {
        PlanStatus.SKIP: Standing.SKIPPED,
        PlanStatus.ERROR: Standing.REFUSED,
        PlanStatus.RELEASE: Standing.PLANNED,
        PlanStatus.DONE: Standing.RELEASED,
    }
    if repo is None:
        return by_row[row.status]
    if repo.phase is PhaseState.DONE:
        return Standing.RELEASED
    if repo.error_code is ErrorCode.TIER_BLOCKED:
        return Standing.BLOCKED
    if repo.error_code is not None:
        return Standing.FAILED
    return Standing.RUNNING if repo.is_begun else Standing.PLANNED
