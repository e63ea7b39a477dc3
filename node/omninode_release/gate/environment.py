"""The gate of a workflow on GitHub Actions: the approval that let this very job begin.

The job that releases names an environment with required reviewers, so it begins once one of them
approved; GitHub is asked who. GitHub tells neither when an approval was given nor in which attempt
of a run. So only a first attempt counts, and what is released must have been planned in this run,
before the job was made that waited for the approval: then the reviewer could see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omninode_release.adapters.github.remedies import name_token
from omninode_release.adapters.github.response import Fault, GitHubError
from omninode_release.errors import ErrorCode, ReleaseError, ToolMissing
from omninode_release.gate.actions_job import is_listed
from omninode_release.gate.ports import GateAnswer, GateRejected
from omninode_release.models.check import CannotTell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omninode_release.adapters.github.rest_answers import BegunRun, CurrentJob, Review
    from omninode_release.adapters.github.workflow_run import GitHubWorkflowRun
    from omninode_release.gate.actions_job import ActionsJob
    from omninode_release.gate.ports import Question
    from omninode_release.models.state import GateRecord

_GUIDE = "docs/github-actions.md has a workflow that does it"


@dataclass(frozen=True)
class EnvironmentGate:
    """Asks GitHub who approved the deployment that this job is."""

    run: GitHubWorkflowRun
    job: ActionsJob
    environment: str
    approvers: tuple[str, ...]
    """Logins that count; every reviewer's when empty."""

    def require(self) -> None:
        """Raise GATE_FAILED in a job whose approval cannot be told from an earlier attempt's."""
        if self.job.attempt != 1:
            raise _refusal(
                f"expected the first attempt of {self.job.url}, found attempt {self.job.attempt}:"
                " GitHub does not tell which attempt an approval was given in.",
                "start the workflow anew; an interrupted release goes on there with --resume",
            )

    def check(self) -> str:
        """That the environment has reviewers. Raises GATE_FAILED, or CannotTell."""
        try:
            return self._require_reviewers()
        except GitHubError as error:
            if error.fault is Fault.REFUSED:
                raise self._silence(error) from error
            raise CannotTell(self._silence(error).message.rstrip(".")) from error

    def ask(
        self, question: Question, earlier: GateRecord | None, posted: Callable[[str], None]
    ) -> GateAnswer:
        """Answer who approved. Raises GATE_REJECTED or GATE_FAILED; no answer is no approval."""
        del earlier, posted  # no question is put here: GitHub has asked
        self.require()
        try:
            self._require_reviewers()
            begun = self.run.describe()
            job = self._require_seen(question, begun)
            is_sure = self._require_own(job, begun)
            reviews = self.run.wait_for_review(lambda: self.run.list_reviews(self.environment))
        except (GitHubError, ToolMissing) as error:
            raise self._silence(error) from error
        return self._judge(reviews, begun, is_sure=is_sure)

    def _require_reviewers(self) -> str:
        found = self.run.find_environment(self.environment)
        rules = found.protection_rules if found else []
        if any(rule.type == "required_reviewers" and rule.reviewers for rule in rules):
            return f"{self.environment} of {self.job.slug.path} waits for a reviewer"
        what = "none: no person is asked" if found else "no such one that this login can see"
        raise _refusal(
            f"expected the environment {self.environment} of {self.job.slug.path} to have required"
            f" reviewers, found {what}.",
            "add them at"
            f" https://{self.job.slug.host}/{self.job.slug.path}/settings/environments, or correct"
            " gate_environment",
        )

    def _require_own(self, job: CurrentJob, begun: BegunRun) -> bool:
        """False where no deployment says which job it is of.

        Raises GATE_FAILED for another job's, and for a token that may not look.
        """
        try:
            found = self.run.is_deploying(job, begun.head_sha, self.environment)
        except GitHubError as error:
            if error.fault is not Fault.REFUSED:
                raise
            raise _refusal(
                f"expected GitHub to tell which job of {self.job.url} was approved, found"
                f" {error.message.rstrip('.')}.",
                f"let the token in {name_token(self.job.slug.host)} read the repository's"
                " deployments"
                f" (`permissions: deployments: read`); {_GUIDE}",
            ) from error
        if found is False:
            raise _refusal(
                f"expected this job of {self.job.url} to deploy to the environment"
                f" {self.environment}, found that another job of that run does: what was approved"
                " is its deployment.",
                f"give the job that releases `environment: {self.environment}`; {_GUIDE}",
            )
        return found is True

    def _require_seen(self, question: Question, begun: BegunRun) -> CurrentJob:
        """The job that this is. Raises GATE_FAILED for what the reviewer could not see before."""
        if begun.run_attempt != self.job.attempt:
            raise _refusal(
                f"expected attempt {self.job.attempt} of {self.job.url}, found that GitHub is at"
                f" attempt {begun.run_attempt}.",
                "start the workflow anew",
            )
        job = self.run.find_current_job(self.job.runner)
        if job is None:
            raise _refusal(
                f"expected a job under way on the runner {self.job.runner!r} in {self.job.url},"
                " found none.",
                "run it in a job of that workflow run",
            )
        if question.is_known:
            return job
        at = question.planned_at
        if at is None or not begun.created_at <= at <= job.created_at:
            found = f"one made at {at:%Y-%m-%d %H:%M:%S} UTC" if at else "another one"
            raise _refusal(
                f"expected a plan that was made in {self.job.url} before its job asked for an"
                f" approval (from {begun.created_at:%Y-%m-%d %H:%M:%S} to"
                f" {job.created_at:%H:%M:%S} UTC), found {found}: no person has seen it.",
                "make it with omni-release plan --out FILE in a job that the releasing job `needs`,"
                f" and pass it as --plan FILE; {_GUIDE}",
            )
        return job

    def _judge(self, reviews: Sequence[Review], begun: BegunRun, *, is_sure: bool) -> GateAnswer:
        """Of several reviews one that rejects wins."""
        rejected = next((each for each in reviews if each.state == "rejected"), None)
        if rejected is not None:
            who = rejected.user.login if rejected.user else None
            raise GateRejected(
                f"{who or 'a reviewer'} rejected the deployment to {self.environment}.",
                by=who,
                reason=rejected.comment or "",
            )
        approved = [each for each in reviews if each.state == "approved"]
        named = [each.user.login for each in approved if each.user and each.user.login]
        by = next((login for login in named if self._may_approve(login)), None)
        if by is None:
            raise self._nobody(named, is_anonymous=len(named) < len(approved))
        starter = begun.triggering_actor.login if begun.triggering_actor else ""
        notes = []
        if by.lower() == starter.lower():
            notes.append(f"{by} started this workflow run and approved it as well")
        if not is_sure:
            notes.append(
                f"GitHub did not tell which job of {self.job.url} was approved: no deployment to"
                f" {self.environment} names one"
            )
        return GateAnswer(by, note="; ".join(notes))

    def _may_approve(self, login: str) -> bool:
        return not self.approvers or is_listed(login, self.approvers)

    def _nobody(self, named: Sequence[str], *, is_anonymous: bool) -> ReleaseError:
        found = "none"
        if named:
            found = f"that of {', '.join(named)}, whom `approvers` does not name"
        elif is_anonymous:
            found = "one without a person's name"
        return _refusal(
            f"expected a reviewer's approval of the environment {self.environment} in"
            f" {self.job.url}, found {found}.",
            f"give the job that releases `environment: {self.environment}`; {_GUIDE}",
        )

    def _silence(self, error: ReleaseError) -> ReleaseError:
        return _refusal(
            "expected GitHub to tell of the environment and its approvals, found"
            f" {error.message.rstrip('.')}.",
            error.hint
            or "give the job `permissions: actions: read`, and its token as"
            f" {name_token(self.job.slug.host)}",
        )


def _refusal(message: str, hint: str) -> ReleaseError:
    return ReleaseError(ErrorCode.GATE_FAILED, message, hint=hint)
