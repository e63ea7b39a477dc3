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


class _Graph(RestAnswer):
    """A part of an answer of the GraphQL API, whose names are camelCase."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=False)


class Nodes(_Graph, Generic[_T]):
    """A connection; GraphQL may leave holes for what the viewer may not see."""

    nodes: list[_T | None] | None = None

    @property
    def seen(self) -> list[_T]:
        """Those that are there."""
        return [node for node in self.nodes or () if node is not None]


class Page(_Graph):
    """Where a connection ends."""

    has_next_page: bool
    end_cursor: str | None = None


class Named(_Graph):
    """Anything of which the name alone is asked."""

    name: str


class Linked(_Graph):
    """Anything of which the address alone is asked."""

    url: str


class Id(_Graph):
    id: str


class Commit(_Graph):
    oid: Oid


# FIND.


class FoundPull(_Graph):
    number: Number
    is_cross_repository: bool


class FoundPulls(_Graph):
    """The repository that ``FIND`` answers."""

    pull_requests: Nodes[FoundPull]


# VIEW and MORE_CHECKS.


class ActionsRun(_Graph):
    event: str
    workflow: Named


class CheckSuite(_Graph):
    workflow_run: ActionsRun | None = None


class CheckRun(_Graph):
    """A check of an app, such as a job of Actions."""

    typename: Literal["CheckRun"] = Field(alias="__typename")
    name: str
    status: str
    conclusion: str | None
    details_url: str | None
    started_at: str | None
    title: str | None
    is_required: bool
    check_suite: CheckSuite


class StatusContext(_Graph):
    """A status that another service set."""

    typename: Literal["StatusContext"] = Field(alias="__typename")
    context: str
    state: Literal["SUCCESS", "PENDING", "EXPECTED", "FAILURE", "ERROR"]
    target_url: str | None
    description: str | None
    is_required: bool


CheckContext = Annotated[CheckRun | StatusContext, Field(discriminator="typename")]


class CheckContexts(Nodes[CheckContext]):
    page_info: Page


class Rollup(_Graph):
    contexts: CheckContexts


class Checked(_Graph):
    """A pull request's checks, one page of them; null until the first has reported."""

    status_check_rollup: Rollup | None = None


class MoreChecks(_Graph):
    """The repository that ``MORE_CHECKS`` answers."""

    pull_request: Checked | None


class Review(_Graph):
    state: str
    url: str


class Thread(_Graph):
    is_resolved: bool
    comments: Nodes[Linked]


class RequiredCheck(_Graph):
    context: str


class RuleParameters(_Graph):
    """What is asked of two kinds of rules; the others have neither."""

    required_status_checks: list[RequiredCheck] | None = None
    required_review_thread_resolution: bool | None = None


class Rule(_Graph):
    parameters: RuleParameters | None = None


class UpdateRule(_Graph):
    required_status_check_contexts: list[str | None] | None = None
    requires_conversation_resolution: bool | None = None


class BaseRef(_Graph):
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
    review_decision: Literal["APPROVED", "CHANGES_REQUESTED", "REVIEW_REQUIRED"] | None
    latest_opinionated_reviews: Nodes[Review] | None
    review_threads: Nodes[Thread]
    base_ref: BaseRef | None = None


class Viewed(_Graph):
    """The repository that ``VIEW`` answers."""

    pull_request: Pull | None


class Target(_Graph):
    id: str
    is_merge_queue_enabled: bool


class Targeted(_Graph):
    """The repository that ``TARGET`` answers."""

    pull_request: Target | None


# ABOUT.


class Author(_Graph):
    typename: str = Field(alias="__typename")


class OpenedPull(_Graph):
    number: Number
    url: str
    head_ref_name: str
    author: Author | None


class OpenedPulls(Nodes[OpenedPull]):
    page_info: Page


class NumberedPull(_Graph):
    number: Number
    url: str


class ReleaseRef(_Graph):
    name: str
    associated_pull_requests: Nodes[NumberedPull]


class ReleaseRefs(Nodes[ReleaseRef]):
    page_info: Page


class Viewer(_Graph):
    login: str


class RefName(_Graph):
    include: list[str]
    exclude: list[str]


class Conditions(_Graph):
    ref_name: RefName | None


class NamePattern(_Graph):
    """What a rule wants a name to be like; the parameters of other kinds have none of this."""

    operator: str | None = None
    pattern: str | None = None
    negate: bool = False


class RulesetRule(_Graph):
    type: str
    parameters: NamePattern | None


class Ruleset(_Graph):
    """Rules of the repository or its organisation about the refs that it names."""

    database_id: int | None
    name: str
    target: str | None
    enforcement: str
    conditions: Conditions
    rules: Nodes[RulesetRule] | None


class Parent(_Graph):
    """The repository that another is a fork of."""

    name_with_owner: str
    url: str


class Repository(_Graph):
    rulesets: Nodes[Ruleset] | None = None
    name_with_owner: str
    url: str
    parent: Parent | None
    viewer_permission: str | None
    is_archived: bool
    squash_merge_allowed: bool
    default_branch_ref: Named | None
    merge_queue: Id | None
    refs: ReleaseRefs | None
    pull_requests: OpenedPulls


class About(_Graph):
    """All that ``ABOUT`` answers."""

    viewer: Viewer
    repository: Repository
