"""Making the plan of a run, with a word on every other run it could get in the way of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from omninode_release.contract.load import load_config
from omninode_release.errors import ErrorCode, ReleaseError, typed
from omninode_release.models.phase import PhaseState
from omninode_release.models.plan import Plan, PlanStatus
from omninode_release.planning.planner import Planner
from omninode_release.release.ask_index import ask_index
from omninode_release.release.progress import list_companions
from omninode_release.text.next_commands import find_resume, place_commands

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omninode_release.models.facts import OrgFacts
    from omninode_release.models.plan import RepoPlan
    from omninode_release.models.state import RunState
    from omninode_release.release.record import RunRecord
    from omninode_release.release.session import Session

_STALE_AFTER = timedelta(hours=24)


def plan_run(session: Session, record: RunRecord, facts: OrgFacts) -> Plan:
    """The plan, which the record keeps. Raises GRAPH_DRIFT."""
    record.warnings = tuple(_warn_of_other_runs(session, record))
    words = record.state.words if record.state else session.request.words
    today = (record.state or session).started_at.date()  # a resume goes on with what was approved
    repos = {name: replace(each, today=today) for name, each in facts.repos.items()}
    facts = replace(facts, repos=repos, environment=session.environment.variables)
    kept = _choose_rows_to_keep(record.state)
    facts = ask_index(session, facts, [repo for repo in record.targets if repo not in kept])
    planner = Planner(session.config, facts, words, kept, lambda: load_config(None).graph)
    plan = _place_refusals(planner.plan(session.run_id, record.targets), session)
    before = record.state.plan if record.state else Plan(run_id=session.run_id, entries=())
    # A run that only has to write down its end says what it said before.
    told = () if plan.remaining or plan.errors else before.warnings
    record.plan = plan.model_copy(
        update={
            "configuration": session.configuration,
            "warnings": tuple(dict.fromkeys((*told, *plan.warnings, *record.warnings))),
            "seen": (*(each for each in before.seen if each.repo in kept), *plan.seen),
            "rehearsal": before.rehearsal,
        }
    )
    return record.plan


def _place_refusals(plan: Plan, session: Session) -> Plan:
    """The plan with what a person types for each refused row, from wherever they stand."""
    place = session.environment.place
    if not place:
        return plan
    placed = [
        row.model_copy(update={"error": place_commands(row.error, place)}) if row.error else row
        for row in plan.entries
    ]
    return plan.model_copy(update={"entries": tuple(placed)})


def is_refused_by_other_runs(record: RunRecord) -> bool:
    """True when a real run would be refused because a run of its id has begun."""
    return any(warning.startswith(ErrorCode.RUN_EXISTS) for warning in record.warnings)


def _warn_of_other_runs(session: Session, record: RunRecord) -> Iterator[str]:
    """A warning for every unfinished run that has to do with the same repositories."""
    if session.request.run_id and session.store.is_archived(session.run_id):
        over = f"{session.run_id} is complete already; a real run is refused"
        yield f"RUN_EXISTS: {over}: choose another --run-id, or leave it out"
    for run_id in session.store.list_runs():
        own = run_id == session.run_id
        if own and record.state is not None:
            continue
        try:
            state = session.store.load(run_id)
        except ReleaseError as error:
            yield error.message
            continue
        if own:
            yield from _warn_of_same_run(session, state)
        else:
            yield from _warn_of_unfinished(session, record, state)


def _warn_of_same_run(session: Session, state: RunState) -> Iterator[str]:
    """A dry run's warning of what a real run of this id would be refused for."""
    if any(repo.is_begun for repo in state.repos.values()):
        resume = typed(find_resume(state))
        yield f"RUN_EXISTS: {session.run_id} has begun; a real run is refused: {resume}"


def _warn_of_unfinished(session: Session, record: RunRecord, state: RunState) -> Iterator[str]:
    shared = sorted(
        repo for repo in record.targets if repo in state.repos and state.repos[repo].is_begun
    )
    if shared and state.status != "completed":
        what = "stale" if session.started_at - state.updated_at > _STALE_AFTER else "unfinished"
        yield (
            f"the {what} run {state.run_id} ({state.updated_at:%Y-%m-%d %H:%M} UTC) has to do with"
            f" {', '.join(shared)} too"
        )


def _choose_rows_to_keep(state: RunState | None) -> Mapping[str, RepoPlan]:
    """Rows of this run that are not planned afresh: finished, begun, or skipped."""
    if state is None:
        return {}
    kept = {}
    for row in state.plan.entries:
        repo = state.repos.get(row.repo)
        if repo is None:
            kept[row.repo] = row
        elif repo.phase is PhaseState.DONE:
            kept[row.repo] = row.model_copy(update={"status": PlanStatus.DONE})
        elif repo.is_begun and repo.error_code is not ErrorCode.PLAN_STALE:
            kept[row.repo] = row
    # What shares a branch with a row that stands is released from it, begun or not.
    beside = {
        each.repo: each
        for row in state.plan.remaining
        if row.repo in kept
        for each in list_companions(state, row)
        if not state.repos[each.repo].is_begun
    }
    return kept | beside
