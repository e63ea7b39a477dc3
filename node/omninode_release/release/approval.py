"""The gate of one run: who is asked, what is answered, and what both leave in the state."""

from __future__ import annotations

from dataclasses import dataclass

from omninode_release.contract.load import config_digest
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import GatePassed, Note
from omninode_release.gate.keeper import Gatekeeper, Passed
from omninode_release.models.check import Check
from omninode_release.models.plan import Plan, PlanStatus
from omninode_release.models.state import Approval, GateRecord, RepoState, RunState
from omninode_release.release.progress import make_repo_state
from omninode_release.release.result import Outcome
from omninode_release.release.session import Invocation, begun
from omninode_release.text.summary_message import summary_message


@dataclass(frozen=True)
class Passage:
    """Takes the plan of one invocation through its gate."""

    call: Invocation
    keeper: Gatekeeper

    def somebody(self) -> list[Check]:
        """Whether there is a terminal to ask at, where nobody is asked elsewhere."""
        try:
            self.keeper.require_somebody()
        except ReleaseError as error:
            return [
                Check("gate", "terminal", "failed", error.message, error.hint or "", error.code)
            ]
        return []

    def state_before(
        self, plan: Plan, earlier: tuple[Approval, ...], asked: GateRecord | None
    ) -> RunState:
        """The state as the run goes into the gate: nothing new is approved yet."""
        before = self.call.state.repos if self.call.state else {}
        repos: dict[str, RepoState] = {}
        for row in plan.entries:
            known = before.get(row.repo)
            if known is not None and begun(known):
                repos[row.repo] = known
            elif row.status is PlanStatus.RELEASE:
                repos[row.repo] = make_repo_state(row, approved_hash=None, before=known)
        changes = {
            "updated_at": self.call.clock.now(),
            "plan_hash": plan.plan_hash,
            "status": "in_progress",
            "repos": repos,
            "plan": plan,
            "gate": self.keeper.record(plan, asked, self.call.clock.now()),
            "approvals": earlier,
            "warnings": self.call.warnings,
            "error": None,
            "error_code": None,
        }
        if self.call.state is not None:
            return self.call.state.model_copy(update=changes)
        return RunState.model_validate(
            {
                **changes,
                "run_id": self.call.run_id,
                "started_at": self.call.started_at,
                "targets": self.call.targets(),
                "bump_override": self.call.request.bump,
                "ticket": self.call.request.ticket,
                "context_id": self.call.context_id(),
                "omni_home": str(self.call.places.omni_home),
                "config_digest": config_digest(self.call.config),
            }
        )

    def by_token(
        self, plan: Plan, earlier: tuple[Approval, ...], asked: GateRecord | None
    ) -> Passed | None:
        """What the token lets through, if there is one. Raises INVALID_GATE_TOKEN."""
        if self.call.request.gate_attestation is None:
            return None
        passed = self.keeper.by_token(self.call.request.gate_attestation, plan, earlier, asked)
        if passed.warning:
            self.call.warnings = (*self.call.warnings, passed.warning)
            self.call.report(Note(passed.warning))
        return passed

    def pass_through(self, plan: Plan, passed: Passed | None, asked: GateRecord | None) -> None:
        """Let the plan through, or raise; who decided is recorded either way."""
        try:
            passed = passed or self.keeper.by_asking(plan, asked, self._posted)
        except ReleaseError as error:
            decision = {ErrorCode.GATE_REJECTED: "rejected", ErrorCode.GATE_TIMEOUT: "timeout"}
            self._record_gate(decision=decision.get(error.code, "pending"))
            raise
        self._approve(plan, passed.approval)
        self._record_gate(decision="approved", approver=passed.approver, posted_ts=passed.posted_ts)
        token = self.call.request.gate_attestation
        by = f"token {token}" if token else passed.approver or "nobody named"
        self.call.report(GatePassed(by, plan.plan_hash))

    def _posted(self, ts: str) -> None:
        """Write down where the question stands, before anybody can answer it."""
        self._record_gate(posted_ts=ts)

    def _approve(self, plan: Plan, approval: Approval) -> None:
        """Record which rows are approved; each keeps the first hash it was approved under."""
        approvals = self.call.begun_state.approvals
        if approval not in approvals:
            approvals = (*approvals, approval)
        repos = dict(self.call.begun_state.repos)
        for row in plan.remaining:
            first = next(a for a in approvals if a.rows.get(row.repo) == row.digest())
            repos[row.repo] = repos[row.repo].model_copy(update={"approved_hash": first.plan_hash})
        self.call.state = self.call.begun_state.model_copy(
            update={
                "approvals": approvals,
                "repos": repos,
                "plan_hash": approval.plan_hash,
                "gate_token": approval.token or self.call.begun_state.gate_token,
            }
        )

    def _record_gate(self, **changes: str | None) -> None:
        state, now = self.call.begun_state, self.call.clock.now()
        if state.gate is not None:
            at = {"at": now} if "decision" in changes else {}
            gate = state.gate.model_copy(update=changes | at)
            self.call.state = state.model_copy(update={"gate": gate, "updated_at": now})
            self.call.store.save(self.call.state)

    def announce(self, outcome: Outcome) -> None:
        """Tell the channel how a run went that the gate had let through; trouble is a note."""
        gate = self.call.state.gate if self.call.state else None
        interrupted = outcome.result.error_code is ErrorCode.INTERRUPTED
        if gate is None or gate.decision != "approved" or interrupted:
            return
        trouble = self.keeper.announce(summary_message(outcome.result))
        if trouble is not None:
            self.call.report(Note(f"the summary was not posted: {trouble}"))
