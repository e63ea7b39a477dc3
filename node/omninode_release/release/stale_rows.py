"""Rows that have to be planned anew: what is written down of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.release import progress

if TYPE_CHECKING:
    from omninode_release.models.plan import RepoPlan
    from omninode_release.release.record import RunRecord


def note_stale(record: RunRecord, row: RepoPlan, error: ReleaseError) -> None:
    """Write down that a begun repository has to be planned anew, if that is what it is."""
    repo = record.find_begun(row.repo)
    if repo is not None and error.code is ErrorCode.PLAN_STALE:
        now = record.session.clock.now()
        record.step(row.repo, progress.fail(repo, progress.next_phase(repo), error, at=now))
    if error.code is ErrorCode.PLAN_STALE:
        note_stale_beside(record, row)


def note_stale_beside(record: RunRecord, row: RepoPlan) -> None:
    """Write down the same of what shares a branch and a pull request with a stale row."""
    now = record.session.clock.now()
    for other in progress.list_companions(record.written, row):
        repo = record.find_begun(other.repo)
        if repo is not None and repo.error_code is not ErrorCode.PLAN_STALE:
            error = ReleaseError(
                ErrorCode.PLAN_STALE,
                f"{row.repo}, which shares its pull request, has to be planned anew.",
                hint=f"omni-release --resume {record.session.run_id} plans both and asks again",
            )
            record.step(other.repo, progress.fail(repo, progress.next_phase(repo), error, at=now))
