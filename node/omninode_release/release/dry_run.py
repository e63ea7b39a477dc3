"""The dry run: look, plan, show, stop.

It takes no lock, writes no state and moves no ref; its result file is the only thing it writes.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from omninode_release.contract.exit_codes import exit_code
from omninode_release.errors import ReleaseError
from omninode_release.events import PlanReady
from omninode_release.gate.token import check_token
from omninode_release.models.result import ResultStatus
from omninode_release.release.approvals.gate_rules import (
    find_approval,
    find_slack_for_token,
    how_checked,
    name_approval,
    warn_of_gate,
)
from omninode_release.release.earlier_state import take_up_state
from omninode_release.release.ending import conclude, fail
from omninode_release.release.plan_run import is_refused_by_other_runs, plan_run
from omninode_release.release.record import RunRecord
from omninode_release.text.next_commands import place_checks

if TYPE_CHECKING:
    from omninode_release.models.plan import Plan
    from omninode_release.release.ending import Outcome
    from omninode_release.release.session import Session


def carry_out(session: Session, *, as_data: bool) -> Outcome:
    """Show what a real run would do; with ``--strict`` exit 1 when it would refuse.

    ``as_data`` puts the whole plan into the result, which takes longer to gather.
    """
    record = RunRecord(session)
    try:
        return _look(session, record, as_data=as_data)
    except (Exception, KeyboardInterrupt) as stopped:  # noqa: BLE001 - every end has a result
        return fail(record, stopped, keeps_state=True)


def _look(session: Session, record: RunRecord, *, as_data: bool) -> Outcome:
    request = session.request
    if request.gate_attestation is not None:
        check_token(request.gate_attestation, session.run_id)
    if request.resume:
        record.state = record.before = take_up_state(session)
    facts = session.scan().read_clones(record.targets, ask_remotes=not request.offline)
    plan = record.plan = plan_run(session, record, facts)
    led_here = facts if as_data else None
    del facts  # they hold every commit, and only data tells of each
    refused = is_refused_by_other_runs(record)
    if plan.remaining:
        lines, is_refused = _foresee_gate(record, plan)
        plan = record.plan = plan.with_warnings(lines)
        refused = refused or is_refused
    if request.preflight or request.rehearse or not session.config.rehearse:
        refused = _check(session, record, plan) or refused
        plan = record.plan
    session.report(PlanReady(plan))
    if session.given is not None:
        from omninode_release.release.plan_file import require_same_plan  # noqa: PLC0415

        require_same_plan(session, plan)
    described = None
    if led_here is not None:
        # A plain dry run must not pay for what only data shows.
        from omninode_release.release.plan_file import describe_plan  # noqa: PLC0415

        described = describe_plan(record, plan, led_here)
    del led_here
    refused = request.strict and (bool(plan.errors) or refused)
    code = exit_code("failed") if refused else None
    return conclude(record, ResultStatus.DRY_RUN, exit_with=code, plan_file=described)


def _foresee_gate(record: RunRecord, plan: Plan) -> tuple[list[str], bool]:
    """What a real run would say of the gate, and whether it would refuse; no service is asked."""
    session = record.session
    token = session.request.gate_attestation
    if token is None:
        lines = list(warn_of_gate(session, None))
        earlier = record.state.approvals if record.state else ()
        if (found := find_approval(session, plan, earlier)) is not None:
            lines.append(name_approval(session, found))
        return lines, False
    try:
        check = how_checked(session, find_slack_for_token(session))
    except ReleaseError as error:
        why = f"a real run refuses the gate token: {error.code} {error.text}"
        return [*session.rules.changes(), why], True
    lines = list(warn_of_gate(session, check))
    if check == "slack":
        lines.append(f"a real run looks the gate token {token} up in Slack")
    return lines, False


def _check(session: Session, record: RunRecord, plan: Plan) -> bool:
    """Add to the plan what a real run would check; True when it would refuse."""
    # A plain dry run must not pay for the services.
    from omninode_release.release.checks.judge import judge, refusal  # noqa: PLC0415
    from omninode_release.release.checks.services import look_up_token  # noqa: PLC0415
    from omninode_release.release.preflight import Preflight, rows_to_check  # noqa: PLC0415
    from omninode_release.release.rehearsal.rehearsal import rehearse  # noqa: PLC0415
    from omninode_release.release.world import World  # noqa: PLC0415

    if not plan.remaining and not plan.errors:
        return False
    world, checks = World.of(session), []
    if session.request.preflight:
        flight = Preflight(world, record)
        approvals = record.state.approvals if record.state else ()
        token = partial(look_up_token, session, plan, approvals)
        checks += flight.programs() + flight.services(rows_to_check(plan), more=[token])
    checks += rehearse(world, record, plan, checks)
    checks = place_checks(checks, session.environment.place)
    record.plan = judge(record.plan or plan, checks)
    return refusal(record.plan, checks) is not None
