"""GitHub's answers as values: each is judged whole where it comes in, and holds what is used of it.

What a field may be stands here and nowhere else. A field that GitHub adds is passed over; one that
is missing, or of another kind, makes the answer one that was not understood.
"""

from __future__ import annotations

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from omninode_release.adapters.github.rest_answers import Number, Oid, RestAnswer

_T = TypeVar("_T")


class GraphAnswer(RestAnswer):
    """A part of an answer of the GraphQL API, whose names are camelCase."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=False)


class Nodes(GraphAnswer, Generic[_T]):
    """A connection; GraphQL may leave holes for what the viewer may not see."""

    nodes: list[_T | None] | None = None

    @property
    def seen(self) -> list[_T]:
        """Those that are there."""
        return [node for node in self.nodes or () if node is not None]


class Page(GraphAnswer):
    """Where a connection ends."""

    has_next_page: bool
    end_cursor: str | None = None


class Named(GraphAnswer):
    """Anything of which the name alone is asked."""

    name: str


class Linked(GraphAnswer):
    """Anything of which the address alone is asked."""

    url: str


class Id(GraphAnswer):
    id: str


class Commit(GraphAnswer):
    oid: Oid


# FIND.


class FoundPull(GraphAnswer):
    number: Number
    base_ref_name: str
    is_cross_repository: bool


class FoundPulls(GraphAnswer):
    """The repository that ``FIND`` answers."""

    pull_requests: Nodes[FoundPull]


# VIEW and MORE_CHECKS.


class ActionsRun(GraphAnswer):
    event: str
    workflow: Named


class App(GraphAnswer):
    slug: str


class CheckSuite(GraphAnswer):
    id: str
    app: App | None
    workflow_run: ActionsRun | None = None


class CheckRun(GraphAnswer):
    """A check of an app, such as a job of Actions."""

    typename: Literal["CheckRun"] = Field(alias="__typename")
    name: str
    status: str
    conclusion: str | None
    details_url: str | None
    started_at: str | None
    completed_at: str | None
    title: str | None
    is_required: bool
    check_suite: CheckSuite


StatusState = Literal["SUCCESS", "PENDING", "EXPECTED", "FAILURE", "ERROR"]


class StatusContext(GraphAnswer):
    """A status that another service set."""

    typename: Literal["StatusContext"] = Field(alias="__typename")
    context: str
    state: StatusState
    target_url: str | None
    description: str | None
    is_required: bool


CheckContext = Annotated[CheckRun | StatusContext, Field(discriminator="typename")]


class CheckContexts(Nodes[CheckContext]):
    page_info: Page


class Rollup(GraphAnswer):
    state: StatusState
    """Of all of them together, also of those that the login is not shown."""
    contexts: CheckContexts


class Checked(GraphAnswer):
    """A pull request's checks, one page of them; null until the first has reported."""

    status_check_rollup: Rollup | None = None


class MoreChecks(GraphAnswer):
    """The repository that ``MORE_CHECKS`` answers."""

    pull_request: Checked


class Happened(GraphAnswer):
    """That it was merged, or put out of the merge queue."""

    commit: Commit | None = None
    reason: str | None = None


class Review(GraphAnswer):
    state: str
    url: str


class Thread(GraphAnswer):
    is_resolved: bool
    comments: Nodes[Linked]


class RequiredCheck(GraphAnswer):
    context: str


class RuleParameters(GraphAnswer):
    """What is asked of two kinds of rules; the others have neither."""

    required_status_checks: list[RequiredCheck] | None = None
    required_review_thread_resolution: bool | None = None


class Rule(GraphAnswer):
    type: str
    parameters: RuleParameters | None = None


class UpdateRule(GraphAnswer):
    required_status_check_contexts: list[str | None] | None = None
    requires_conversation_resolution: bool | None = None
    requires_signatures: bool | None = None


class BaseRef(GraphAnswer):
    """The base branch and its rules."""

    ref_update_rule: UpdateRule | None = None
    rules: Nodes[Rule] | None = None


class Pull(Checked):
    """A pull request, and everything a merge depends on."""

    number: Number
    url: str
    state: Literal["OPEN", "MERGED", "CLOSED"]
    is_draft: bool
    head_ref_name: str
    head_ref_oid: Oid
    base_ref_name: str
    body: str
    mergeable: str
    merge_state_status: str
    merge_commit: Commit | None
    is_merge_queue_enabled: bool
    is_in_merge_queue: bool
    timeline_items: Nodes[Happened]
    review_decision: Literal["APPROVED", "CHANGES_REQUESTED", "REVIEW_REQUIRED"] | None
    latest_opinionated_reviews: Nodes[Review] | None
    review_threads: Nodes[Thread]
    base_ref: BaseRef | None = None


class Viewed(GraphAnswer):
    """The repository that ``VIEW`` answers."""

    pull_request: Pull


class Target(GraphAnswer):
    id: str
    is_merge_queue_enabled: bool


class Targeted(GraphAnswer):
    """The repository that ``TARGET`` answers."""

    pull_request: Target
