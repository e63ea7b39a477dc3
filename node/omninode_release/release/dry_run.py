"""The dry run: look, plan, show, stop.

It takes no lock, writes no state and moves no ref; its result file is the only thing it writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.events import PlanReady
from omninode_release.release.session import Invocation, importing

if TYPE_CHECKING:
    from omninode_release.models.plan import Plan
    from omninode_release.release.result import Outcome


def preview(call: Invocation) -> Outcome:
    """Show what a real run would do; with ``--strict`` exit 1 when it would refuse."""
    return call.ended(lambda: _look(call), call.failed)


def _look(call: Invocation) -> Outcome:
    request = call.request
    if request.gate_attestation is not None:
        from omninode_release.gate.attestation import check_token

        check_token(request.gate_attestation, call.run_id)
    if request.resume:
        call.state = call.resumed()
    with importing(
        *(
            f"omninode_release.{name}"
            for name in ("planning.planner", "release.result", "console.render")
        )
    ):
        facts = call.scan().read_clones(call.targets(), ask_remotes=not request.offline)

    from omninode_release.models.result import ResultStatus

    call.plan = call.planned(facts)
    refused = any(warning.startswith("RUN_EXISTS") for warning in call.warnings)
    if request.preflight:
        refused = _preflight(call, call.plan) or refused
    call.report(PlanReady(call.plan, "clones"))
    refused = request.strict and (bool(call.plan.errors) or refused)
    return call.outcome(ResultStatus.DRY_RUN, exit_with=1 if refused else None)


def _preflight(call: Invocation, plan: Plan) -> bool:
    """Add to the plan what a real run would check; whether it would refuse."""
    # A plain dry run must not pay for the services.
    from omninode_release.release.preflight import Preflight, concerned, judged, refusal

    if not plan.remaining and not plan.errors:
        return False
    flight = Preflight(call)
    checks = flight.tools() + flight.of(concerned(plan))
    call.plan = judged(plan, checks)
    return refusal(call.plan, checks) is not None
