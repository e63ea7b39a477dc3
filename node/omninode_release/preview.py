"""The dry run: look, plan, show, stop.

It takes no lock, writes no state and moves no ref; its result file is the only thing it writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.events import PlanReady
from omninode_release.invocation import Invocation, importing

if TYPE_CHECKING:
    from omninode_release.outcome import Outcome


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
    with importing(*(f"omninode_release.{name}" for name in ("planner", "outcome", "render"))):
        facts = call.scan().local(call.targets(), ask_remotes=not request.offline)

    from omninode_release.models.result import ResultStatus

    call.plan = call.planned(facts)
    call.report(PlanReady(call.plan, "clones"))
    in_the_way = any(warning.startswith("RUN_EXISTS") for warning in call.warnings)
    refused = request.strict and (bool(call.plan.errors) or in_the_way)
    return call.outcome(ResultStatus.DRY_RUN, exit_with=1 if refused else None)
