"""The pull requests of a repository on GitHub: each change is made once, and looked for again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from omninode_release.adapters.github.answers import FoundPulls, MoreChecks, Targeted, Viewed
from omninode_release.adapters.github.check_answers import contexts_of
from omninode_release.adapters.github.pull_answers import (
    ENQUEUE,
    FIND,
    MERGE,
    MORE_CHECKS,
    TARGET,
    UPDATE_BRANCH,
    VIEW,
    find_merge,
    pull_request,
)
from omninode_release.adapters.github.response import error_of_answer
from omninode_release.adapters.github.rest_answers import Labels, MadePull
from omninode_release.models.forge import PullRequest
from omninode_release.system.wait import NotYet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omninode_release.adapters.github.answers import Pull, Target
    from omninode_release.adapters.github.api import GitHubApi

_MOST_PAGES = 50
"""Of a hundred checks each."""


@dataclass(frozen=True)
class GitHubPulls:
    api: GitHubApi

    def find(self, branch: str, base: str) -> PullRequest | None:
        """The newest pull request of ``branch``, in any state: of those into ``base``, if any is.

        One from a fork whose branch has the same name is another person's.
        """
        found = self.api.query(FIND, FoundPulls, branch=branch).pull_requests.seen
        ours = [each for each in found if not each.is_cross_repository]
        newest = min(ours, key=lambda each: each.base_ref_name != base, default=None)
        return None if newest is None else self.view(newest.number)

    def create(self, *, branch: str, base: str, title: str, body: str) -> PullRequest:
        """Open a pull request.

        Answered from what GitHub said: just made, it may not be found by number yet.
        """
        fields = {"title": title, "head": branch, "base": base, "body": body, "draft": False}

        def send() -> PullRequest:
            made = self.api.make("pulls", fields, MadePull)
            return PullRequest(
                number=made.number,
                url=made.html_url,
                state="open",
                branch=made.head.ref,
                base=made.base.ref,
                head_sha=made.head.sha,
                settled=False,
                checks_reported=False,
            )

        return self.api.change(send, landed=lambda: self._find_open(branch, base))

    def view(self, number: int) -> PullRequest:
        """Everything a merge depends on, as it is now."""
        found = self._ask(number)
        contexts, after = contexts_of(found)
        pages = 1
        while after is not None:
            if pages == _MOST_PAGES:
                raise error_of_answer(self.api.slug.path, f"checks of {number} without end")
            page = self.api.query(MORE_CHECKS, MoreChecks, number=number, after=after)
            more, after = contexts_of(page.pull_request)
            contexts += more
            pages += 1
        return pull_request(found, contexts)

    def _ask(self, number: int) -> Pull:
        """GitHub's answer; a merge of a moment ago may be told before the commit that it made."""
        found: list[Pull] = []

        def look() -> Pull | NotYet:
            found.append(self.api.query(VIEW, Viewed, number=number).pull_request)
            untold = found[-1].state == "MERGED" and find_merge(found[-1]) is None
            return NotYet() if untold else found[-1]

        self.api.wait_for_own(look)
        return found[-1]

    def close(self, number: int) -> None:
        """Close unmerged; doing it twice is harmless."""
        self.api.change(
            lambda: self.api.send("PATCH", f"pulls/{number}", {"state": "closed"}),
            landed=lambda: self.view(number).state != "open" or None,
        )

    def describe(self, number: int, body: str) -> None:
        """Replace the body; doing it twice is harmless."""
        self.api.change(
            lambda: self.api.send("PATCH", f"pulls/{number}", {"body": body}),
            landed=lambda: self.view(number).body == body or None,
        )

    def merge(self, number: int, *, head_sha: str, subject: str, body: str) -> None:
        """Squash-merge, or enter the merge queue where there is one; only at ``head_sha``.

        With a queue neither a method nor a message can be given: the queue's settings decide. The
        branch is left alone in both cases: deleting it while a pull request is queued closes that
        unmerged.
        """
        target = self._target(number)
        guarded = {"pullRequestId": target.id, "expectedHeadOid": head_sha}
        if target.is_merge_queue_enabled:
            document, fields = ENQUEUE, guarded
        else:
            words = {"commitHeadline": subject, "commitBody": body}
            document, fields = MERGE, {**guarded, "mergeMethod": "SQUASH", **words}
        self.api.change(
            lambda: self.api.mutate(document, **fields),
            landed=lambda: self._find_merge(number),
        )

    def update_branch(self, number: int, *, head_sha: str) -> None:
        """Merge the base branch into the pull request's, only while its head is ``head_sha``."""
        fields = {"pullRequestId": self._target(number).id, "expectedHeadOid": head_sha}
        self.api.change(
            lambda: self.api.mutate(UPDATE_BRANCH, **fields),
            landed=lambda: self.view(number).head_sha != head_sha or None,
        )

    def find_labels(self, number: int) -> frozenset[str]:
        """The labels of a pull request, which GitHub keeps as those of an issue."""
        found = self.api.get(f"issues/{number}/labels?per_page=100", Labels).root
        return frozenset(each.name for each in found)

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """Give a pull request labels; doing it twice is harmless."""
        path = f"issues/{number}/labels"

        def send() -> bool:
            made = self.api.make(path, {"labels": list(labels)}, Labels).root
            if not _have(labels, (each.name for each in made)):
                raise error_of_answer(self.api.slug.path, f"other labels of {number}")
            return True

        self.api.change(send, landed=lambda: _have(labels, self.find_labels(number)) or None)

    def _target(self, number: int) -> Target:
        return self.api.query(TARGET, Targeted, number=number).pull_request

    def _find_open(self, branch: str, base: str) -> PullRequest | None:
        found = self.find(branch, base)
        return found if found and (found.state, found.base) == ("open", base) else None

    def _find_merge(self, number: int) -> Literal[True] | None:
        pull = self.view(number)
        return True if pull.state == "merged" or pull.queue == "entered" else None


def _have(wanted: Iterable[str], there: Iterable[str]) -> bool:
    """To GitHub a label's name is the same in any case."""
    return {each.casefold() for each in wanted} <= {each.casefold() for each in there}
