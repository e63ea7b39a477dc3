"""One run of a workflow on GitHub Actions: who let its job deploy, and when that was asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from omninode_release.adapters.github.rest_answers import (
    BegunRun,
    CurrentJobs,
    Deployments,
    DeploymentStatuses,
    Environment,
    Reviews,
)
from omninode_release.system.wait import NotYet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from omninode_release.adapters.github.api import GitHubApi
    from omninode_release.adapters.github.rest_answers import CurrentJob, Deployment, Review

_NEWEST = 10


@dataclass(frozen=True)
class GitHubWorkflowRun:
    """The run that a program is a part of."""

    api: GitHubApi
    """About the repository of the workflow."""
    id: int

    def describe(self) -> BegunRun:
        """When it began, and who started it."""
        return self.api.get(f"actions/runs/{self.id}", BegunRun)

    def list_reviews(self, environment: str) -> list[Review]:
        """What was answered to a job of this run that deploys to ``environment``.

        GitHub tells neither when, nor in which attempt of the run.
        """
        given = self.api.get(f"actions/runs/{self.id}/approvals", Reviews).root
        return [each for each in given if environment in {one.name for one in each.environments}]

    def find_current_job(self, runner: str) -> CurrentJob | None:
        """The job that ``runner`` is at work on; of two of that name the older one."""
        path = f"actions/runs/{self.id}/jobs?per_page=100"
        jobs = self.api.get(path, CurrentJobs).jobs
        ours = [each for each in jobs if (each.runner_name, each.status) == (runner, "in_progress")]
        return min(ours, key=lambda job: job.created_at, default=None)

    def is_deploying(self, job: CurrentJob, sha: str, environment: str) -> bool | None:
        """True for the job that deploys to the environment; None where GitHub does not tell.

        It makes a deployment of each job that names an environment, whose log is the job's; one of
        a job that began a moment ago may show late.
        """
        told: set[int] = set()

        def look() -> Literal[True] | NotYet:
            told.update(self._list_deploying(sha, environment))
            return True if job.id in told else NotYet()

        if self.api.wait_for_own(look) is True:
            return True
        return False if told else None

    def _list_deploying(self, sha: str, environment: str) -> set[int]:
        """The jobs of this run whose deployments to the environment GitHub knows."""
        path = f"deployments?environment={quote(environment, safe='')}&sha={sha}&per_page={_NEWEST}"
        made = self.api.get(path, Deployments).root
        return {number for each in made for number in self._list_jobs_of(each)}

    def _list_jobs_of(self, made: Deployment) -> Iterator[int]:
        path = f"deployments/{made.id}/statuses?per_page=100"
        for status in self.api.get(path, DeploymentStatuses).root:
            found = re.search(rf"/actions/runs/{self.id}/job/([0-9]+)\b", status.log_url or "")
            if found:
                yield int(found[1])

    def find_environment(self, name: str) -> Environment | None:
        """The environment, or None where the repository has none of that name."""
        return self.api.find(f"environments/{quote(name, safe='')}", Environment)

    def wait_for_review(self, look: Callable[[], list[Review]]) -> list[Review]:
        """The reviews, once there are any; one that was given a moment ago may show late."""
        found = self.api.wait_for_own(lambda: look() or NotYet())
        return [] if isinstance(found, NotYet) else found
