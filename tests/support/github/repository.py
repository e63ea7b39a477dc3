"""One repository of the look-alike: pull requests on a bare git repository.

Heads, merges and conflicts are git's own; only what git does not know is kept here.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from threading import Timer
from typing import TYPE_CHECKING, Any

import pygit2

from support.github.policy import Policy, RefusedError
from support.gitrepo import SOME_DAY, git

if TYPE_CHECKING:
    from pathlib import Path

# GitHub Docs, "Skipping workflow runs".
_SKIPS = re.compile(r"\[(?:skip ci|ci skip|no ci|skip actions|actions skip)\]")


@dataclass
class Pull:
    """A pull request, and how often it has been looked at."""

    number: int
    title: str
    body: str
    branch: str
    base: str
    head: str
    state: str = "OPEN"
    merge: str | None = None
    labels: list[str] = field(default_factory=list)
    opened_at: float = 0
    merged_at: float = 0
    queued: bool = False
    queue_looks: int = 0
    looks: dict[tuple[str, str], int] = field(default_factory=dict)
    """By head and base: both make GitHub think again."""


@dataclass
class Repository:
    owner: str
    name: str
    bare: Path
    policy: Policy = field(default_factory=Policy)
    pulls: dict[int, Pull] = field(default_factory=dict)
    releases: list[dict[str, Any]] = field(default_factory=list)
    """As the REST API shows them, drafts of the policy aside."""
    merges: int = 0
    serve_merge: Callable[[], object] = lambda: None
    """Lets git serve the last merge."""
    updates: int = 0
    refs: dict[str, str] = field(default_factory=dict)
    """Full name to commit, annotated tags peeled; as of the last request."""
    trees: dict[tuple[str, str], str | None] = field(default_factory=dict)
    """What merging a head into a base gives."""

    @property
    def url(self) -> str:
        return f"https://github.com/{self.owner}/{self.name}"

    def tags(self) -> dict[str, str]:
        """Tag to commit."""
        start = "refs/tags/"
        return {ref.removeprefix(start): sha for ref, sha in self.refs.items()
                if ref.startswith(start)}  # fmt: skip

    def skips(self, sha: str) -> bool:
        """True where a commit's message keeps pushes and pull requests from starting workflows."""
        return _SKIPS.search(self._library[sha].read_raw().decode()) is not None

    def branch(self, name: str) -> str | None:
        return self.refs.get(f"refs/heads/{name}")

    def sync(self) -> None:
        """See what was pushed: a head that moved, or one that is gone."""
        self.refs = dict(self._list_refs())
        for pull in self.pulls.values():
            head = self.branch(pull.branch)
            if pull.state != "OPEN":
                continue
            if head is None:  # whoever deletes the branch closes the pull request
                pull.state, pull.queued = "CLOSED", False
            elif head != pull.head or not pull.looks:
                pull.head = head
                git(self.bare, "update-ref", f"refs/pull/{pull.number}/head", head)

    def _list_refs(self) -> Iterator[tuple[str, str]]:
        """Branches and tags with their commits, by libgit2: every request asks for them."""
        for name in sorted(self._library.listall_references()):
            if name.startswith(("refs/heads/", "refs/tags/")):
                with contextlib.suppress(KeyError):  # deleted since
                    yield name, str(self._library.references[name].peel().id)

    @cached_property
    def _library(self) -> pygit2.Repository:
        return pygit2.Repository(str(self.bare))

    def open(self, *, title: str, body: str, branch: str, base: str) -> Pull:
        head = self.branch(branch)
        if head is None or self.branch(base) is None:
            raise RefusedError("Validation Failed: head or base is invalid")
        opened = [(p.branch, p.base) for p in self.pulls.values() if p.state == "OPEN"]
        if (branch, base) in opened:
            raise RefusedError(f"A pull request already exists for {self.owner}:{branch}.")
        if git(self.bare, "rev-list", "--count", f"{base}..{head}") == "0":
            raise RefusedError(f"No commits between {base} and {branch}")
        pull = Pull(len(self.pulls) + 1, title, body, branch, base, head)
        pull.opened_at = self.policy.clock()
        self.pulls[pull.number] = pull
        self.sync()
        return pull

    def look(self, pull: Pull) -> int:
        """Count one look at the pull request; what takes time goes on meanwhile."""
        key = (pull.head, self._tip(pull))
        pull.looks[key] = pull.looks.get(key, 0) + 1
        if pull.queue_looks or pull.queued:
            pull.queue_looks += 1
            pull.queued = pull.queue_looks < self.policy.queue_looks
            merges = self.policy.queue == "merges" and pull.state == "OPEN"
            if merges and pull.queue_looks >= self.policy.queue_looks + self.policy.queue_gap:
                self._squash(pull, f"{pull.title} (#{pull.number})", "")
        return self.looks(pull)

    def looks(self, pull: Pull) -> int:
        return pull.looks.get((pull.head, self._tip(pull)), 0)

    def check_state(self, pull: Pull) -> str | None:
        """The check on the head: None, CANCELLED, IN_PROGRESS, SUCCESS or FAILURE."""
        looks = sum(n for (head, _), n in pull.looks.items() if head == pull.head)
        policy = self.policy
        if policy.checks == "never" or looks <= policy.checks_hidden or self.skips(pull.head):
            return None
        looks -= policy.checks_cancelled
        if looks <= policy.checks_hidden:
            return "CANCELLED"
        left = pull.opened_at + policy.checks_seconds - policy.clock()
        if left > 0 or looks <= policy.checks_hidden + policy.checks_running:
            return "IN_PROGRESS"
        return "SUCCESS" if policy.checks == "green" else "FAILURE"

    def mergeable(self, pull: Pull) -> str:
        if pull.state != "OPEN" or self.looks(pull) <= self.policy.settles_after:
            return "UNKNOWN"
        return "CONFLICTING" if self._tree(pull) is None else "MERGEABLE"

    def merge_state(self, pull: Pull) -> str:
        mergeable = self.mergeable(pull)
        if mergeable != "MERGEABLE":
            return {"UNKNOWN": "UNKNOWN", "CONFLICTING": "DIRTY"}[mergeable]
        if self._is_behind(pull):
            return "BEHIND"
        if self.policy.draft or self._unmet(pull):
            return "BLOCKED"
        check = self.check_state(pull)
        shaky = self.policy.optional_red or check not in {None, "SUCCESS"}
        return "UNSTABLE" if shaky else "CLEAN"

    def merge(self, pull: Pull, *, head: str | None, subject: str, body: str) -> None:
        if self.policy.queue is not None:
            raise RefusedError("Changes must be made through the merge queue")
        if not self.policy.squash_allowed:
            raise RefusedError("Squash merges are not allowed on this repository.")
        self._require_ready(pull, head)
        self._squash(pull, subject, body)

    def enqueue(self, pull: Pull, *, head: str | None) -> None:
        if self.policy.queue is None:
            raise RefusedError("Merge queue is not enabled for this repository")
        if pull.queued:
            raise RefusedError("Pull request is already in the queue")
        self._require_ready(pull, head)
        pull.queued, pull.queue_looks = True, 0

    def update(self, pull: Pull, *, head: str | None) -> None:
        """Merge the base branch into the pull request's."""
        if head not in {None, pull.head}:
            raise RefusedError("expected head sha didn't match current head ref.")
        tree = self._tree(pull)
        if tree is None:
            raise RefusedError("merge conflict between base and head")
        message = f"Merge branch '{pull.base}' into {pull.branch}"
        parents = ("-p", pull.head, "-p", self._tip(pull))
        made = git(self.bare, "commit-tree", tree, *parents, "-m", message)
        git(self.bare, "update-ref", f"refs/heads/{pull.branch}", made, pull.head)
        self.updates += 1
        self.sync()

    def _require_ready(self, pull: Pull, head: str | None) -> None:
        if pull.state != "OPEN":
            raise RefusedError(f"Pull request is {pull.state.lower()}")
        if head != pull.head:
            raise RefusedError("Head branch was modified. Review and try the merge again.")
        if self.mergeable(pull) != "MERGEABLE":
            raise RefusedError("Pull Request is not mergeable")
        if self.policy.draft:
            raise RefusedError("Pull Request is still a draft")
        if self._is_behind(pull):
            raise RefusedError("Head branch is out of date")
        unmet = self._unmet(pull)
        if unmet:
            raise RefusedError(unmet[0])

    def _unmet(self, pull: Pull) -> list[str]:
        """Rules of the base branch that hold the pull request back."""
        policy, unmet = self.policy, []
        if "ci" in policy.required and self.check_state(pull) != "SUCCESS":
            unmet.append('Required status check "ci" is expected.')
        if policy.review in {"required", "changes_requested"}:
            unmet.append("At least 1 approving review is required by reviewers with write access.")
        if policy.signed_only:
            unmet.append("Commits must have verified signatures.")
        if policy.resolution_required and policy.unresolved:
            unmet.append("A conversation must be resolved before this can be merged.")
        return unmet

    def _is_behind(self, pull: Pull) -> bool:
        span = f"{pull.head}..{pull.base}"
        return self.policy.strict and git(self.bare, "rev-list", "--count", span) != "0"

    def _tip(self, pull: Pull) -> str:
        return self.refs[f"refs/heads/{pull.base}"]

    def _tree(self, pull: Pull) -> str | None:
        """The tree of the merge; None on a conflict."""
        key = (pull.head, self._tip(pull))
        if key not in self.trees:
            self.trees[key] = self._merged(*key)
        return self.trees[key]

    def _merged(self, head: str, base: str) -> str | None:
        done = subprocess.run(
            ("git", "merge-tree", "--write-tree", "--no-messages", base, head),  # noqa: S607
            cwd=self.bare,
            env=dict(os.environ),
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.split("\n", 1)[0] if done.returncode == 0 else None

    def _squash(self, pull: Pull, subject: str, body: str) -> None:
        tree, tip = self._tree(pull), self._tip(pull)
        if tree is None:
            raise RefusedError("Pull Request has merge conflicts")
        message = f"{subject}\n\n{body}\n"
        made = git(self.bare, "commit-tree", tree, "-p", tip, "-F", "-",
                   stdin=message, when=SOME_DAY)  # fmt: skip
        self.serve_merge = partial(
            git, self.bare, "update-ref", f"refs/heads/{pull.base}", made, tip
        )
        if self.policy.merge_hidden_seconds:
            timer = Timer(self.policy.merge_hidden_seconds, self.serve_merge)
            timer.daemon = True
            timer.start()
        else:
            self.serve_merge()
        pull.state, pull.merge = "MERGED", made
        pull.merged_at = self.policy.clock()
        self.merges += 1
        self.sync()
