"""``gate: environment``: a release that a reviewer of GitHub's environment has approved."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.models.phase import Phase
from support.cli import MOMENT, Ran, run_cli, state_home
from support.endings import break_phase, is_archived
from support.forges import SOON
from support.github import Refusal
from support.gitrepo import land, world
from support.repos import configure
from support.workflow import JOB, REVIEWERS, begin_job, deployed, job_variables, review

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org
    from support.github import GitHub, WorkflowRun

pytestmark = [
    pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed"),
    pytest.mark.usefixtures("only_steps", "no_hooks"),
]


@pytest.fixture
def hub(github: GitHub, small_org: Org) -> GitHub:
    soon = {**SOON, "timeouts": {**SOON["timeouts"], "own_grace_seconds": 0.05}}
    configure(small_org, forge="github", gate="environment", **soon)
    return github


@pytest.fixture
def job(hub: GitHub) -> WorkflowRun:
    return begin_job(hub)


def make_plan(org: Org, hub: GitHub) -> Path:
    path = org.root / "plan.json"
    ran = run_cli(org, "plan", "--run-id", "pair", "--out", str(path), env=hub.env)
    assert ran.code == 0, ran.err
    return path


@pytest.fixture
def plan(small_org: Org, hub: GitHub) -> Path:
    """The plan that a reviewer was shown."""
    return make_plan(small_org, hub)


def release(org: Org, hub: GitHub, *args: str, **variables: str) -> Ran:
    return run_cli(org, *args, env={**hub.env, **job_variables(), **variables})


def refused(org: Org, hub: GitHub, plan: Path, *words: str, code: str = "GATE_FAILED") -> Ran:
    """The run ends so, with nothing done."""
    before = world(org)["remotes"]
    ran = release(org, hub, "--plan", str(plan))
    assert (ran.code, ran.err.partition(":")[0]) == (1, code), ran.out + ran.err
    for word in words:
        assert word in ran.err, ran.err
    assert world(org)["remotes"] == before
    return ran


def test_what_a_reviewer_approved_is_released_in_their_name(
    small_org: Org, hub: GitHub, plan: Path, job: WorkflowRun
) -> None:
    del job

    ran = release(small_org, hub, "--plan", str(plan))

    assert ran.code == 0, ran.out + ran.err
    assert is_archived(small_org)
    assert ran.result is not None
    gate = ran.result["gate"]
    assert (gate["provider"], gate["decision"], gate["approver"]) == (
        "environment",
        "approved",
        "bea",
    )
    url = "https://github.com/pair/alpha/actions/runs/4711"
    assert gate["may_approve"] == f"a required reviewer of the environment release in {url}"
    assert "approved it as well" not in ran.out


def test_outside_of_github_actions_it_refuses_before_anything_is_looked_at(
    small_org: Org, hub: GitHub, plan: Path
) -> None:
    for left_out in ("GITHUB_ACTIONS", "GITHUB_RUN_ID", "GITHUB_REPOSITORY", "RUNNER_NAME"):
        ran = release(small_org, hub, "--plan", str(plan), **{left_out: ""})

        assert (ran.code, ran.err.partition(":")[0]) == (1, "GATE_FAILED")
        assert "expected to run in a job of GitHub Actions" in ran.err
    assert hub.calls("alpha") == 0
    assert not list((state_home(small_org) / "state" / "release").glob("*.json"))


def test_a_plan_that_nobody_was_shown_is_refused_at_once(
    small_org: Org, hub: GitHub, job: WorkflowRun
) -> None:
    del job

    ran = release(small_org, hub, "alpha")

    assert (ran.code, ran.err.partition(":")[0]) == (1, "GATE_FAILED")
    assert "omni-release plan --out FILE" in ran.err
    assert hub.calls("alpha") == 0


def test_silence_is_no_approval(small_org: Org, hub: GitHub, plan: Path, job: WorkflowRun) -> None:
    job.reviews = [review("pending"), review("approved", "bea", "staging")]

    refused(small_org, hub, plan, "approval of the environment release", "found none")


def test_a_rejection_wins_over_an_approval(
    small_org: Org, hub: GitHub, plan: Path, job: WorkflowRun
) -> None:
    job.reviews.append(review("rejected", "cy", comment="not on a friday"))

    ran = refused(small_org, hub, plan, "cy rejected", code="GATE_REJECTED")

    assert ran.result is not None
    assert ran.result["gate"]["reason"] == "not on a friday"


def test_an_approval_without_a_person_is_none(
    small_org: Org, hub: GitHub, plan: Path, job: WorkflowRun
) -> None:
    job.reviews = [review("approved", None)]

    refused(small_org, hub, plan, "found one without a person's name")


def test_an_approval_in_ones_own_run_is_said(
    small_org: Org, hub: GitHub, plan: Path, job: WorkflowRun
) -> None:
    job.actor = "Bea"

    ran = release(small_org, hub, "--plan", str(plan))

    assert ran.code == 0, ran.err
    assert ran.result is not None
    assert "bea started this workflow run and approved it as well" in ran.result["warnings"]


def test_only_those_whom_approvers_names_count(
    small_org: Org, hub: GitHub, job: WorkflowRun
) -> None:
    configure(small_org, approvers=["Cy"])
    plan = small_org.root / "plan.json"
    assert run_cli(small_org, "plan", "--out", str(plan), env=hub.env).code == 0

    refused(small_org, hub, plan, "that of bea, whom `approvers` does not name")

    job.reviews.append(review("approved", "cy"))
    ran = release(small_org, hub, "--plan", str(plan))
    assert ran.code == 0, ran.err


@pytest.mark.parametrize(
    ("environments", "found"),
    [
        ({}, "no such one that this login can see"),
        ({"release": {"protection_rules": []}}, "no person is asked"),
        ({"release": {"protection_rules": [{"type": "wait_timer", "wait_timer": 5}]}}, "no person"),
        (
            {"release": {"protection_rules": [{"type": "required_reviewers", "reviewers": []}]}},
            "no person",
        ),
    ],
    ids=["none", "bare", "timer", "empty"],
)
def test_an_environment_without_reviewers_is_refused_before_the_gate(
    small_org: Org, hub: GitHub, plan: Path, environments: Any, found: str
) -> None:
    begin_job(hub)
    hub.policy("alpha").environments = environments

    refused(small_org, hub, plan, found)

    assert hub.calls("alpha", "reviews") == 0
    dry = release(small_org, hub, "--dry-run", "--preflight", "--strict")
    assert dry.code == 1
    assert found in dry.out


def test_an_approval_of_an_earlier_attempt_is_not_taken_for_this_ones(
    small_org: Org, hub: GitHub, plan: Path, job: WorkflowRun
) -> None:
    ran = release(small_org, hub, "--plan", str(plan), GITHUB_RUN_ATTEMPT="2")
    assert (ran.code, ran.err.partition(":")[0]) == (1, "GATE_FAILED")
    assert "found attempt 2" in ran.err
    assert "start the workflow anew" in ran.err

    job.attempt = 2
    refused(small_org, hub, plan, "GitHub is at attempt 2")
    assert hub.calls("alpha", "reviews") == 0


@pytest.mark.parametrize("minutes", [-6, 2], ids=["before the run", "after the question"])
def test_a_plan_that_was_not_there_to_be_seen_is_refused(
    small_org: Org, hub: GitHub, plan: Path, minutes: int
) -> None:
    begin_job(hub, MOMENT - timedelta(minutes=minutes))

    refused(small_org, hub, plan, "no person has seen it", "2026-02-25 14:00:00 UTC")


def test_a_job_that_is_not_under_way_approves_nothing(
    small_org: Org, hub: GitHub, plan: Path, job: WorkflowRun
) -> None:
    job.jobs[0]["status"] = "completed"

    refused(small_org, hub, plan, "expected a job under way on the runner 'runner 1'")


def test_the_approval_of_another_job_of_the_run_is_not_this_ones(
    small_org: Org, hub: GitHub, plan: Path, job: WorkflowRun
) -> None:
    job.deployments = {6: [deployed(JOB, run=1)], 5: [deployed(JOB + 1), deployed(JOB + 1)]}

    refused(small_org, hub, plan, "found that another job of that run does", "environment: release")

    assert hub.calls("alpha", "reviews") == 0


def test_a_deployment_of_another_job_may_show_late(
    small_org: Org, hub: GitHub, job: WorkflowRun
) -> None:
    configure(small_org, timeouts={"own_grace_seconds": 2})
    plan = make_plan(small_org, hub)
    job.deployments = {5: [deployed(JOB + 1)]}
    hub.policy("alpha").early = {"deployments": (2, Refusal(200, []))}

    refused(small_org, hub, plan, "found that another job of that run does")


def test_a_token_that_may_not_read_deployments_is_refused(
    small_org: Org, hub: GitHub, plan: Path, job: WorkflowRun
) -> None:
    del job
    no = Refusal(403, {"message": "Resource not accessible by integration"})
    hub.policy("alpha").early = {"deployments": (99, no)}

    refused(small_org, hub, plan, "expected GitHub to tell which job of", "deployments: read")

    assert hub.calls("alpha", "reviews") == 0


@pytest.mark.parametrize("silence", ["no deployment", "no job in the log's address"])
def test_a_github_that_does_not_tell_which_job_was_approved_is_named(
    small_org: Org, hub: GitHub, plan: Path, job: WorkflowRun, silence: str
) -> None:
    job.deployments = {} if silence == "no deployment" else {5: [{"log_url": None}]}

    ran = release(small_org, hub, "--plan", str(plan))

    assert ran.code == 0, ran.err
    assert ran.result is not None
    told = "GitHub did not tell which job of https://github.com/pair/alpha/actions/runs/4711"
    assert any(told in each for each in ran.result["warnings"])


def test_what_came_after_the_approval_is_not_released(
    small_org: Org, hub: GitHub, plan: Path, job: WorkflowRun
) -> None:
    del job
    land(small_org.remote("beta"), "news.md", "New.\n", "feat: late")

    refused(small_org, hub, plan, "beta: base_sha was", code="PLAN_STALE")


def test_a_github_that_says_nothing_approves_nothing(
    small_org: Org, hub: GitHub, plan: Path
) -> None:
    begin_job(hub)
    hub.policy("alpha").early = {"reviews": (99, Refusal(500, {"message": "Server Error"}))}

    refused(small_org, hub, plan, "expected GitHub to tell", "HTTP 500")


def test_a_stopped_release_goes_on_with_the_approval_of_a_new_run(
    small_org: Org, hub: GitHub, plan: Path, job: WorkflowRun
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.PUSH, after_effect=True)
        assert release(small_org, hub, "--plan", str(plan)).code in {1, 3}
    begin_job(hub, MOMENT + timedelta(hours=1))
    hub.policy("alpha").environments = {"release": REVIEWERS}
    del job

    ran = release(small_org, hub, "--resume", "pair")

    assert ran.code == 0, ran.err
    assert is_archived(small_org)


def test_an_approver_is_the_same_in_any_case_when_it_is_taken_up(
    small_org: Org, hub: GitHub, job: WorkflowRun
) -> None:
    configure(small_org, approvers=["Bea"], resume_gate="reuse")
    plan = make_plan(small_org, hub)
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.PUSH, after_effect=True)
        assert release(small_org, hub, "--plan", str(plan)).code in {1, 3}
    job.reviews = []

    ran = release(small_org, hub, "--resume", "pair")

    assert ran.code == 0, ran.err
    assert "by bea for run pair, taken up" in ran.out


def test_a_resume_of_what_nobody_approved_is_refused(
    small_org: Org, hub: GitHub, plan: Path, job: WorkflowRun
) -> None:
    job.reviews = []
    refused(small_org, hub, plan)
    job.reviews = [review("approved")]

    ran = release(small_org, hub, "--resume", "pair")

    assert (ran.code, ran.err.partition(":")[0]) == (1, "GATE_FAILED")
    assert "no person has seen it" in ran.err


def test_the_plan_in_the_file_is_the_one_that_is_recorded(
    small_org: Org, hub: GitHub, plan: Path, job: WorkflowRun
) -> None:
    del job
    shown = json.loads(plan.read_text(encoding="utf-8"))["plan_hash"]

    ran = release(small_org, hub, "--plan", str(plan))

    assert ran.result is not None
    assert (ran.result["plan_hash"], ran.result["gate"]["plan_hash"]) == (shown, shown)
