"""GitHub as a forge: pull requests and the publish workflow of one repository, through ``gh``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal, TypeVar
from urllib.parse import quote

from omninode_release.adapters.actions import ReadsActions
from omninode_release.adapters.github.about import ABOUT, about
from omninode_release.adapters.github.answers import (
    About,
    FoundPulls,
    MoreChecks,
    Targeted,
    Viewed,
)
from omninode_release.adapters.github.pulls import (
    ENQUEUE,
    FIND,
    MERGE,
    MORE_CHECKS,
    TARGET,
    UPDATE_BRANCH,
    VIEW,
    contexts_of,
    pull_request,
)
from omninode_release.adapters.github.releases import GitHubReleases
from omninode_release.adapters.github.response import Fault, GitHubError, error_of_answer
from omninode_release.adapters.github.rest_answers import Label, Labels, MadePull
from omninode_release.adapters.github.runs import GitHubRuns
from omninode_release.adapters.github.slug import compare_url, tag_url
from omninode_release.models.forge import PullRequest
from omninode_release.models.publish import Publish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omninode_release.adapters.github.about import AboutRepository
    from omninode_release.adapters.github.answers import (
        Target,
    )
    from omninode_release.adapters.github.api import GitHubApi
    from omninode_release.models.forge import WorkflowRun

_T = TypeVar("_T")
_MOST_PAGES = 50
"""Of a hundred checks each."""


@dataclass(frozen=True)
class GitHubForge(ReadsActions):
    """The Forge of one GitHub repository."""

    api: GitHubApi
    workflow: str
    """The publish workflow's file name."""
    repo: str = ""
    """Its name in the tier graph."""
    publish: Publish = field(default_factory=Publish)
    """What a dispatch is given."""
    runs_elsewhere: ClassVar[bool] = True
    keeps_releases: ClassVar[bool] = True

    # Pull requests.

    def compare_url(self, since: str | None, tip: str) -> str:
        """The page on GitHub that shows it."""
        return compare_url(self.api.slug, since, tip)

    def tag_url(self, tag: str) -> str:
        """The page on GitHub that shows the tag, and its Release where it has one."""
        return tag_url(self.api.slug, tag)

    def find(self, branch: str) -> PullRequest | None:
        """The newest pull request of ``branch``, in any state.

        One from a fork whose branch has the same name is another person's.
        """
        found = self.api.query(FIND, FoundPulls, branch=branch).pull_requests.seen
        ours = (each.number for each in found if not each.is_cross_repository)
        number = next(ours, None)
        return None if number is None else self.view(number)

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

        return self.api.change(send, landed=lambda: self._find_open(branch))

    def view(self, number: int) -> PullRequest:
        """Everything a merge depends on, as it is now."""
        found = self._require(self.api.query(VIEW, Viewed, number=number).pull_request, number)
        contexts, after = contexts_of(found)
        pages = 1
        while after is not None:
            if pages == _MOST_PAGES:
                raise error_of_answer(self.api.slug.path, f"checks of {number} without end")
            page = self.api.query(MORE_CHECKS, MoreChecks, number=number, after=after)
            more, after = contexts_of(self._require(page.pull_request, number))
            contexts += more
            pages += 1
        return pull_request(found, contexts)

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

    def _target(self, number: int) -> Target:
        found = self.api.query(TARGET, Targeted, number=number).pull_request
        return self._require(found, number)

    def _require(self, found: _T | None, number: int) -> _T:
        if found is None:
            raise GitHubError(
                self.api.slug.path, f"no pull request {number}", Fault.REFUSED, status=404
            )
        return found

    def _find_open(self, branch: str) -> PullRequest | None:
        found = self.find(branch)
        return found if found and found.state == "open" else None

    def _find_merge(self, number: int) -> Literal[True] | None:
        pull = self.view(number)
        return True if pull.state == "merged" or pull.queue == "entered" else None

    # The publish workflow.

    def workflow_run(self, tags: tuple[str, ...]) -> WorkflowRun | None:
        """The newest run of the publish workflow for one of ``tags``."""
        return self.runs.find_newest(tags)

    def dispatch(self, tag: str) -> None:
        """Start the publish workflow at ``tag``, once."""
        self.runs.dispatch(tag)

    @property
    def runs(self) -> GitHubRuns:
        """The publish workflow's runs."""
        return GitHubRuns(
            self.api, self.repo, self.publish.model_copy(update={"workflow": self.workflow})
        )

    # What a release is shown with.

    @property
    def releases(self) -> GitHubReleases:
        """The repository's Releases."""
        return GitHubReleases(self.api)

    def find_release(self, tag: str) -> str | None:
        """The address of the Release of ``tag``. Raises PUBLISH_FAILED for a draft of one."""
        found = self.releases.find(tag)
        if found is None:
            self.releases.require_no_draft(tag)
        return found

    def create_release(self, tag: str, *, sha: str, title: str, notes: str, early: bool) -> str:
        """Publish a Release, once; answer its address."""
        return self.releases.create(tag, sha=sha, title=title, notes=notes, early=early)

    def find_labels(self, number: int) -> frozenset[str]:
        """The labels of a pull request, which GitHub keeps as those of an issue."""
        found = self.api.get(f"issues/{number}/labels?per_page=100", Labels).root
        return frozenset(each.name for each in found)

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """Give a pull request labels; doing it twice is harmless."""
        self.api.change(
            lambda: self.api.send("POST", f"issues/{number}/labels", {"labels": list(labels)}),
            landed=lambda: True if self.find_labels(number) >= {*labels} else None,
        )

    def has_label(self, name: str) -> bool:
        """True when the repository has the label."""
        try:
            self.api.get(f"labels/{quote(name, safe='')}", Label)
        except GitHubError as error:
            if error.status == 404:
                return False
            raise
        return True

    # What a release will need.

    def about(self, repo: str) -> AboutRepository:
        """Who asks, what they may do, and what is open; one call.

        ``repo`` is the name in the tier graph, which release branches end with.
        """
        return about(self.api.ask(ABOUT, About), repo)
