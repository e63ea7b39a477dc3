"""From a run's plan and state to its ModelSkillResult."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.phase import PhaseState
from omninode_release.models.plan import Plan, PlanStatus, RepoPlan
from omninode_release.models.result import ModelSkillResult, ResultDetail, ResultStatus
from omninode_release.models.state import RepoState, RunState
from omninode_release.text.next_commands import find_commands

if TYPE_CHECKING:
    from omninode_release.phases.output import PhaseOutput


def compose_result(
    *,
    run_id: str,
    status: ResultStatus,
    started_at: datetime,
    finished_at: datetime,
    plan: Plan | None = None,
    state: RunState | None = None,
    error: ReleaseError | None = None,
    warnings: Sequence[str] = (),
) -> ModelSkillResult:
    """The result; ``error`` is part of it only where ``status`` is FAILED or PARTIAL."""
    rows = plan.entries if plan else ()
    details = tuple(_make_detail(row, state.repos.get(row.repo) if state else None) for row in rows)
    if status in {ResultStatus.SUCCESS, ResultStatus.DRY_RUN}:
        error = None
    return ModelSkillResult(
        status=status,
        run_id=run_id,
        gate_token=state.gate_token if state else None,
        plan_hash=(state.plan_hash if state else None) or (plan.plan_hash if plan else None),
        **_count(details),
        details=details,
        error_code=error.code if error else None,
        error=error.text if error else None,
        last_output=error.last_output if error else None,
        next=tuple(find_commands(error.hint or "")) if error else (),
        warnings=_list_warnings(plan, state, warnings),
        seen=plan.seen if plan else (),
        verify=state.verify if state else None,
        rehearsal=plan.rehearsal if plan else None,
        configuration=plan.configuration if plan else None,
        gate=state.gate if state else None,
        approvals=state.approvals if state else (),
        started_at=started_at,
        finished_at=finished_at,
    )


def _list_warnings(
    plan: Plan | None, state: RunState | None, more: Sequence[str]
) -> tuple[str, ...]:
    said = (*(plan.warnings if plan else ()), *more, *_warn_of_late_commits(state))
    return tuple(dict.fromkeys(said))


def _count(details: Sequence[ResultDetail]) -> dict[str, int]:
    """How many repositories came to which end, by the names of the result's fields."""
    succeeded = sum(each.phase is PhaseState.DONE for each in details)
    failed = sum(map(_has_failed, details))
    return {
        "repos_attempted": succeeded + failed,
        "repos_succeeded": succeeded,
        "repos_failed": failed,
        "repos_skipped": sum(e.error_code is ErrorCode.NOTHING_TO_RELEASE for e in details),
        "repos_blocked": sum(e.error_code is ErrorCode.TIER_BLOCKED for e in details),
    }


def _has_failed(detail: ResultDetail) -> bool:
    quiet = {None, ErrorCode.NOTHING_TO_RELEASE, ErrorCode.TIER_BLOCKED}
    return detail.phase is not PhaseState.DONE and detail.error_code not in quiet


def _make_detail(row: RepoPlan, repo: RepoState | None) -> ResultDetail:
    planned = ResultDetail(
        repo=row.repo,
        tier=row.tier,
        old_version=row.current,
        new_version=row.current if row.status is PlanStatus.SKIP else row.new,
        bump=row.bump,
        commits_since_tag=row.commits,
        phase=PhaseState.PLANNED,
        error=row.error,
        error_code=row.error_code,
        distribution=row.distribution,
        pins=row.pins,
        cascaded_from=row.cascaded_from,
    )
    if repo is None or row.status is PlanStatus.SKIP:
        return planned
    outputs = _read_outputs(repo)
    return planned.model_copy(
        update={
            "old_version": repo.old_version,
            "new_version": repo.new_version,
            "bump": repo.bump,
            "pr_url": repo.pr_url,
            "pr_number": repo.pr_number,
            "tag": repo.tag,
            "pypi_status": _index_failure(repo),
            "phase": repo.phase,
            "error": repo.error,
            "error_code": repo.error_code,
            "stays": repo.stays,
            "last_output": repo.last_output,
            **{name: value for each in outputs for name, value in each.result_fields().items()},
        }
    )


def _warn_of_late_commits(state: RunState | None) -> Iterator[str]:
    """A warning for every commit that is released without having been in the plan."""
    for name, repo in (state.repos if state else {}).items():
        for output in _read_outputs(repo):
            for commit in output.late_commits():
                came = (
                    f"by {commit.author} was committed to the release branch"
                    if commit.on_release_branch
                    else "came after the approval"
                )
                yield f"{name}: {commit.sha[:12]} ({commit.subject}) {came} and went along"


def _read_outputs(repo: RepoState) -> Collection[PhaseOutput]:
    # A dry run has none, and importing the phases costs 40 ms of CPU.
    from omninode_release.phases.registry import read_outputs  # noqa: PLC0415

    return read_outputs(repo.outputs).values()


def _index_failure(repo: RepoState) -> str | None:
    return {ErrorCode.PYPI_TIMEOUT: "pending", ErrorCode.PUBLISH_FAILED: "failed"}.get(
        repo.error_code or ErrorCode.INTERNAL_ERROR
    )
