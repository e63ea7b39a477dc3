"""The dry run: look, plan, show, stop.

It takes no lock, writes no state and moves no ref; its result file is the only thing it writes.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import TYPE_CHECKING

from omninode_release.events import PlanReady
from omninode_release.invocation import Invocation

if TYPE_CHECKING:
    from omninode_release.models.facts import OrgFacts
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
    facts = _scanned(call)

    from omninode_release.models.result import ResultStatus

    call.plan = call.planned(facts)
    call.report(PlanReady(call.plan, "clones"))
    in_the_way = any(warning.startswith("RUN_EXISTS") for warning in call.warnings)
    refused = request.strict and (bool(call.plan.errors) or in_the_way)
    return call.outcome(ResultStatus.DRY_RUN, exit_with=1 if refused else None)


def _scanned(call: Invocation) -> OrgFacts:
    """The facts; what comes after them is imported while git is at work."""
    with ThreadPoolExecutor(1) as meanwhile:
        for module in ("planner", "outcome", "render"):
            meanwhile.submit(import_module, f"omninode_release.{module}")
        return call.scan().local(call.targets(), ask_remotes=not call.request.offline)
