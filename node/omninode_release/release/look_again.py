"""Looking at the world again: before a person is asked a second time, and after any answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import StepFailed
from omninode_release.release.checks.still_ours import (
    Found,
    require_row_still_ours,
    require_row_unchanged,
)
from omninode_release.release.progress import next_phase

if TYPE_CHECKING:
    from omninode_release.models.plan import Plan, RepoPlan
    from omninode_release.release.record import RunRecord
    from omninode_release.release.world import World


def mark_stale_rows(record: RunRecord, world: World) -> None:
    """Record PLAN_STALE of what an earlier invocation began and the world has overtaken since.

    Raises it where another run has released the version. Where commits came, the plan that is made
    next plans the repository anew, and a person is asked about that plan and no other. A gate token
    covers no other: with one, this raises PLAN_STALE, too.
    """
    if record.state is None:
        return
    for row in record.state.plan.remaining:
        repo = record.find_begun(row.repo)
        if repo is None or repo.error_code is ErrorCode.PLAN_STALE:
            continue
        try:
            found = _require_ours(record, world, row)
        except ReleaseError as error:
            if error.code is ErrorCode.PLAN_STALE:
                raise
            continue  # a remote that does not answer: the scan asks it next, and refuses
        try:
            require_row_unchanged(found)
        except ReleaseError as error:
            record.note_stale(row.repo, error)
            record.session.report(StepFailed(row.repo, next_phase(repo), error))
            if record.session.request.gate_attestation:
                raise


def look_again(record: RunRecord, world: World, plan: Plan) -> None:
    """Raise PLAN_STALE when another run released a row, or its base branch moved too far."""
    for row in plan.remaining:
        found = _require_ours(record, world, row)
        try:
            require_row_unchanged(found)
        except ReleaseError as error:
            record.note_stale(row.repo, error)
            raise


def _require_ours(record: RunRecord, world: World, row: RepoPlan) -> Found | None:
    try:
        return require_row_still_ours(world, record.written, row)
    except ReleaseError as error:
        record.note_stale(row.repo, error)
        raise
