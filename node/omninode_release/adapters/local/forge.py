"""The embedded forge: pull requests beside a bare repository, for a machine without GitHub.

Beside ``NAME.git`` stands ``NAME.forge/``: ``pulls/N.json`` (title, body, branches),
``checks/SHA.json`` and ``runs/TAG.json``. Whether a pull request is merged is not written there
but in the repository: its merge commit, ``refs/pull/N/merge``, is on the base branch. That ref is
made first and the base branch moved last, so a crash leaves a pull request merged or open.
"""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from omninode_release.adapters.git import Git, date_environment
from omninode_release.errors import CommandFailed, ErrorCode, ReleaseError, TimedOut
from omninode_release.models.forge import (
    Check,
    CheckState,
    PullRequest,
    PullState,
    RunState,
    WorkflowRun,
)
from omninode_release.system.files import write_json
from omninode_release.system.process import Runner

_CHECK_NAME = "checks"


@dataclass(frozen=True)
class LocalForge:
    """One repository's pull requests and publish workflow."""

    remote: Git
    """The bare repository."""
    repo: str
    run: Runner
    identity: dict[str, str]
    """GIT_AUTHOR_* and GIT_COMMITTER_* for the merge commit."""
    checks: tuple[str, ...]
    check_seconds: float
    now: Callable[[], str]
    """ISO 8601."""
    publish: Callable[[Path], None]
    """Builds the tree it is given and puts the files on the index."""
    runs_elsewhere: ClassVar[bool] = False

    @property
    def _folder(self) -> Path:
        return self.remote.path.with_name(self.remote.path.name.removesuffix(".git") + ".forge")

    # Pull requests.

    def find(self, branch: str) -> PullRequest | None:
        """The newest pull request of ``branch``, in whatever state it is."""
        numbers = sorted(
            (int(p.stem) for p in (self._folder / "pulls").glob("*.json") if p.stem.isdigit()),
            reverse=True,
        )
        for number in numbers:
            if self._read(f"pulls/{number}")["branch"] == branch:
                return self.view(number)
        return None

    def create(self, *, branch: str, base: str, title: str, body: str) -> PullRequest:
        head = self._branch(branch)
        if head is None:
            raise ReleaseError(
                ErrorCode.PR_FAILED, f"expected the branch {branch} in {self.remote.path}."
            )
        pulls = self._folder / "pulls"
        taken = [int(p.stem) for p in pulls.glob("*.json") if p.stem.isdigit()]
        number = max(taken, default=0) + 1
        self.remote("update-ref", f"refs/pull/{number}/head", head)
        facts = {"branch": branch, "base": base, "title": title, "body": body, "closed": False}
        write_json(pulls / f"{number}.json", facts)
        return self.view(number)

    def view(self, number: int) -> PullRequest:
        """The pull request as it is now; its checks are run if its head is new."""
        facts = self._read(f"pulls/{number}")
        branch = f"refs/heads/{facts['branch']}"
        found = self.remote.refs(f"refs/pull/{number}/", branch)
        refs = {ref.name: ref.sha for ref in found}
        merge_sha = self._on(facts["base"], refs.get(f"refs/pull/{number}/merge"))
        head = refs.get(branch)
        state: PullState = (
            "merged" if merge_sha else "closed" if facts["closed"] or head is None else "open"
        )
        head = head if state == "open" and head else refs[f"refs/pull/{number}/head"]
        is_open = state == "open"
        return PullRequest(
            number=number,
            url=f"local://{self.repo}/pull/{number}",
            state=state,
            branch=facts["branch"],
            base=facts["base"],
            head_sha=head,
            merge_sha=merge_sha,
            conflict=is_open and self._merged_tree(facts["base"], head) is None,
            checks=(self._check(head),) if is_open and self.checks else (),
        )

    def close(self, number: int) -> None:
        write_json(
            self._folder / "pulls" / f"{number}.json",
            {**self._read(f"pulls/{number}"), "closed": True},
        )

    def merge(self, number: int, *, head_sha: str, subject: str, body: str) -> None:
        """Squash-merge; refused when the head moved, a check is not green, or it conflicts."""
        pull = self.view(number)
        if pull.state != "open" or pull.head_sha != head_sha:
            raise self._refused(pull, f"it is {pull.state} at {pull.head_sha}, not {head_sha}")
        if any(check.state != "success" for check in pull.checks):
            raise self._refused(pull, "its checks are not green")
        base = self._branch(pull.base)
        tree = self._merged_tree(pull.base, head_sha)
        if base is None or tree is None:
            raise self._refused(pull, f"it conflicts with {pull.base}")
        merge = self.remote(
            "commit-tree", tree, "-p", base, "-F", "-",
            stdin=f"{subject}\n\n{body}\n", env={**self.identity, **date_environment(self.now())},
        ).stdout.strip()  # fmt: skip
        # Git moves the refs of one transaction one after the other; a crash may come between.
        self.remote("update-ref", f"refs/pull/{number}/head", head_sha)
        self.remote("update-ref", f"refs/pull/{number}/merge", merge)
        self.remote("update-ref", f"refs/heads/{pull.base}", merge, base)

    def update_branch(self, number: int, *, head_sha: str) -> None:
        """Nothing: a pull request is never behind here, for no rule asks that it be up to date."""

    def _on(self, base: str, merge: str | None) -> str | None:
        """``merge`` if it is on the base branch: only then has it happened."""
        there = merge is not None and self.remote.is_ancestor(merge, f"refs/heads/{base}")
        return merge if there else None

    def _refused(self, pull: PullRequest, why: str) -> ReleaseError:
        return ReleaseError(ErrorCode.MERGE_FAILED, f"{pull.url} was not merged: {why}.")

    def _merged_tree(self, base: str, head: str) -> str | None:
        done = self.remote(
            "merge-tree", "--write-tree", "--no-messages", f"refs/heads/{base}", head, ok=(0, 1)
        )
        return done.stdout.splitlines()[0] if done.returncode == 0 else None

    def _check(self, sha: str) -> Check:
        name = f"checks/{sha}"
        known = (self._folder / f"{name}.json").exists() and self._read(name)["passed"]
        if not known:  # a red one is run again: what was wrong may have been this machine
            with self._checkout(sha) as tree:
                write_json(self._folder / f"{name}.json", self._run_checks(tree))
        found = self._read(name)
        state: CheckState = "success" if found["passed"] else "failure"
        return Check(_CHECK_NAME, state, str(self._folder / f"{name}.json"), found["output"])

    def _run_checks(self, tree: Path) -> dict[str, Any]:
        try:
            done = self.run(self.checks, cwd=tree, timeout=self.check_seconds)
        except CommandFailed as error:
            return {"passed": False, "output": error.detail or error.message}
        except TimedOut as error:
            return {"passed": False, "output": error.message}
        return {"passed": True, "output": done.stdout.strip()[-4000:]}

    # The publish workflow.

    def workflow_run(self, tags: tuple[str, ...]) -> WorkflowRun | None:
        """The run for one of ``tags``, if there is one."""
        for tag in tags:
            if (self._folder / f"{_run_file(tag)}.json").exists():
                found = self._read(_run_file(tag))
                # It runs inside ``dispatch``: one that is seen running was killed.
                state: RunState = "success" if found["state"] == "success" else "failure"
                return WorkflowRun(self._run_url(tag), state, found["detail"])
        return None

    def dispatch(self, tag: str) -> None:
        """Build the tag's tree and publish it, there and then."""
        sha = self.remote.commit_of(f"refs/tags/{tag}")
        if sha is None:
            raise ReleaseError(
                ErrorCode.PUBLISH_FAILED, f"expected the tag {tag} in {self.remote.path}."
            )
        record, run = self._folder / f"{_run_file(tag)}.json", {"tag": tag, "sha": sha}
        write_json(record, run | {"state": "running", "detail": "it was killed before its end"})
        outcome = {"state": "success", "detail": ""}
        with self._checkout(sha) as tree:
            try:
                self.publish(tree)
            except (CommandFailed, TimedOut) as error:
                outcome = {"state": "failure", "detail": error.detail or error.message}
        write_json(record, run | outcome)

    def _run_url(self, tag: str) -> str:
        return f"local://{self.repo}/runs/{tag}"

    # The repository and the folder beside it.

    def _branch(self, branch: str) -> str | None:
        return self.remote.branch_sha(branch)

    @contextmanager
    def _checkout(self, sha: str) -> Iterator[Path]:
        """The commit's files in a folder of their own, for as long as it is needed."""
        raw = self.remote("archive", "--format=tar", sha).raw
        with tempfile.TemporaryDirectory(prefix="omni-release-") as folder:
            with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
                archive.extractall(folder, filter="data")
            yield Path(folder)

    def _read(self, name: str) -> dict[str, Any]:
        path = self._folder / f"{name}.json"
        try:
            value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ReleaseError(
                ErrorCode.PR_FAILED, f"expected the embedded forge's record in {path}: {error}."
            ) from error
        return value


def _run_file(tag: str) -> str:
    return f"runs/{tag.replace('/', '--')}"
