"""The publish workflow of one repository: it reads its own triggers and really builds."""

from __future__ import annotations

import io
import re
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import normpath
from typing import TYPE_CHECKING, Any

import yaml

from support.github.policy import RefusedError
from support.gitrepo import _git, git, tree_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.github.repository import Repository


@dataclass
class Run:
    id: int
    event: str
    tag: str
    sha: str
    began_at: float = 0
    looks: int = 0
    published: bool = False
    outcome: str | None = None
    """What it ended with, whatever the policy says of later ones."""


@dataclass
class Actions:
    repository: Repository
    publish: Callable[[Path], None]
    """Builds the tree it is given and puts the files on the index."""
    runs: list[Run] = field(default_factory=list)
    dispatches: int = 0
    seen: set[str] = field(default_factory=set)
    """Tags that were there before, or whose push was dealt with."""

    def sync(self) -> None:
        """Start what newly pushed tags start."""
        for tag, sha in self.repository.tags().items():
            if tag in self.seen:
                continue
            self.seen.add(tag)
            patterns = ((self._triggers(sha).get("push") or {}).get("tags")) or []
            starts = self.repository.policy.push_starts and not self.repository.skips(sha)
            if starts and any(_globs(p, tag) for p in patterns):
                self._start("push", tag, sha)

    def go_on(self) -> None:
        """End the runs whose time is over; what they build is on the index then."""
        policy = self.repository.policy
        for run in self.runs:
            over = policy.run_seconds and policy.clock() - run.began_at >= policy.run_seconds
            if over and run.outcome is None:
                run.outcome = policy.run
                if run.outcome != "red":
                    run.published = True
                    self._publish(run)

    def released(self, tag: str) -> None:
        """Start what a published Release starts."""
        sha = self.repository.tags()[tag]
        triggers = self._triggers(sha)
        if "release" in triggers and self.repository.policy.push_starts:
            types = (triggers["release"] or {}).get("types")
            for _ in {"published", "created", "released"} & set(types or ["published"]):
                self._start("release", tag, sha)

    def dispatch(self, workflow: str, ref: str, inputs: dict[str, str]) -> None:
        refused = self.repository.policy.dispatch_refused
        if refused or workflow != self.repository.policy.workflow_file:
            said = "Not Found" if refused == 404 else "Workflow does not have 'workflow_dispatch'"
            raise RefusedError(said, refused or 404)
        tag = ref.removeprefix("refs/tags/")
        # A name alone means the branch where there are both.
        if self.repository.policy.workflow != "active":
            raise RefusedError("Cannot trigger a 'workflow_dispatch' on a disabled workflow")
        sha = (self.repository.branch(ref) if tag == ref else None) or self.repository.tags().get(
            tag
        )
        if sha is None:
            raise RefusedError(f"No ref found for: {ref}")
        triggers = self._triggers(sha)
        if "workflow_dispatch" not in triggers:
            raise RefusedError("Workflow does not have 'workflow_dispatch' trigger")
        declared = (triggers["workflow_dispatch"] or {}).get("inputs") or {}
        if inputs.keys() - declared.keys():
            raise RefusedError("Unexpected inputs provided")
        self.dispatches += 1
        if self.repository.policy.checks_out_input:
            assert self.repository.tags().get(inputs["tag"]) == sha, inputs
        # The workflow's own first step: the input without its v is the version.
        folder = self.repository.policy.builds(tag).split()[0]
        manifest = tree_of(self.repository.bare, sha)[normpath(f"{folder}/pyproject.toml")]
        given = next(iter(inputs.values()), tag)
        version = given.rpartition("/")[2].removeprefix("v")
        assert f'version = "{version}"' in manifest or "dynamic = [" in manifest
        self._start("workflow_dispatch", tag, sha)

    def listed(self, tag: str) -> list[dict[str, Any]]:
        """One look at the runs of a tag, newest first; those that run go on meanwhile."""
        policy = self.repository.policy
        shown = []
        for run in reversed(self.runs):
            if run.tag != tag:
                continue
            run.looks += 1
            if run.looks > policy.run_hidden:
                shown.append(self._shown(run))
        return shown

    def jobs(self, number: int) -> list[dict[str, Any]]:
        run = next(run for run in self.runs if run.id == number)
        url = f"{self.repository.url}/actions/runs/{run.id}/job/1"
        steps = [{"name": "Build", "conclusion": "success"},
                 {"name": "Notify the others", "conclusion": "failure"}]  # fmt: skip
        return [
            {"name": "beside it", "conclusion": "cancelled", "html_url": f"{url}0", "steps": []},
            {"name": "release", "conclusion": "failure", "html_url": url, "steps": steps},
        ]

    def _shown(self, run: Run) -> dict[str, Any]:
        policy = self.repository.policy
        over = run.looks - policy.run_hidden - policy.run_looks
        if over > 0 and run.outcome is None and not policy.run_seconds:
            run.outcome = policy.run
        if (
            run.outcome is not None
            and over > policy.late_looks
            and run.outcome not in {"red", "skipped"}
            and not run.published
        ):
            run.published = True
            self._publish(run)
        ended = run.outcome is not None
        conclusion = ("success" if run.outcome == "green" else "failure") if ended else None
        return {
            "id": run.id,
            "run_attempt": 1,
            "head_branch": run.tag,
            "head_sha": run.sha,
            "event": run.event,
            "status": "completed" if ended else policy.run_waits,
            "conclusion": "skipped" if run.outcome == "skipped" else conclusion,
            "html_url": f"{self.repository.url}/actions/runs/{run.id}",
        }

    def _start(self, event: str, tag: str, sha: str) -> None:
        policy = self.repository.policy
        outcome = "skipped" if event in policy.skips_events else None
        self.runs.append(Run(len(self.runs) + 1, event, tag, sha, policy.clock(), outcome=outcome))

    def _publish(self, run: Run) -> None:
        if run.event in self.repository.policy.builds_events:
            return
        raw = _git(self.repository.bare, ("archive", "--format=tar", run.sha))
        with tempfile.TemporaryDirectory() as folder:
            with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
                if hasattr(tarfile, "data_filter"):  # Python 3.11.4
                    archive.extraction_filter = tarfile.data_filter
                archive.extractall(folder)  # noqa: S202 - of a repository that a test made
            for each in self.repository.policy.builds(run.tag).split():
                self.publish(Path(folder) / each)

    def _triggers(self, sha: str) -> dict[str, Any]:
        path = f".github/workflows/{self.repository.policy.workflow_file}"
        if path not in git(self.repository.bare, "ls-tree", "-r", "--name-only", sha).split("\n"):
            return {}
        parsed = yaml.safe_load(git(self.repository.bare, "show", f"{sha}:{path}"))
        triggers = parsed[True]  # YAML 1.1 reads `on` as true
        return triggers if isinstance(triggers, dict) else {}


def _globs(pattern: str, tag: str) -> bool:
    """GitHub's filter: a star does not cross a slash."""
    regex = re.escape(pattern).replace(r"\*", "[^/]*").replace(r"\[", "[").replace(r"\]", "]")
    return re.fullmatch(regex.replace(r"\-", "-"), tag) is not None
