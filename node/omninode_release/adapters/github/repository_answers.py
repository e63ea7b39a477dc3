"""What GitHub's GraphQL API answers to the one question about a repository (``about.ABOUT``)."""

from __future__ import annotations

from pydantic import Field

from omninode_release.adapters.github.answers import GraphAnswer, Id, Named, Nodes, Page
from omninode_release.adapters.github.rest_answers import Number


class Author(GraphAnswer):
    typename: str = Field(alias="__typename")


class OpenedPull(GraphAnswer):
    number: Number
    url: str
    head_ref_name: str
    author: Author | None


class OpenedPulls(Nodes[OpenedPull]):
    page_info: Page


class NumberedPull(GraphAnswer):
    number: Number
    url: str


class ReleaseRef(GraphAnswer):
    name: str
    associated_pull_requests: Nodes[NumberedPull]


class ReleaseRefs(Nodes[ReleaseRef]):
    page_info: Page


class Viewer(GraphAnswer):
    login: str


class RefName(GraphAnswer):
    include: list[str]
    exclude: list[str]


class Conditions(GraphAnswer):
    ref_name: RefName | None


class NamePattern(GraphAnswer):
    """What a rule wants a name to be like; the parameters of other kinds have none of this."""

    operator: str | None = None
    pattern: str | None = None
    negate: bool = False


class RulesetRule(GraphAnswer):
    type: str
    parameters: NamePattern | None


class Ruleset(GraphAnswer):
    """Rules of the repository or its organisation about the refs that it names."""

    database_id: int | None
    name: str
    target: str | None
    enforcement: str
    conditions: Conditions
    rules: Nodes[RulesetRule] | None


class Parent(GraphAnswer):
    """The repository that another is a fork of."""

    name_with_owner: str
    url: str


class Repository(GraphAnswer):
    rulesets: Nodes[Ruleset] | None = None
    name_with_owner: str
    """What it is called now; a question about its former name is answered, too."""
    url: str
    parent: Parent | None
    viewer_permission: str | None
    is_archived: bool
    squash_merge_allowed: bool
    default_branch_ref: Named | None
    merge_queue: Id | None
    """Through it the base branch is merged into."""
    refs: ReleaseRefs | None
    pull_requests: OpenedPulls


class About(GraphAnswer):
    """All that ``ABOUT`` answers."""

    viewer: Viewer
    repository: Repository
