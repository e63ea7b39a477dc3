"""A job on GitHub Actions, as the look-alike and the process in it see one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from support.cli import MOMENT
from support.github import WorkflowRun

if TYPE_CHECKING:
    from support.github import GitHub

RUN_NUMBER = 4711
JOB = 88
REVIEWERS = {
    "protection_rules": [
        {
            "type": "required_reviewers",
            "reviewers": [{"type": "User", "reviewer": {"login": "bea"}}],
        }
    ],
    "deployment_branch_policy": None,
}


def begin_job(hub: GitHub, planned_at: datetime = MOMENT) -> WorkflowRun:
    """A run of a workflow of alpha's, whose job waits in the environment ``release`` since a
    minute after the plan was made, and was approved by bea."""
    hub.policy("alpha").environments = {"release": REVIEWERS}
    run = WorkflowRun(
        RUN_NUMBER,
        created_at=_show(planned_at - timedelta(minutes=5)),
        jobs=[
            {
                "id": JOB,
                "status": "in_progress",
                "runner_name": "runner 1",
                "created_at": _show(planned_at + timedelta(minutes=1)),
            },
            {
                "id": JOB - 1,
                "status": "completed",
                "runner_name": "runner 1",
                "created_at": "2020-01-01T00:00:00Z",
            },
        ],
        reviews=[review("approved")],
        deployments={5: [deployed(JOB)]},
    )
    hub.policy("alpha").workflow_run = run
    return run


def deployed(job: int, *, run: int = RUN_NUMBER) -> dict[str, Any]:
    """What became of the deployment that GitHub made of a job."""
    log = f"https://github.com/pair/alpha/actions/runs/{run}/job/{job}"
    return {"id": 1, "state": "in_progress", "log_url": log, "target_url": log}


def review(state: str, by: str | None = "bea", *names: str, comment: str = "") -> dict[str, Any]:
    return {
        "state": state,
        "comment": comment,
        "environments": [{"id": 1, "name": name} for name in names or ("release",)],
        "user": {"login": by, "id": 2} if by else None,
    }


def job_variables(attempt: int = 1) -> dict[str, str]:
    """What GitHub tells a process of the job it is in."""
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "pair/alpha",
        "GITHUB_RUN_ID": str(RUN_NUMBER),
        "GITHUB_RUN_ATTEMPT": str(attempt),
        "RUNNER_NAME": "runner 1",
    }


def _show(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
