"""Runs of the publish workflow on GitHub Actions, over its REST API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urlencode

from omninode_release.adapters.github.remedies import NOT_FOUND, view_workflow
from omninode_release.adapters.github.response import Fault, GitHubError
from omninode_release.adapters.github.rest_answers import Jobs, Runs, Workflow
from omninode_release.errors import typed
from omninode_release.models.forge import WorkflowRun
from omninode_release.system.wait import NotYet
from omninode_release.text.workflows.workflow import fill_inputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omninode_release.adapters.github.api import GitHubApi
    from omninode_release.adapters.github.rest_answers import Run
    from omninode_release.models.forge import WorkflowRunState
    from omninode_release.models.publish import Publish

WorkflowState = Literal["active", "disabled", "missing"]
# The events a release can come from; a workflow may also run for pull requests.
_EVENTS = frozenset({"push", "release", "workflow_dispatch"})
_NO_CAUSE = frozenset({"success", "skipped", "neutral", None})
_WAITING = {
    "action_required": "it waits for an approval",
    "pending": "it waits for another run of its concurrency group",
    "queued": "no runner has taken it yet",
    "waiting": "it waits for what its environment asks for, an approval or a time",
}
"""What a run waits for, by its status."""


@dataclass(frozen=True)
class GitHubRuns:
    """The publish workflow of one repository."""

    api: GitHubApi
    repo: str
    """Its name in the tier graph."""
    publish: Publish
    """Its file, and what a dispatch is given."""

    def find(self, tags: Sequence[str], sha: str, *, pushed: bool = True) -> WorkflowRun | None:
        """The newest run for one of ``tags``; the tag that starts it, the last, is asked first.

        One at work goes before: a Release, too, may have started a run, which is for another job.
        A run whose jobs were all skipped is none.
        """
        for tag in reversed(tags):
            runs = [run for run in self._runs(tag) if run.head_sha == sha]
            runs = [run for run in runs if run.conclusion != "skipped"]
            runs = [run for run in runs if pushed or run.event != "push"]
            if runs:  # ids grow; times are to the second
                return self._describe(max(runs, key=lambda run: (not run.has_ended, run.id)))
        return None

    def dispatch(self, tag: str) -> None:
        """Start the workflow at ``tag``, which is on the remote."""
        known = {run.id for run in self._runs(tag)}
        # By its full name: of a branch called like it the workflow would build another commit.
        ref = f"refs/tags/{tag}"
        body = {"ref": ref, "inputs": fill_inputs(self.publish, self.repo, tag)}
        try:
            self.api.change(
                lambda: self.api.send("POST", f"{self._path}/dispatches", body),
                landed=lambda: self._has_started_since(tag, known),
            )
        except GitHubError as error:
            if error.fault is Fault.REFUSED:
                error.hint = self._advise(error.why, known) or error.hint
            raise

    def _advise(self, why: str, known: set[int]) -> str | None:
        """What publishes where GitHub refuses a dispatch for good; ``known`` are the tag's runs."""
        repo, name = ("--repo", self.api.slug.typed), self.publish.workflow
        if "disabled workflow" in why:
            return typed(("gh", "workflow", "enable", name, *repo))
        if "workflow_dispatch" not in why:
            return None
        if known:
            return typed(("gh", "run", "rerun", str(max(known)), *repo))
        return (
            f"publish what is tagged by hand: nothing but a push of the tag starts {name}, and one"
            " with the token of a workflow, or of a commit that says [skip ci], starts nothing"
        )

    def find_state(self) -> WorkflowState:
        """``active`` when the workflow can be started: GitHub knows it by the default branch."""
        found = self.api.find(self._path, Workflow)
        if found is None:
            return "missing"
        return "active" if found.state == "active" else "disabled"

    @property
    def _path(self) -> str:
        return f"actions/workflows/{quote(self.publish.workflow, safe='')}"

    def _runs(self, tag: str) -> list[Run]:
        """Runs at ``tag``: GitHub names the tag in ``head_branch``, as it does a branch."""
        query = urlencode({"branch": tag, "per_page": 20})
        try:
            found = self.api.get(f"{self._path}/runs?{query}", Runs)
        except GitHubError as error:
            # Of what a login may not see, too. Taken for "none has run", it would start another
            # one beside a run at work.
            if error.status == NOT_FOUND:
                error.hint = view_workflow(self.publish.workflow, self.api.slug)
            raise
        return [run for run in found.workflow_runs
                if run.head_branch == tag and run.event in _EVENTS]  # fmt: skip

    def _has_started_since(self, tag: str, known: set[int]) -> bool | None:
        """True once there is a run that is not ``known``; GitHub shows it after some seconds."""

        def look() -> bool | NotYet:
            return any(run.id not in known for run in self._runs(tag)) or NotYet()

        return self.api.wait_for_own(look) is True or None

    def _describe(self, run: Run) -> WorkflowRun:
        state: WorkflowRunState = "running"
        if run.has_ended:
            state = "success" if run.conclusion == "success" else "failure"
        waits_for = _WAITING.get(run.status or "", "")
        why = self._failing_job(run) if state == "failure" else waits_for
        return WorkflowRun(run.html_url, state, why, f"{run.id}.{run.run_attempt}")

    def _failing_job(self, run: Run) -> str:
        """The first job that failed, its step, and where to read on."""
        jobs = self.api.get(f"actions/runs/{run.id}/jobs?per_page=100", Jobs).jobs
        red = [job for job in jobs if job.conclusion not in _NO_CAUSE]
        if not red:
            return f"it ended {run.conclusion}, no job says why"
        # Of a matrix the jobs beside one that fails are cancelled, perhaps before it in the list.
        job = min(red, key=lambda job: job.conclusion == "cancelled")
        failed = next((s.name for s in job.steps or [] if s.conclusion == "failure"), None)
        where = f" at {failed!r}" if failed else ""
        return f"job {job.name!r} ended {job.conclusion}{where}: {job.html_url}"
