"""One invocation of a run, from its request to its result: the spec's ten steps, in order.

``_release`` is the numbered list. Nothing is modified before the plan is approved.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from omninode_release.console.event_log import EventLog, count_events
from omninode_release.contract.load import load_contract
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.errors.stops import collect_stops
from omninode_release.events import Note, PlanReady, Working
from omninode_release.models.phase import Phase, PhaseState
from omninode_release.models.plan import Plan, PlanStatus
from omninode_release.models.result import ResultStatus
from omninode_release.phases.shared.clean_up import remove_traces, restart
from omninode_release.phases.shared.next_development import start_development
from omninode_release.release.approval import Approver, Earlier
from omninode_release.release.approvals.look_again import (
    look_again,
    mark_stale_rows,
    refuse_superseded,
)
from omninode_release.release.checks.judge import judge, refusal
from omninode_release.release.earlier_state import find_undecided, take_up_state
from omninode_release.release.ending import conclude, fail
from omninode_release.release.engine import Engine
from omninode_release.release.leftovers.refused_runs import keep_end
from omninode_release.release.leftovers.stale_locks import remove_stale_locks
from omninode_release.release.owners.worktree_owner import claim_worktrees, let_go_of_worktrees
from omninode_release.release.plan_file import require_same_plan
from omninode_release.release.plan_run import plan_run
from omninode_release.release.preflight import Preflight, rows_to_check
from omninode_release.release.record import RunRecord
from omninode_release.release.rehearsal.rehearsal import rehearse
from omninode_release.release.release_sets.release_set import keep_release_set
from omninode_release.release.store import Journal
from omninode_release.release.verify import verify
from omninode_release.release.world import World
from omninode_release.system.files import JsonLines
from omninode_release.text.next_commands import place_checks
from omninode_release.text.origins import name_origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.models.plan import RepoPlan
    from omninode_release.models.state import RunState
    from omninode_release.release.ending import Outcome
    from omninode_release.release.session import Session
    from omninode_release.system.lock import Lock


def carry_out(session: Session) -> Outcome:
    """Release what the request asks for; every way it can end is an Outcome."""
    file = JsonLines(session.places.events(session.run_id), session.environment.secrets)
    written = count_events(session.places, session.run_id)
    events = EventLog(file.write, session.run_id, session.clock, written=written)
    with contextlib.closing(file), contextlib.closing(events):
        record = RunRecord(session.with_subscriber(events))
        try:
            approver = Approver.open(record)
        except (Exception, KeyboardInterrupt) as stopped:  # noqa: BLE001 - every end has a result
            outcome = fail(record, stopped)
            with collect_stops():
                keep_end(file, session.store, outcome)
            return outcome
        outcome = _with_journal(record, approver)
        with collect_stops():
            events.close()
            keep_end(file, session.store, outcome)
        with contextlib.suppress(KeyboardInterrupt):  # all is said and done
            approver.announce(outcome)
        return outcome


def _with_journal(record: RunRecord, approver: Approver) -> Outcome:
    session = record.session
    journal = Journal(
        session.places.journal(session.run_id), session.clock, session.environment.secrets
    )
    session = record.session = approver.follow(session.with_journal(journal))
    wait = session.config.timeouts.orphan_seconds
    outcome: Outcome | None = None
    with contextlib.closing(journal):
        try:
            with session.store.hold(session.run_id, wait_seconds=wait) as lock:
                record.session = session.with_lock(lock.fd)
                outcome = _locked(record, approver, lock)
                if outcome.result.error_code is ErrorCode.INTERRUPTED:
                    lock.note_interruption()
        except (Exception, KeyboardInterrupt) as stopped:  # noqa: BLE001 - every end has a result
            # A stop that comes when only the lock is to be let go has nothing left to stop.
            if outcome is None or not isinstance(stopped, KeyboardInterrupt):
                return fail(record, stopped)
    return outcome


def _locked(record: RunRecord, approver: Approver, lock: Lock) -> Outcome:
    """Release; however it ends is written down before the lock is let go.

    A run that waits for the lock reads the last word, and is never overwritten.
    """
    try:
        if record.session.request.resume:  # first: a mistyped name must not leave a journal
            record.state = take_up_state(record.session)
        _clear_up(record.session, lock)
        return _release(record, approver)
    except (Exception, KeyboardInterrupt) as stopped:  # noqa: BLE001 - every end has a result
        outcome = fail(record, stopped)
        if not isinstance(stopped, KeyboardInterrupt):  # who stops it does not wait for an index
            with contextlib.suppress(KeyboardInterrupt):
                keep_release_set(record, World.of(record.session))
        return outcome


def _clear_up(session: Session, lock: Lock) -> None:
    """Remove the lock files that programs left which were killed with an earlier run."""
    holder = lock.read_holder()
    since = holder.unclean_ns if holder else None
    if since is not None and remove_stale_locks(session, since_ns=since):
        lock.note_cleaned()


def _release(record: RunRecord, approver: Approver) -> Outcome:
    session = record.session
    # 1. What an earlier invocation left.
    world = World.of(session)
    if record.state is not None:
        mark_stale_rows(record, world)
    before = record.before = record.state or find_undecided(session)
    earlier = Earlier(before.approvals, before.gate) if before else Earlier()
    # 2. Scan, plan and check everything the run will need; show the plan.
    plan, earlier = _plan_and_check(record, world, approver, earlier)
    if plan.remaining:
        # 3. Get it approved, and look at the world again: the gate may have been open long.
        approver.approve(plan, earlier, world)
        look_again(record, world, plan)
    if record.state is None:  # nothing to release
        return conclude(record, ResultStatus.SUCCESS)
    # 4. Release. No row is left where an earlier invocation was killed before it archived the run.
    record.adopt(plan)
    if session.control is None:  # which lets no name be given twice
        claim_worktrees(session.places, session.run_id)
    _withdraw_superseded(record, world, plan)
    failure = _execute(record, world)
    # 5. Clean up, and write down how it ended.
    session.report(Working("cleaning up"))
    _clean_up(session, record.written, world)
    _start_development(record, world)
    if failure is not None:
        raise failure
    # 6. Look whether what was published installs together; a run that is killed looks again.
    verify(record, world)
    keep_release_set(record, world)
    record.end()
    outcome = conclude(record, ResultStatus.SUCCESS)
    let_go_of_worktrees(session.places, session.run_id)
    _put_away(session, record.written)
    return outcome


def _put_away(session: Session, state: RunState) -> None:
    """Archive a run that is over: what comes once that is done has nothing left to stop.

    A control repository has the say, and no resume goes on with what is over there: what then
    fails here, or stops it, is no failure of the run.
    """
    try:
        session.store.archive(state)
    except (ReleaseError, KeyboardInterrupt) as late:
        if session.control is None or not session.control.is_over:
            if isinstance(late, ReleaseError) or session.store.has_state(session.run_id):
                raise
        elif isinstance(late, ReleaseError):
            session.report(Note(f"{session.run_id} is over, and not archived here: {late.message}"))


def _plan_and_check(
    record: RunRecord, world: World, approver: Approver, earlier: Earlier
) -> tuple[Plan, Earlier]:
    """The plan, shown, and what approves it already.

    Raises one error for everything that a run of it would lack.
    """
    session = record.session
    flight = Preflight(world, record)
    checks = flight.programs()
    if checks[0].state == "failed":  # without git there is nothing to look at
        refused = refusal(Plan(run_id=session.run_id, entries=()), checks)
        if refused:
            raise refused
    number = len(record.targets)
    session.report(Working(f"fetching {number} {'repository' if number == 1 else 'repositories'}"))
    facts = session.scan().fetch(record.targets)
    plan = plan_run(session, record, facts)
    refuse_superseded(record, plan)
    require_same_plan(session, plan)
    if plan.remaining:
        earlier = earlier._replace(fitting=approver.find_approval(plan, earlier.approvals))
        plan = record.plan = approver.explain(plan, earlier)
    if plan.remaining or plan.errors:
        session.report(Working("checking what the release needs"))
        asks = [approver.check_terminal] if earlier.fitting is None else []
        checks += flight.services(rows_to_check(plan), remote=facts, more=asks)
        checks += rehearse(world, record, plan, checks)
        record.origins = {
            row.repo: name_origin(world.site(row.repo).origin) for row in plan.remaining
        }
        checks = place_checks(checks, session.environment.place)
        plan = record.plan = judge(record.plan or plan, checks)
    refused = refusal(plan, checks) if plan.remaining or plan.errors else None
    rules = "" if refused else approver.find_rules_to_show(plan, earlier)
    session.report(PlanReady(plan, rules))
    if refused:
        raise refused
    return plan, earlier


def _withdraw_superseded(record: RunRecord, world: World, plan: Plan) -> None:
    """Withdraw what this run planned and another released, so that nothing of it is left to do."""
    for row in plan.entries:
        if row.status is not PlanStatus.SKIP or row.repo not in record.written.repos:
            continue
        repo = record.find_begun(row.repo)
        if repo is not None:
            versions = {"current": repo.old_version, "new": repo.new_version}
            try:
                restart(*world(record.written, row.model_copy(update=versions), Phase.WORKTREE))
            except ReleaseError as error:
                again = f"omni-release --resume {record.session.run_id}"
                error.hint = f"{error.hint or 'mend that'}, then {again}"
                raise
        record.drop(row.repo)


def _execute(record: RunRecord, world: World) -> ReleaseError | None:
    """Release every row; the failure that stopped it, if one did."""
    session = record.session
    Engine(record, load_contract(), session.clock, session.report, world).execute()
    if all(repo.phase is PhaseState.DONE for repo in record.written.repos.values()):
        return None
    return _first_failure(record.written)


def _first_failure(state: RunState) -> ReleaseError:
    for name, repo in state.repos.items():
        if repo.error_code not in {None, ErrorCode.TIER_BLOCKED}:
            code = repo.error_code or ErrorCode.INTERNAL_ERROR
            last_output = repo.last_output or ""
            return ReleaseError.of_text(code, f"{name}: {repo.error}", detail=last_output)
    return ReleaseError(ErrorCode.INTERNAL_ERROR, "the run ended with work left and no failure.")


def _start_development(record: RunRecord, world: World) -> None:
    """Open what ``after_release`` asks for; the release is out, so trouble is only a warning."""
    state, session = record.written, record.session
    for rows in _list_released(state) if session.config.after_release == "dev" else ():
        steps, name = [world(state, row, Phase.PUBLISH) for row in rows], rows[0].clone
        try:
            made = start_development([step for step, _ in steps], steps[0][1])
        except ReleaseError as error:
            text = f"{name}: no pull request with the next version: {error.text}"
            record.warnings = (*record.warnings, text)
            session.report(Note(text))
        else:
            if made is not None:
                record.note_development(name, made.url)
                yours = "a person has closed it" if made.closed else "it is yours to merge"
                text = f"{name}: {made.url} starts {made.versions}; {yours}"
                session.report(Note(text))


def _list_released(state: RunState) -> Iterator[list[RepoPlan]]:
    """The rows of each repository of which all that this run was to release finally is out."""
    ours = [row for row in state.plan.entries if row.repo in state.repos and not row.pre_release_of]
    for clone in dict.fromkeys(row.clone for row in ours):
        rows = [row for row in ours if row.clone == clone]
        if all(state.repos[row.repo].phase is PhaseState.DONE for row in rows):
            yield rows


def _clean_up(session: Session, state: RunState, world: World) -> None:
    """Remove worktrees and branches of finished repositories; trouble there is only a note."""
    for row in state.plan.entries:
        beside = [each.repo for each in state.plan.entries if each.clone == row.clone]
        begun = [state.repos[each] for each in beside if each in state.repos]
        if row.repo not in state.repos or any(each.phase is not PhaseState.DONE for each in begun):
            continue
        try:
            remove_traces(*world(state, row, Phase.PUBLISH))
        except ReleaseError as error:
            left = f"{row.repo}: clean-up left something behind: {error.message}"
            session.report(Note(f"{left.rstrip('.')}; omni-release clean removes it"))
    folder = session.places.worktrees / "release" / state.run_id
    with contextlib.suppress(OSError):
        folder.rmdir()
