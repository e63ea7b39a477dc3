"""The record of one run: its state and its plan, the only things that change while it works.

The state is written at every change, before the next thing is done in the world.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from omninode_release import __version__
from omninode_release.contract.load import config_digest
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.plan import PlanStatus
from omninode_release.models.state import Invocation, RunState, run_status
from omninode_release.release import progress
from omninode_release.system.lock import Holder

if TYPE_CHECKING:
    from datetime import datetime

    from omninode_release.models.plan import Plan, RepoPlan
    from omninode_release.models.state import Approval, GateRecord, RepoState
    from omninode_release.models.verification import Verification
    from omninode_release.release.session import Session


@dataclass
class RunRecord:
    """What is known of a run so far."""

    session: Session
    """It gains a journal and a lock before the run looks at anything."""
    state: RunState | None = None
    """None until the run goes to its gate, or until it is taken up again."""
    plan: Plan | None = None
    """The plan that was shown."""
    warnings: tuple[str, ...] = ()
    """What a person should know beside the plan's own warnings."""
    before: RunState | None = None
    """What an earlier invocation left, also of a run that came no further than its gate."""
    origins: dict[str, str] = field(default_factory=dict)
    """Where the origins of the repositories lead that are to be released."""
    overtaken: dict[str, ReleaseError] = field(default_factory=dict)
    """Repositories that this invocation found to have gone stale, and why."""

    @cached_property
    def invocation(self) -> Invocation:
        """The process that writes the record."""
        here = Holder.here(self.session.run_id)
        return Invocation(pid=here.pid, host=here.host, began_at=self.session.started_at)

    @property
    def targets(self) -> tuple[str, ...]:
        return self.state.targets if self.state else self.session.wanted

    @property
    def context_id(self) -> str:
        """The folder name of the run's result file."""
        remembered = self.state.context_id if self.state else None
        return self.session.request.context_id or remembered or self.session.run_id

    @property
    def written(self) -> RunState:
        """The state of a run that has one: from the gate on."""
        if self.state is None:
            raise ValueError("the run has no state yet")
        return self.state

    def find_begun(self, repo: str) -> RepoState | None:
        """How far the run has come with a repository, if it has begun with it."""
        found = self.state.repos.get(repo) if self.state else None
        return found if found is not None and found.is_begun else None

    # Each verb writes the state.

    def begin(self, plan: Plan, gate: GateRecord, earlier: tuple[Approval, ...]) -> None:
        """Write down that the run goes to its gate with ``plan``; nothing new is approved yet."""
        changes = {
            "updated_at": self.session.clock.now(),
            "plan_hash": plan.plan_hash,
            "status": "in_progress",
            "repos": _choose_repos(self, plan, at=self.session.clock.now()),
            "plan": plan,
            "gate": gate,
            "approvals": earlier,
            "warnings": self.warnings,
            "error": None,
            "error_code": None,
            "last_output": None,
        }
        self._write(
            self.state.model_copy(update=changes) if self.state else _make_state(self, changes)
        )

    def note_gate(self, **changes: str | datetime | None) -> None:
        """Write down what became of the gate's question; a decision is of now, or of its ``at``."""
        state, now = self.written, self.session.clock.now()
        if state.gate is not None:
            at = {"at": now} if "decision" in changes else {}
            gate = state.gate.model_copy(update=at | changes)
            self._write(state.model_copy(update={"gate": gate, "updated_at": now}))

    def approve(self, plan: Plan, approval: Approval, **gate: str | datetime | None) -> None:
        """Write down which rows are approved; each keeps the first hash it was approved under."""
        approvals = self.written.approvals
        if approval not in approvals:
            approvals = (*approvals, approval)
        repos = dict(self.written.repos)
        for row in plan.remaining:
            first = next(a for a in approvals if a.rows.get(row.repo) == row.digest())
            repos[row.repo] = repos[row.repo].model_copy(update={"approved_hash": first.plan_hash})
        changes = {
            "approvals": approvals,
            "repos": repos,
            "plan_hash": approval.plan_hash,
            "gate_token": approval.token or self.written.gate_token,
        }
        self.state = self.written.model_copy(update=changes)
        self.note_gate(decision="approved", **gate)

    def adopt(self, plan: Plan) -> None:
        """Take over the plan as it stands when the release begins."""
        self.state = self.written.model_copy(update={"plan": plan})

    def step(self, name: str, repo: RepoState) -> None:
        """Write down that one repository has come to ``repo``."""
        self._write(self.written.with_repo(name, repo, at=self.session.clock.now()))

    def note_development(self, repo: str, url: str) -> None:
        """Write down the pull request with which a released repository goes on."""
        opened = {**self.written.development, repo: url}
        self._write(self.written.model_copy(update={"development": opened}))

    def note_verification(self, found: Verification) -> None:
        """Write down whether what was published installs together."""
        changes = {"verify": found, "updated_at": self.session.clock.now()}
        self._write(self.written.model_copy(update=changes))

    def drop(self, name: str) -> None:
        """Write down that a repository is no part of the run any more."""
        repos = {key: repo for key, repo in self.written.repos.items() if key != name}
        self._write(self.written.model_copy(update={"repos": repos}))

    def end(self, error: ReleaseError | None = None) -> None:
        status = run_status(self.written)
        if error is not None and status == "completed":  # all is released, and not all is well
            status = "partial"
        changes = {
            "status": status,
            "updated_at": self.session.clock.now(),
            "error": error.text if error else None,
            "error_code": error.code if error else None,
            "last_output": error.last_output if error else None,
        }
        self._write(self.written.model_copy(update=changes))

    def _write(self, state: RunState) -> None:
        writer = {"invocation": self.invocation, "program_version": __version__}
        self.state = state = state.model_copy(update=writer)
        self.session.store.save(state)


def _choose_repos(record: RunRecord, plan: Plan, *, at: datetime) -> dict[str, RepoState]:
    """Repositories as they go to the gate: begun ones as they are, planned ones as planned."""
    state = record.state or record.before
    before = state.repos if state else {}
    repos = {}
    for row in plan.entries:
        known = before.get(row.repo)
        if known is None or not known.is_begun:
            if row.status is not PlanStatus.RELEASE:
                continue
            known = progress.make_repo_state(row, approved_hash=None, at=at, before=known)
        origin = known.origin or record.origins.get(row.repo)
        repos[row.repo] = known.model_copy(update={"origin": origin})
    return repos


def _make_state(record: RunRecord, changes: dict[str, Any]) -> RunState:
    session = record.session
    return RunState.model_validate(
        {
            **changes,
            "run_id": session.run_id,
            "started_at": session.started_at,
            "targets": record.targets,
            "bump_override": session.request.bump,
            "bump_overrides": dict(session.request.bumps),
            "version_overrides": dict(session.request.versions),
            "pre": session.request.pre,
            "ticket": session.request.ticket,
            "context_id": record.context_id,
            "omni_home": str(session.places.omni_home),
            "config_digest": config_digest(session.rules.written),
        }
    )


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
