"""Pull requests beside a bare repository, for a machine without GitHub.

Whether a pull request is merged is not written in its record but in the repository: its merge
commit, ``refs/pull/N/merge``, is on the base branch. That ref is made first and the base branch
moved last, so a crash leaves a pull request merged or open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omninode_release.adapters.git import date_environment
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.forge import OpenPull, PullRequest, ReleaseBranch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from omninode_release.adapters.local.checks import LocalChecks
    from omninode_release.adapters.local.repository import BareRepository
    from omninode_release.models.forge import PullState


@dataclass(frozen=True)
class LocalPulls:
    origin: BareRepository
    repo: str
    checks: LocalChecks
    identity: dict[str, str]
    """GIT_AUTHOR_* and GIT_COMMITTER_* for the merge commit."""
    now: Callable[[], str]
    """ISO 8601."""

    def find(self, branch: str, base: str) -> PullRequest | None:
        """The newest pull request of ``branch``, in any state: of those into ``base`` if any is."""
        facts = {number: self.origin.read(f"pulls/{number}") for number in self.origin.pulls()}
        ours = [number for number, each in facts.items() if each["branch"] == branch]
        found = min(ours, key=lambda number: facts[number]["base"] != base, default=None)
        return None if found is None else self.view(found)

    def find_release_branches(self, name: str) -> Iterator[ReleaseBranch]:
        """The branches that runs have for the repository ``name``."""
        refs = (ref.name.split("/") for ref in self.origin.git.refs("refs/heads/release/"))
        runs = {f"release/{ref[3]}/{name}": ref[3] for ref in refs if ref[4:] == [name]}
        opened: dict[str, OpenPull] = {}
        for number in self.origin.pulls() if runs else ():
            branch = self.origin.read(f"pulls/{number}")["branch"]
            if (
                branch in runs
                and branch not in opened
                and (pull := self._look(number)).state == "open"
            ):
                opened[branch] = OpenPull(number, pull.url, branch)
        for branch, run_id in runs.items():
            yield ReleaseBranch(run_id, branch, opened.get(branch))

    def create(self, *, branch: str, base: str, title: str, body: str) -> PullRequest:
        head = self.origin.git.branch_sha(branch)
        if head is None:
            raise ReleaseError(
                ErrorCode.PR_FAILED, f"expected the branch {branch} in {self.origin.path}."
            )
        facts = {"branch": branch, "base": base, "title": title, "body": body, "closed": False}
        with self.origin.hold():
            number = max(self.origin.pulls(), default=0) + 1
            self.origin.git("update-ref", f"refs/pull/{number}/head", head)
            self.origin.write(f"pulls/{number}", facts)
        return self.view(number)

    def view(self, number: int) -> PullRequest:
        """The pull request as it is now; its checks are run if its head is new."""
        pull = self._look(number)
        if pull.state != "open":
            return pull
        conflict = self._merge_tree(pull.base, pull.head_sha) is None
        return pull._replace(conflict=conflict, checks=self.checks.of(pull.head_sha))

    def _look(self, number: int) -> PullRequest:
        """The same without what takes long."""
        facts = self.origin.read(f"pulls/{number}")
        branch, base = (f"refs/heads/{facts[each]}" for each in ("branch", "base"))
        found = self.origin.git.refs(f"refs/pull/{number}/", branch, base)
        refs = {ref.name: ref.sha for ref in found}
        has_base = base in refs  # with its base branch goes a pull request
        merge_sha = refs.get(f"refs/pull/{number}/merge") if has_base else None
        merge_sha = self._find_merge(facts["base"], merge_sha)
        head = refs.get(branch) if has_base else None
        state: PullState = (
            "merged" if merge_sha else "closed" if facts["closed"] or head is None else "open"
        )
        head = head if state == "open" and head else refs[f"refs/pull/{number}/head"]
        return PullRequest(
            number=number,
            url=f"local://{self.repo}/pull/{number}",
            state=state,
            branch=facts["branch"],
            base=facts["base"],
            head_sha=head,
            body=facts["body"],
            merge_sha=merge_sha,
        )

    def close(self, number: int) -> None:
        self._note(number, closed=True)

    def describe(self, number: int, body: str) -> None:
        """Replace what the pull request says of itself."""
        self._note(number, body=body)

    def merge(self, number: int, *, head_sha: str, subject: str, body: str) -> None:
        """Squash-merge; refused when the head moved, a check is not green, or it conflicts."""
        pull = self.view(number)
        if pull.state != "open" or pull.head_sha != head_sha:
            raise _refusal(pull, f"it is {pull.state} at {pull.head_sha}, not {head_sha}")
        if any(check.state != "success" for check in pull.checks):
            raise _refusal(pull, "its checks are not green")
        git = self.origin.git
        base = git.branch_sha(pull.base)
        tree = self._merge_tree(pull.base, head_sha)
        if base is None or tree is None:
            raise _refusal(pull, f"it conflicts with {pull.base}")
        merge = git(
            "commit-tree", tree, "-p", base, "-F", "-",
            stdin=f"{subject}\n\n{body}\n", env={**self.identity, **date_environment(self.now())},
        ).stdout.strip()  # fmt: skip
        # Git moves the refs of one transaction one after the other; a crash may come between.
        git("update-ref", f"refs/pull/{number}/head", head_sha)
        git("update-ref", f"refs/pull/{number}/merge", merge)
        git("update-ref", f"refs/heads/{pull.base}", merge, base)

    def update_branch(self, number: int, *, head_sha: str) -> None:
        """Nothing: a pull request is never behind here, for no rule asks that it be up to date."""

    def find_labels(self, number: int) -> frozenset[str]:
        return frozenset(self.origin.read(f"pulls/{number}").get("labels", ()))

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        self._note(number, labels=sorted({*labels, *self.find_labels(number)}))

    def _note(self, number: int, **facts: object) -> None:
        name = f"pulls/{number}"
        self.origin.write(name, self.origin.read(name) | facts)

    def _find_merge(self, base: str, merge: str | None) -> str | None:
        """``merge`` when it is on the base branch: only then has it happened."""
        there = merge is not None and self.origin.git.is_ancestor(merge, f"refs/heads/{base}")
        return merge if there else None

    def _merge_tree(self, base: str, head: str) -> str | None:
        return self.origin.git.merge_trees(f"refs/heads/{base}", head)


def _refusal(pull: PullRequest, why: str) -> ReleaseError:
    return ReleaseError(ErrorCode.MERGE_FAILED, f"{pull.url} was not merged: {why}.")
