"""A plan and a run to report, made by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from omninode_release.models.phase import PhaseState
from omninode_release.models.plan import Plan
from omninode_release.models.state import RunState

MOMENT = datetime(2026, 2, 25, 14, 0, tzinfo=UTC)


def some_plan(**changes: Any) -> Plan:
    """Two repositories, of which the second pins the first; ``changes`` are of the first row."""
    sha = "a" * 40
    row = {
        "repo": "a", "tier": 1, "status": "release", "current": "1.0.0", "new": "1.1.0",
        "bump": "minor", "commits": 2, "decided_by": {"sha": sha, "subject": "feat: x"},
    }  # fmt: skip
    pin = {"repo": "a", "distribution": "a-dist", "version": "1.1.0"}
    other = row | {"repo": "b", "tier": 2, "new": "1.0.1", "bump": "patch", "pins": [pin]}
    return Plan.model_validate(
        {"run_id": "r1", "entries": [row | changes, other], "warnings": ["b: look <here> | there"]}
    )


def some_state(plan: Plan | None = None, **repo: Any) -> RunState:
    """A run of the plan; ``repo`` are fields of its first repository."""
    plan = plan or some_plan()
    repos = {
        row.repo: {
            "tier": row.tier, "old_version": row.current, "new_version": row.new, "bump": row.bump,
            "phase": PhaseState.PLANNED, **(repo if row.repo == "a" else {}),
        }
        for row in plan.entries
    }  # fmt: skip
    return RunState.model_validate(
        {
            "run_id": "r1", "started_at": MOMENT, "updated_at": MOMENT,
            "plan_hash": plan.plan_hash, "repos": repos, "targets": ["a", "b"],
            "context_id": "r1", "omni_home": "/omni", "config_digest": {},
            "plan": plan.model_dump(),
        }
    )  # fmt: skip
